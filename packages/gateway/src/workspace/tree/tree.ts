import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { Operation } from "@waiide/protocol";
import { hasCode } from "../../base/error-code.ts";
import { FileError, fileErrorOf, notFound } from "../file-error.ts";
import type { FolderKinds } from "../rules/folder-kinds.ts";
import { joined, type Rights, segmentsOf } from "../rules/rights.ts";
import { findFiles } from "./file-identity.ts";
import { Folder } from "./folder.ts";

/** Links followed on the way to one file, as in Linux itself (path_resolution(7)). */
const maxLinks = 40;

/** Steps on the way to one file, those of links included. */
const maxSteps = 4_096;

const changing: ReadonlySet<Operation> = new Set(["write", "create", "rename", "delete"]);

/** An open file or folder. The caller closes it. */
export class Found {
  /** Relative to the root, after links. */
  readonly path: string;
  readonly stats: BigIntStats;
  /** The folder it lies in; of the root, the root. */
  readonly parent: Folder;
  /** Its name there; empty for the root. */
  readonly name: string;
  readonly #handle: FileHandle;

  constructor(handle: FileHandle, stats: BigIntStats, path: string, parent: Folder) {
    this.#handle = handle;
    this.stats = stats;
    this.path = path;
    this.parent = parent;
    this.name = path.slice(path.lastIndexOf("/") + 1);
  }

  get kind(): "file" | "folder" {
    return this.stats.isDirectory() ? "folder" : "file";
  }

  /** A name of the file itself for this process, wherever its path leads by now. */
  get place(): string {
    return `/proc/self/fd/${this.#handle.fd}`;
  }

  /** As a folder; closed with this. */
  get folder(): Folder {
    if (this.kind !== "folder") throw notFound();
    return new Folder(this.#handle, true);
  }

  /** @throws FileError NOT_A_FILE for folders */
  async openToRead(): Promise<FileHandle> {
    if (this.kind !== "file") throw new FileError("NOT_A_FILE", "This is a folder.");
    return open(this.place, constants.O_RDONLY | constants.O_NONBLOCK);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
    await this.parent.close();
  }
}

/** The place of something that may not exist yet: an open folder and a name in it. The caller closes it. */
export class EntryLocation {
  readonly folder: Folder;
  readonly name: string;
  /** Relative to the root, links among its folders followed. */
  readonly path: string;
  readonly #found: Found;

  constructor(found: Found, name: string) {
    this.#found = found;
    this.folder = found.folder;
    this.name = name;
    this.path = joined(found.path, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#found[Symbol.asyncDispose]();
  }
}

/**
 * The files below a share's root. Every path is walked step by step from the root's handle, and no step follows a link by
 * itself, so that nothing can change between a check and its use (RULES R9). The text of a link is walked in the same
 * way, under the same rights.
 */
export class Tree {
  readonly #root: Folder;
  /** Absolute links that begin so lead into the root. */
  readonly #rootSteps: readonly (readonly string[])[];
  /** Every folder on the way is checked: its kind decides what is visible below (RULES R10). */
  readonly #kinds: FolderKinds;

  private constructor(root: Folder, paths: readonly string[], kinds: FolderKinds) {
    this.#root = root;
    this.#kinds = kinds;
    this.#rootSteps = paths.map(stepsOf);
  }

  /** @param paths the root's absolute paths, with links and without; the first is opened */
  static async open(paths: readonly [string, ...string[]], kinds: FolderKinds): Promise<Tree> {
    return new Tree(await Folder.open(paths[0]), paths, kinds);
  }

  /** Finds out what an entry of a folder is, if it is a folder. @param path of the entry, links followed */
  async lookAt(folder: Folder, name: string, path: string, stats: BigIntStats): Promise<void> {
    if (stats.isDirectory()) await this.#kinds.look(folder.entry(name), path, stats);
  }

  /** Files by their identities, wherever they lie below the root. See `findFiles`. */
  findFiles(wanted: ReadonlySet<string>): Promise<Map<string, string>> {
    return findFiles(this.#root.borrow(), wanted);
  }

  close(): Promise<void> {
    return this.#root.close();
  }

  /**
   * The file or folder of a path, links followed.
   * @throws FileError NOT_FOUND for what is missing, hidden from the guest, or neither file nor folder; DENIED for what the
   * guest sees but may not use this way
   */
  async find(path: string, rights: Rights, operation: Operation = "read"): Promise<Found> {
    const segments = segmentsOf(path);
    await this.#kinds.lookAgain(this.#root, segments);
    rights.require(operation, path);
    const found = await this.#walk(segments, rights, operation);
    try {
      rights.require(operation, found.path);
      if (operation === "write") rights.requireNoProgram(found);
    } catch (error) {
      await found[Symbol.asyncDispose]();
      throw error;
    }
    return found;
  }

  /** Like `find`, for what was read in a folder and may be gone or out of sight. */
  async look(path: string, rights: Rights): Promise<Found | undefined> {
    try {
      return await this.find(path, rights);
    } catch (error) {
      const { code } = fileErrorOf(error);
      if (code === "NOT_FOUND" || code === "DENIED") return undefined;
      throw error;
    }
  }

  /**
   * The folder of a path, and the last name, which is not checked.
   * @throws FileError NOT_FOUND, DENIED as `find`
   */
  async location(path: string, rights: Rights, operation: Operation): Promise<EntryLocation> {
    const segments = segmentsOf(path);
    await this.#kinds.lookAgain(this.#root, segments);
    rights.require(operation, path);
    const name = segments.pop();
    if (name === undefined) throw notFound();
    const found = await this.#walk(segments, rights, operation);
    try {
      const location = new EntryLocation(found, name);
      rights.require(operation, location.path);
      return location;
    } catch (error) {
      await found[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #walk(segments: readonly string[], rights: Rights, operation: Operation): Promise<Found> {
    const way = new Way(this.#root.borrow(), segments, changing.has(operation));
    try {
      await this.#enter(way, this.#root, "");
      for (let step = 0; step < maxSteps; step += 1) {
        const found = await this.#step(way, rights);
        if (found !== undefined) return found;
      }
      throw notFound();
    } catch (error) {
      await way.folder.close();
      throw fileErrorOf(error);
    }
  }

  /** One step. The result owns the folder. */
  async #step(way: Way, rights: Rights): Promise<Found | undefined> {
    const name = way.ahead.pop();
    if (name === undefined) return this.#openHere(way);
    if (name === "..") {
      await way.goUp(this.#root.borrow());
      return undefined;
    }
    const path = way.pathOf(name);
    if (!rights.passes(path)) throw notFound();
    if (way.ahead.length === 0) return this.#openLast(way, name, path);
    const next = await openFolder(way.folder, name);
    if (next === undefined) {
      await this.#follow(way, name);
      return undefined;
    }
    await way.enter(next, name);
    await this.#enter(way, next, path);
    return undefined;
  }

  async #enter({ isToChange }: Way, folder: Folder, path: string): Promise<void> {
    await this.#kinds.enter(folder.path, path, await folder.stat(), isToChange);
  }

  /** A path that ends at the root, or a link to it. */
  async #openHere(way: Way): Promise<Found> {
    const handle = await way.folder.duplicate();
    return new Found(handle, await handle.stat({ bigint: true }), "", way.folder);
  }

  async #openLast(way: Way, name: string, path: string): Promise<Found | undefined> {
    const handle = await way.folder.openEntry(name);
    try {
      const stats = await handle.stat({ bigint: true });
      if (stats.isDirectory()) {
        await this.#kinds.enter(`/proc/self/fd/${handle.fd}`, path, stats, way.isToChange);
      }
      if (stats.isFile() || stats.isDirectory()) return new Found(handle, stats, path, way.folder);
      if (!stats.isSymbolicLink()) throw notFound();
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    await this.#follow(way, name);
    return undefined;
  }

  /**
   * Puts a link's text before the remaining segments. It may have changed since it was seen, which is harmless: it is only
   * text.
   */
  async #follow(way: Way, name: string): Promise<void> {
    way.links += 1;
    if (way.links > maxLinks) throw notFound();
    const text = await readLink(way.folder, name);
    const steps = stepsOf(text);
    if (!text.startsWith("/")) {
      way.ahead.push(...steps.toReversed());
      return;
    }
    const root = this.#rootSteps.find((start) => start.every((step, index) => step === steps[index]));
    if (root === undefined) throw notFound();
    await way.restart(this.#root.borrow(), steps.slice(root.length));
  }
}

/** How far a walk has come. */
class Way {
  folder: Folder;
  /** Segments still to go; the next one is the last. */
  readonly ahead: string[];
  /** Whether something will be changed there. */
  readonly isToChange: boolean;
  links = 0;
  /** The names from the root to `folder`; none of them is a link. */
  #names: string[] = [];

  constructor(root: Folder, segments: readonly string[], isToChange: boolean) {
    this.folder = root;
    this.ahead = segments.toReversed();
    this.isToChange = isToChange;
  }

  pathOf(name: string): string {
    return [...this.#names, name].join("/");
  }

  async enter(folder: Folder, name: string): Promise<void> {
    await this.#replace(folder);
    this.#names.push(name);
  }

  /** The folder above is found by walking there again. */
  async goUp(root: Folder): Promise<void> {
    const names = this.#names.slice(0, -1);
    const isOutside = this.#names.length === 0;
    await this.restart(root, names);
    if (isOutside) throw notFound();
  }

  async restart(root: Folder, steps: readonly string[]): Promise<void> {
    await this.#replace(root);
    this.#names = [];
    this.ahead.push(...steps.toReversed());
  }

  async #replace(folder: Folder): Promise<void> {
    const before = this.folder;
    this.folder = folder;
    await before.close();
  }
}

/** Undefined for what is no folder: a link, most likely. */
async function openFolder(folder: Folder, name: string): Promise<Folder | undefined> {
  try {
    return await folder.openFolder(name);
  } catch (error) {
    if (hasCode(error, "ENOTDIR")) return undefined;
    throw error;
  }
}

/** @throws FileError NOT_FOUND for what is no link, too: a socket, a device, or a file that is used as a folder */
async function readLink(folder: Folder, name: string): Promise<string> {
  try {
    return await folder.readLink(name);
  } catch (error) {
    if (hasCode(error, "EINVAL")) throw notFound();
    throw error;
  }
}

function stepsOf(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "" && segment !== ".");
}
