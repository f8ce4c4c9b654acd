import type { BigIntStats } from "node:fs";
import { link, mkdir, rename, rmdir, unlink } from "node:fs/promises";
import { hasCode } from "../../base/error-code.ts";
import { unlessMissing } from "../../system/missing-file.ts";
import { FileError, notFound } from "../file-error.ts";
import type { FileWork } from "../file-work.ts";
import { requireNoRepository } from "../rules/bare-repository.ts";
import { joined, type Rights } from "../rules/rights.ts";
import type { Folder } from "./folder.ts";
import { SubtreeCheck } from "./subtree-check.ts";
import type { EntryLocation, Tree } from "./tree.ts";

/** New folders; the umask takes more away. */
const newFolderMode = 0o755;

/** Errors of `link` where a file system or its rules have none. */
const withoutLinks = ["EPERM", "EOPNOTSUPP", "ENOTSUP", "ENOSYS", "EMLINK", "EXDEV", "EACCES"] as const;

/** Whether a file is still the one that was checked, unchanged. */
export type SameFile = (stats: BigIntStats) => boolean;

/** The guest's current rights; checked again before each step that changes something. */
export type RightsNow = () => Rights;

/**
 * Making, renaming and deleting, one after the other in the whole gateway: what was checked stays so as far as guests go,
 * even if another share contains the same folder below another root.
 */
export class Structure {
  readonly #tree: Tree;
  readonly #work: FileWork;
  readonly #guest: string;

  /** @param guest whose it is: guests take turns, so that one who deletes much delays the others by one folder at most */
  constructor(tree: Tree, work: FileWork, guest: string) {
    this.#tree = tree;
    this.#work = work;
    this.#guest = guest;
  }

  /**
   * Calls `make` for a place where nothing is.
   * @throws FileError EXISTS; NOT_FOUND where there is something that the guest does not see
   */
  create<Result>(path: string, rights: RightsNow, make: (location: EntryLocation) => Promise<Result>): Promise<Result> {
    return this.#inTurn(async () => {
      await using location = await this.#tree.location(path, rights(), "create");
      await this.#requireFree(location, path, rights());
      await requireNoRepository(location);
      rights().require("create", location.path);
      try {
        return await make(location);
      } catch (error) {
        if (hasCode(error, "EEXIST")) await this.#requireFree(location, path, rights());
        throw error;
      }
    });
  }

  /** @returns its path after links, as all of these */
  createFolder(path: string, rights: RightsNow): Promise<string> {
    return this.create(path, rights, async (location) => {
      await mkdir(location.folder.entry(location.name), newFolderMode);
      return location.path;
    });
  }

  /**
   * A link is renamed itself.
   * @param inspect checks a file that the new name makes another kind of file; its result tells whether that file is moved
   * @throws FileError EXISTS: nothing is ever replaced; DENIED for folders that contain what guests may not touch; what
   * `inspect` throws
   */
  rename(
    from: string,
    to: string,
    rights: RightsNow,
    signal: AbortSignal,
    inspect: (source: EntryLocation, target: EntryLocation) => Promise<SameFile | undefined>,
  ): Promise<{ readonly from: string; readonly to: string }> {
    return this.#inTurn(async () => {
      await using source = await this.#tree.location(from, rights(), "rename");
      rights().requireNoProgram(await this.#requireSeen(from, rights()));
      await using target = await this.#tree.location(to, rights(), "rename");
      await this.#requireFree(target, to, rights());
      await requireNoRepository(target);
      const stats = await source.folder.statEntry(source.name);
      if (stats.isDirectory()) await new SubtreeCheck(this.#tree, rights(), "rename", signal).run(source, target.path);
      const isSame = stats.isDirectory() ? undefined : await inspect(source, target);
      rights().require("rename", source.path);
      rights().require("rename", target.path);
      if (stats.isDirectory()) await rename(source.folder.entry(source.name), target.folder.entry(target.name));
      else await this.#inFiles(source, target, () => moveFile(source, target, isSame));
      return { from: source.path, to: target.path };
    });
  }

  /**
   * A link is deleted itself.
   * @throws FileError NOT_EMPTY; DENIED for folders that hold what guests may not touch: then nothing is deleted
   */
  delete(path: string, recursive: boolean, rights: RightsNow, signal: AbortSignal): Promise<string> {
    return this.#inTurn(async () => {
      await using location = await this.#tree.location(path, rights(), "delete");
      await this.#requireSeen(path, rights());
      const stats = await location.folder.statEntry(location.name);
      rights().require("delete", location.path);
      if (!stats.isDirectory()) {
        await this.#work.inFile(location.folder, location.name, () => unlink(location.folder.entry(location.name)));
      } else if (recursive) await this.#deleteFolder(location, rights, signal);
      else await this.#deleteEmpty(location, rights(), signal);
      return location.path;
    });
  }

  async #deleteEmpty(location: EntryLocation, rights: Rights, signal: AbortSignal): Promise<void> {
    try {
      await rmdir(location.folder.entry(location.name));
    } catch (error) {
      // It may contain files that the guest does not see: the error must not mention emptiness.
      if (hasCode(error, "ENOTEMPTY")) await new SubtreeCheck(this.#tree, rights, "delete", signal).run(location);
      throw error;
    }
  }

  async #deleteFolder(location: EntryLocation, rights: RightsNow, signal: AbortSignal): Promise<void> {
    await new SubtreeCheck(this.#tree, rights(), "delete", signal).run(location);
    await deleteTree(location.folder, location.name, location.path, rights, signal);
  }

  async #requireSeen(path: string, rights: Rights): Promise<{ readonly stats: BigIntStats }> {
    await using found = await this.#tree.find(path, rights);
    return { stats: found.stats };
  }

  async #requireFree(location: EntryLocation, path: string, rights: Rights): Promise<void> {
    const stats = await unlessMissing(location.folder.statEntry(location.name));
    if (stats === undefined) return;
    await using found = await this.#tree.look(path, rights);
    if (found === undefined) throw notFound();
    throw new FileError("EXISTS", "There is already a file or folder with this name.");
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#work.structure.run(this.#guest, work);
  }

  /** Nothing is saved meanwhile in either place. Saves wait for one place only, so that there is no deadlock. */
  #inFiles<Result>(one: EntryLocation, other: EntryLocation, work: () => Promise<Result>): Promise<Result> {
    return this.#work.inFile(one.folder, one.name, () => this.#work.inFile(other.folder, other.name, work));
  }
}

/**
 * As `rename`, but never over a new file, if the file system can do that.
 * @throws FileError BUSY if another file was moved than the one that was checked; it was moved back
 */
async function moveFile(source: EntryLocation, target: EntryLocation, isSame: SameFile = () => true): Promise<void> {
  const [from, to] = [source.folder.entry(source.name), target.folder.entry(target.name)];
  let isLinked = true;
  try {
    await link(from, to);
  } catch (error) {
    if (!hasCode(error, ...withoutLinks)) throw error;
    isLinked = false;
    await rename(from, to);
  }
  if (!isSame(await target.folder.statEntry(target.name))) {
    await (isLinked ? unlink(to) : rename(to, from));
    throw new FileError("BUSY", "The file changed while it was renamed. Try again in a moment.");
  }
  if (!isLinked) return;
  try {
    await unlink(from);
  } catch (error) {
    // It may not be taken away from there: then nothing has happened.
    await unlink(to);
    throw error;
  }
}

/** Checks the rights at each entry: an owner who ends the share ends this too. */
async function deleteTree(
  parent: Folder,
  name: string,
  path: string,
  rights: RightsNow,
  signal: AbortSignal,
): Promise<void> {
  await using folder = await parent.openFolder(name);
  for (const entry of await folder.names()) {
    signal.throwIfAborted();
    const place = joined(path, entry);
    rights().require("delete", place);
    const stats: BigIntStats | undefined = await unlessMissing(folder.statEntry(entry));
    if (stats?.isDirectory()) await deleteTree(folder, entry, place, rights, signal);
    else if (stats !== undefined) await unlessMissing(unlink(folder.entry(entry)));
  }
  await rmdir(parent.entry(name));
}
