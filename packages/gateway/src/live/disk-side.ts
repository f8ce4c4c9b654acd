import { diffToChange, type Text, toText } from "@waiide/protocol/live";
import type { Logger } from "../base/log.ts";
import { SerialQueue } from "../base/serial-queue.ts";
import { Timer } from "../base/timer.ts";
import type { Saved } from "../workspace/documents/content.ts";
import { versionOf } from "../workspace/documents/content.ts";
import { FileError, fileErrorOf } from "../workspace/file-error.ts";
import type { FileState, SavedFor } from "../workspace/workspace-file.ts";
import { type AttributedWrite, Attribution } from "./attribution.ts";
import { type Author, diskAuthor, type GuestAuthor, guestsAmong, visitOf } from "./author.ts";
import { hashOf, type LiveDocument } from "./live-document.ts";
import { type Decoded, decode, encode, isBeginning, type TextFormat } from "./text-format.ts";
import { WindowSaves } from "./window-saves.ts";

/** Milliseconds. */
export interface DiskTimes {
  /** From the last change to the save, and at most while people type. */
  readonly save: number;
  readonly maxSave: number;
  /** How long a file may be away or half written: programs replace files in several steps. */
  readonly settle: number;
  /** How long after a change of the file a window may still say that it saved it, while one has the lease. */
  readonly window: number;
}

export const diskTimes: DiskTimes = { save: 1_000, maxSave: 5_000, settle: 200, window: 1_500 };

/** A save of a live text. */
export interface LiveWrite {
  /** Absolute path of the file, after links. */
  readonly place: string;
  readonly before: string | null;
  readonly after: string;
  readonly original: Buffer | null | undefined;
  readonly size: number;
  /** Guests whose changes it holds. */
  readonly authors: readonly GuestAuthor[];
}

/** What a program or a deletion would have lost. */
export interface LostText {
  readonly place: string;
  readonly bytes: Buffer;
  /** In whose lists of changes it is kept. */
  readonly authors: readonly GuestAuthor[];
  /** Whose text it is: the file's, or theirs. */
  readonly of: "disk" | "authors";
}

export interface DiskSideOptions {
  readonly document: LiveDocument;
  /** Resolves once the save is in the audit. */
  readonly recorded: (write: LiveWrite) => Promise<void>;
  readonly keep: (lost: LostText) => Promise<void>;
  /** Resolves once it is known whose the changes are. */
  readonly attributed: (write: AttributedWrite) => Promise<void>;
  readonly logger: Logger;
  readonly times: DiskTimes;
  /** The file is gone, or can be live no more. */
  readonly onEnd: (reason: "deleted" | "not-live") => void;
}

/** Whoever saves a live file in the gateway's place: a window of an IDE that has it open. */
export interface Saver {
  /** Asks it to save now. */
  save(): void;
}

/** How often a half-written file is looked at again. */
const maxLooks = 10;

/** Thrown inside a save: the file is not what the text stands on. */
class FileChanged extends Error {}

/** Between a live text and its file: saves the one, and takes what programs did to the other. One thing at a time. */
export class DiskSide {
  readonly #options: DiskSideOptions;
  readonly #turns = new SerialQueue();
  readonly #timer = new Timer();
  readonly #settling = new Set<() => void>();
  #dirtySince: number | undefined;
  #saver: Saver | undefined;
  #isClosed = false;
  /** What windows that save the file say. */
  readonly windows = new WindowSaves();
  /** Guests who wrote since the text was opened, for what is kept of the disk. */
  readonly #guests = new Map<string, GuestAuthor>();
  readonly #attribution: Attribution;

  constructor(options: DiskSideOptions) {
    this.#options = options;
    const { document, attributed } = options;
    this.#attribution = new Attribution(document, (write) => void this.#turns.run(() => attributed(write)));
    for (const author of document.unsaved.values()) this.#note(author);
    document.onChange.add(({ author }) => {
      this.#note(author);
      this.schedule();
    });
  }

  get saver(): Saver | undefined {
    return this.#saver;
  }

  /** While there is a saver, the gateway does not save by itself. */
  set saver(saver: Saver | undefined) {
    this.#saver = saver;
    if (saver === undefined) this.schedule();
    else this.#timer.stop();
  }

  /** Plans a save, if there is anything to save. */
  schedule(): void {
    if (this.#isClosed || this.#saver !== undefined) return;
    const { save, maxSave } = this.#options.times;
    const now = performance.now();
    this.#dirtySince ??= now;
    const wait = Math.max(0, Math.min(save, this.#dirtySince + maxSave - now));
    this.#timer.set(wait, () => void this.trySave());
  }

  /** A person saves. */
  async requestSave(): Promise<void> {
    if (this.#saver !== undefined) this.#saver.save();
    else await this.trySave();
  }

  /** Saves now; people are told where that fails, and it is tried again when something changes. */
  async trySave(): Promise<void> {
    try {
      await this.save();
    } catch (error) {
      const { document, logger } = this.#options;
      const failure = fileErrorOf(error);
      if (failure.code === "FAILED") logger.warn({ err: error }, "a live file could not be saved");
      for (const member of [...document.members]) member.onSaveFailed(failure.message);
    }
  }

  /**
   * Resolves once the file holds what the text is now, or something newer. Not while a window writes the file: its VS Code
   * would find another one than it has just been told of.
   * @returns what was saved; undefined: the file held it already
   * @throws FileError
   */
  async save(): Promise<Saved | undefined> {
    await this.windows.idle();
    return this.#turns.run(() => this.#save());
  }

  /** The file may have changed. */
  look(): Promise<void> {
    return this.#turns.run(() => this.#look());
  }

  /** A window has saved the file. @param hashes of texts, one of which it wrote */
  async wrote(hashes: readonly string[]): Promise<void> {
    this.windows.wrote(hashes);
    await this.look();
    this.windows.wrote([]);
  }

  /** A window has read the file, and knows it by this hash: then no window has written it. */
  async wasRead(hash: string): Promise<void> {
    this.windows.read(hash);
    await this.look();
  }

  /**
   * Writes what a window is about to write, whatever the text is by now: its VS Code finds in the file what it writes, and asks
   * nothing.
   * @param format as the window writes it; undefined: as it is
   * @throws FileError
   */
  write(text: Text, format: Partial<TextFormat> = {}): Promise<void> {
    return this.#turns.run(() => this.#writeFor(text, format));
  }

  /** Resolves when nothing is under way. */
  settled(): Promise<void> {
    return this.#turns.settled();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer.stop();
    for (const wake of this.#settling) wake();
    this.windows.close();
  }

  async #save(): Promise<Saved | undefined> {
    const { document } = this.#options;
    this.#timer.stop();
    for (let attempt = 0; attempt < maxLooks && !document.isClosed; attempt += 1) {
      this.#dirtySince = undefined;
      const { rev, text, format, unsaved } = document;
      const bytes = encode(text, format);
      if (versionOf(bytes) === document.disk.version) {
        document.unsaved = new Map();
        if (document.disk.rev !== rev) document.markSaved(rev, document.disk.version, undefined);
        return undefined;
      }
      document.unsaved = new Map();
      try {
        const saved = await this.#write(bytes, unsaved);
        await this.#record(saved, unsaved);
        document.markSaved(rev, saved.version);
        this.#attribution.saved(rev, text);
        return saved;
      } catch (error) {
        document.unsaved = new Map([...unsaved, ...document.unsaved]);
        if (!(error instanceof FileChanged)) throw error;
        await this.#look();
      }
    }
    if (document.isClosed) throw new FileError("NOT_FOUND", "The file was deleted.");
    throw new FileError("BUSY", "The file keeps changing. Try again in a moment.");
  }

  async #writeFor(text: Text, { eol, mark }: Partial<TextFormat>): Promise<void> {
    const { document } = this.#options;
    for (let attempt = 0; attempt < maxLooks && !document.isClosed; attempt += 1) {
      await this.#look();
      const format = { eol: eol ?? document.format.eol, mark: mark ?? document.format.mark };
      const bytes = encode(text, format);
      if (versionOf(bytes) === document.disk.version) return;
      try {
        const saved = await this.#write(bytes, new Map());
        document.format = format;
        return await this.#holds(text, saved.version);
      } catch (error) {
        if (!(error instanceof FileChanged)) throw error;
      }
    }
  }

  async #write(bytes: Buffer, unsaved: ReadonlyMap<string, Author>): Promise<Saved> {
    const { document } = this.#options;
    const { version } = document.disk;
    return document.file.save(savedFor([...unsaved.values()]), (current) => {
      if (current.version !== version) throw new FileChanged();
      return bytes;
    });
  }

  async #record(
    { before, version, original, bytes }: Pick<Saved, "before" | "version" | "original" | "bytes">,
    unsaved: ReadonlyMap<string, Author>,
  ): Promise<void> {
    const { document, recorded } = this.#options;
    const authors = guestsAmong(unsaved.values());
    if (authors.length === 0) return;
    const { place } = document.file;
    await recorded({ place, before, after: version, original, size: bytes.length, authors });
  }

  async #look(): Promise<void> {
    const { document, onEnd } = this.#options;
    if (document.isClosed) return;
    const found = await this.#readSettled();
    if (document.isClosed || this.#isClosed) return;
    if (found === undefined) {
      await this.#keepUnsaved();
      onEnd("deleted");
      return;
    }
    if (found === "not-live") {
      await this.#keepUnsaved();
      onEnd("not-live");
      return;
    }
    document.readOnly = found.state.readOnly;
    document.checkRights();
    if (found.state.version === document.disk.version) {
      // What could not be saved may go through now.
      if (document.isDirty) this.schedule();
      return;
    }
    await this.#take(found.decoded, found.state);
  }

  /** What the file holds, once no program is in the middle of writing it. */
  async #readSettled(): Promise<{ state: FileState; decoded: Decoded } | "not-live" | undefined> {
    const { document, times } = this.#options;
    let last: string | undefined;
    for (let look = 0; ; look += 1) {
      const state = await this.#read();
      if (state === "not-live") return state;
      const decoded = state === undefined ? undefined : decode(state.bytes);
      const isOurs = state !== undefined && state.version === document.disk.version;
      const isSame = look > 0 && state?.version === last;
      if (isOurs || isSame || look >= maxLooks || this.#isClosed) {
        if (state === undefined || decoded === undefined) return undefined;
        return typeof decoded === "string" ? "not-live" : { state, decoded };
      }
      last = state?.version;
      const isPart = typeof decoded === "object" && isBeginning(decoded.text, document.disk.text);
      await this.#pause(decoded === undefined || isPart ? times.settle : times.settle / 4);
    }
  }

  async #read(): Promise<FileState | "not-live" | undefined> {
    try {
      return await this.#options.document.file.read();
    } catch (error) {
      const { code } = fileErrorOf(error);
      if (code === "TOO_LARGE" || code === "DENIED") return "not-live";
      throw error;
    }
  }

  /** Another program has written the file. */
  async #take({ text: theirs, format }: Decoded, { version, bytes }: FileState): Promise<void> {
    const { document } = this.#options;
    document.format = format;
    const known = document.findRev(theirs);
    // An older text of ours is a program's doing: `git checkout` and the like bring it back.
    const isOurs = known !== undefined && known > document.disk.rev;
    if (isOurs || (await this.#isFromWindow(theirs))) return this.#holds(theirs, version);
    if (!document.isDirty) {
      document.apply(diskAuthor, diffToChange(document.text, theirs));
      document.markSaved(document.rev, version, theirs);
      return;
    }
    await this.#merge(theirs, version, bytes);
  }

  /**
   * Whether a window of an IDE wrote it. Its text may be none of ours: the window shows what its person types before we order it
   * among what others typed.
   */
  async #isFromWindow(theirs: Text): Promise<boolean> {
    const wait = this.#saver === undefined ? 0 : this.#options.times.window;
    return this.windows.hasWritten(hashOf(theirs), wait);
  }

  /** A window saved the file: what guests typed is in it. */
  async #holds(text: Text, version: string): Promise<void> {
    const { document } = this.#options;
    const { unsaved, disk, format } = document;
    const known = document.findRev(text);
    const rev = known ?? disk.rev;
    if (rev === document.rev) document.unsaved = new Map();
    document.markSaved(rev, version, text);
    const [original, bytes] = [encode(disk.text, format), encode(text, format)];
    await this.#record({ before: disk.version, version, original, bytes }, unsaved);
    this.#attribution.saved(known, text);
    if (document.isDirty) this.schedule();
  }

  /** Both changed it: lines that only the program changed come in; where both did, the live text stays. */
  async #merge(theirs: Text, version: string, bytes: Buffer): Promise<void> {
    const { document, keep } = this.#options;
    const { rev, text: mine, disk } = document;
    const merged = await document.file.keepMine(disk.text.toString(), mine.toString(), theirs.toString());
    if (merged === undefined || merged.overlaps) {
      await keep({ place: document.file.place, bytes, authors: [...this.#guests.values()], of: "disk" });
      for (const member of [...document.members]) member.onOverlap();
    }
    if (document.isClosed) return;
    if (merged !== undefined) {
      // People typed on meanwhile.
      const change = diffToChange(mine, toText(merged.text));
      const mapped = document.log.toHead(rev, change);
      if (mapped !== undefined && !mapped.empty) document.apply(diskAuthor, mapped);
    }
    document.markSaved(disk.rev, version, theirs);
    this.schedule();
  }

  /** The text of people whose file is gone. */
  async #keepUnsaved(): Promise<void> {
    const { document, keep } = this.#options;
    const authors = guestsAmong(document.unsaved.values());
    if (!document.isDirty || authors.length === 0) return;
    await keep({ place: document.file.place, bytes: document.bytes, authors, of: "authors" });
  }

  #note(author: Author): void {
    if (author.kind === "guest") this.#guests.set(visitOf(author), author);
  }

  async #pause(time: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, time);
    this.#settling.add(resolve);
    await promise;
    clearTimeout(timer);
    this.#settling.delete(resolve);
  }
}

function savedFor(authors: readonly Author[]): SavedFor {
  const guests = guestsAmong(authors);
  const last = guests.at(-1);
  if (last !== undefined) return { session: last.person, show: [...new Set(guests.flatMap(({ show }) => show))] };
  const save = authors.findLast((author) => author.kind === "save");
  return { session: save?.share == null ? undefined : save.person, show: [] };
}
