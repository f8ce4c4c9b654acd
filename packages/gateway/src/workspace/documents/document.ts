import { isUtf8 } from "node:buffer";
import type { BigIntStats } from "node:fs";
import { join } from "node:path";
import { SerialQueue } from "../../base/serial-queue.ts";
import { unlessMissing } from "../../system/missing-file.ts";
import { FileError, notFound } from "../file-error.ts";
import type { FileWork } from "../file-work.ts";
import type { FileLimits } from "../limits.ts";
import { requireInert } from "../notebooks/inert.ts";
import { isReplaceable, modifiedOf, signatureOf } from "../tree/entry.ts";
import { createFile, Replacement, requireSpace } from "../tree/replacement.ts";
import type { EntryLocation, Found } from "../tree/tree.ts";
import { type Content, hashWhole, isForeignText, readWhole, type Saved, tooLarge, versionOf } from "./content.ts";
import type { History } from "./history.ts";
import type { LiveText, LiveTexts } from "./live-texts.ts";

/** How often a save begins anew because the file changed under it. */
const maxAttempts = 5;

/** Age of a state from which on the next change has another time. Milliseconds; the coarsest clocks count in seconds. */
const settled = 2_500;

export interface DocumentServices {
  readonly limits: FileLimits;
  readonly history: History;
  readonly work: FileWork;
  /** Absolute, without links. */
  readonly root: string;
  /** Undefined where nothing is ever live. */
  readonly live?: LiveTexts | undefined;
}

/** A change of a file by a guest. */
export interface Save {
  /** Undefined: the owner. */
  readonly session: string | undefined;
  /** Of the session. */
  readonly share?: string | undefined;
  /** The live text itself is saved, which no other save may go around. */
  readonly isLive?: boolean;
  /** Finds the file, at each attempt anew, under the guest's rights of that moment. */
  readonly find: () => Promise<Found>;
  /** The path by which the guest names it: a link may have another name than the file. */
  readonly named: string;
  /** What the file held when the guest began, where that is known. */
  readonly begun: Buffer | undefined;
  /** The new content, given the current one. Throws the error for the guest. */
  readonly change: (current: Content) => Buffer | Promise<Buffer>;
}

/**
 * One file that guests read and write: all their text goes through here, one save after the other (RULES R13). The disk is
 * the truth, and is read each time.
 */
export class Document {
  /** Relative to the root, after links. */
  readonly path: string;
  /** The last write by guests and its session: a change to this state is theirs. */
  lastWritten: { readonly version: string; readonly session: string } | undefined;
  readonly #services: DocumentServices;
  #known: { readonly signature: string; readonly version: string } | undefined;
  readonly #turns = new SerialQueue();

  constructor(path: string, services: DocumentServices) {
    this.path = path;
    this.#services = services;
  }

  get isBusy(): boolean {
    return this.#turns.size > 0;
  }

  /** The version of a state that was read before; cheap. */
  knownVersion(found: Found): string | undefined {
    return this.#known?.signature === signatureOf(found.stats) ? this.#known.version : undefined;
  }

  /**
   * The current content.
   * @throws FileError TOO_LARGE beyond `most` bytes
   */
  async read(found: Found, max: number): Promise<Content & { readonly bytes: Buffer }> {
    if (found.kind !== "file") throw new FileError("NOT_A_FILE", "This is a folder.");
    if (found.stats.size > BigInt(max)) throw tooLarge(max);
    await using handle = await found.openToRead();
    const bytes = await readWhole(handle, max);
    const version = versionOf(bytes);
    this.#know(found.stats, await handle.stat({ bigint: true }), version);
    return { bytes, version };
  }

  /** The version of the current content, unless it is too large for guests. */
  async version(found: Found): Promise<string | undefined> {
    const known = this.knownVersion(found);
    if (known !== undefined || found.stats.size > BigInt(this.#services.limits.read)) return known;
    return (await this.read(found, this.#services.limits.read)).version;
  }

  /**
   * Changes the file; begins anew where it changes meanwhile.
   * @throws FileError NOT_FOUND if it is gone; DENIED, NO_SPACE, TOO_LARGE, UNSAFE; whatever `change` throws
   */
  save(save: Save): Promise<Saved> {
    const live = save.isLive ? undefined : this.#live();
    return live === undefined ? this.#saveToDisk(save) : this.#saveLive(save, live);
  }

  #live(): LiveText | undefined {
    const { live, root } = this.#services;
    return live?.find(join(root, this.path));
  }

  /** The newest text is not on the disk: there is one writer for both (RULES R24). */
  async #saveLive(save: Save, live: LiveText): Promise<Saved> {
    for (let attempt = 0; attempt < maxAttempts && this.#live() === live; attempt += 1) {
      const current = live.content();
      const bytes = await save.change(current);
      await using found = await save.find();
      if (found.path !== this.path) throw notFound();
      requireReplaceable(found);
      if (bytes.length > this.#services.limits.read) throw tooLarge(this.#services.limits.read);
      const saved = await live.replace(current, bytes, { session: save.session, share: save.share });
      if (saved !== undefined) return saved;
    }
    if (this.#live() === live) throw new FileError("BUSY", "The file keeps changing. Try again in a moment.");
    return this.save(save);
  }

  #saveToDisk(save: Save): Promise<Saved> {
    return this.#turns.run(async () => {
      await using found = await save.find();
      return await this.#services.work.inFile(found.parent, found.name, () => this.#saveInTurn(save));
    });
  }

  /**
   * Makes the file with its content.
   * @param held what it, or the one it is a copy of, held before
   * @throws EEXIST; FileError UNSAFE
   */
  create(location: EntryLocation, bytes: Buffer, session: string, held: readonly Buffer[] = []): Promise<Saved> {
    const make = async (): Promise<Saved> => {
      await requireInert({ session, paths: [this.path], bytes, before: held }, this.#services.work.checker);
      await requireSpace(location.folder, bytes.length, this.#services.limits);
      await createFile(location.folder, location.name, bytes);
      const version = this.#remember(bytes, session);
      const stats = await location.folder.statEntry(location.name);
      return { bytes, before: null, original: null, version, modified: modifiedOf(stats) };
    };
    return this.#turns.run(() => this.#services.work.inFile(location.folder, location.name, make));
  }

  async #saveInTurn(save: Save): Promise<Saved> {
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const saved = await this.#attempt(save);
      if (saved !== undefined) return saved;
    }
    throw new FileError("BUSY", "The file keeps changing. Try again in a moment.");
  }

  /** @returns undefined if the file changed while it was written: begin anew */
  async #attempt(save: Save): Promise<Saved | undefined> {
    await using found = await save.find();
    // A link that leads to another file by now is another Document's.
    if (found.path !== this.path) throw notFound();
    requireReplaceable(found);
    const current = await this.#current(found);
    const bytes = await save.change(current);
    const { limits, work } = this.#services;
    if (bytes.length > limits.file) throw tooLarge(limits.file);
    requireSameEncoding(bytes, current);
    const before = [current.bytes, ...(save.begun === undefined ? [] : [save.begun])];
    const { session, named } = save;
    // The owner may write what they like; of guests' text there is only what was let through before.
    if (session !== undefined) {
      await requireInert({ session, paths: [this.path, named], bytes, before }, work.checker);
    }
    await requireSpace(found.parent, bytes.length, limits);
    const replacement = await Replacement.prepare(found.parent, bytes, found.stats);
    try {
      // Found again, with the guest's current rights: the file may have changed.
      await using again = await save.find();
      if (!(await this.#isStill(again, current))) return undefined;
      await replacement.commit(found.name);
    } finally {
      await replacement.discard();
    }
    const version = this.#remember(bytes, save.session);
    const stats = await found.parent.statEntry(found.name);
    const modified = modifiedOf(stats);
    return { bytes, before: current.version, original: current.bytes, version, modified };
  }

  async #current(found: Found): Promise<Content> {
    const { limits } = this.#services;
    if (found.stats.size <= BigInt(limits.read)) return this.read(found, limits.read);
    if (found.stats.size > BigInt(limits.file)) throw tooLarge(limits.file);
    await using handle = await found.openToRead();
    return { bytes: undefined, version: await hashWhole(handle) };
  }

  /** Whether the file's content is still what was read; the last check comes right before it is replaced. */
  async #isStill(again: Found, current: Content): Promise<boolean> {
    requireReplaceable(again);
    if (again.path !== this.path || (await this.#current(again)).version !== current.version) return false;
    const stats = await unlessMissing(again.parent.statEntry(again.name));
    return stats !== undefined && signatureOf(stats) === signatureOf(again.stats);
  }

  /**
   * Keeps which state has which version. Not of files that were written to while they were read, nor just before: the
   * file system's clock is too coarse to tell the next change from that one.
   */
  #know(before: BigIntStats, after: BigIntStats, version: string): void {
    const signature = signatureOf(before);
    const isSettled = Date.now() - Number(after.ctimeMs) > settled;
    if (isSettled && signatureOf(after) === signature) this.#known = { signature, version };
  }

  #remember(bytes: Buffer, session: string | undefined): string {
    const version = versionOf(bytes);
    this.#services.history.keep(this.path, version, bytes);
    this.lastWritten = session === undefined ? undefined : { version, session };
    return version;
  }
}

/**
 * @throws FileError DENIED for hard links and files that are read-only: replacing them would change something else, or
 *   what the owner locked
 */
function requireReplaceable({ stats }: Found): void {
  if (stats.isDirectory()) throw new FileError("NOT_A_FILE", "This is a folder.");
  if (stats.nlink > 1n)
    throw new FileError("DENIED", "The file has a second name (a hard link), so it cannot be replaced.");
  if (!isReplaceable(stats)) throw new FileError("DENIED", "The file is read-only.");
}

/**
 * Text in another encoding than UTF-8 would come back with other bytes than it had: guests do not change it. Other bytes may be
 * replaced as a whole, by other bytes, but not by what an editor makes of them.
 * @throws FileError DENIED
 */
function requireSameEncoding(bytes: Buffer, { bytes: current }: Content): void {
  if (current === undefined || isUtf8(current) || current.equals(bytes)) return;
  if (!isForeignText(current) && !isUtf8(bytes)) return;
  throw new FileError(
    "DENIED",
    "The file is not text in UTF-8, and guests cannot change it: saving it here would damage other parts of it.",
  );
}
