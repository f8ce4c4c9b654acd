import { EventEmitter } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isBelow } from "@waiide/protocol";
import type { Logger } from "../base/log.ts";
import { listFolder } from "../system/missing-file.ts";
import type { LiveText, LiveTexts } from "../workspace/documents/live-texts.ts";
import { FileError } from "../workspace/file-error.ts";
import type { SelectionTracker } from "../workspace/selection/selection.ts";
import type { WorkspaceFile } from "../workspace/workspace-file.ts";
import { LiveCounts } from "./counts.ts";
import { DiskSide, type DiskSideOptions, type DiskTimes, diskTimes } from "./disk-side.ts";
import { Journal, type JournalContent } from "./journal.ts";
import { LiveDocument, type LiveDocumentState } from "./live-document.ts";
import { NotLive, stateFromDisk, stateFromJournal } from "./opening.ts";
import type { ParticipantLimits } from "./participant.ts";
import type { View } from "./view.ts";
import { type LiveFile, WholeSaves } from "./whole-saves.ts";
import { WindowView } from "./window-view.ts";

/** Limits of live editing (RULES R14). */
export interface LiveLimits extends ParticipantLimits {
  /** Files that are live at once. 0 turns live editing off. */
  readonly files: number;
  /** Pages and windows in one file. */
  readonly participants: number;
}

/** Milliseconds. */
export interface LiveTimes extends DiskTimes {
  /** A file stays live so long after the last one left: pages that are loaded again come back to it. */
  readonly linger: number;
  /** Saved files' journals stay so long after a start, for pages that come back. */
  readonly journals: number;
}

export const liveTimes: LiveTimes = { ...diskTimes, linger: 30_000, journals: 600_000 };

export interface LiveDocumentsOptions extends Pick<DiskSideOptions, "recorded" | "attributed" | "keep"> {
  /** Holds the journals. */
  readonly folder: string;
  readonly limits: LiveLimits;
  readonly logger: Logger;
  /** A file by the root of a share; for those of an earlier run. */
  readonly open: (root: string, path: string) => Promise<WorkspaceFile>;
  readonly times?: LiveTimes;
}

interface Events {
  /** A file became live, or is not any more; absolute path after links. */
  live: [place: string, isLive: boolean];
  /** A file or folder has another name, or none any more; absolute paths, live or not. */
  moved: [from: string, to: string | undefined];
  /** Somebody came into a live file, or left it. */
  people: [place: string];
}

interface Opened extends LiveFile {
  readonly whole: LiveText;
  /** Selections, by their shares. */
  readonly windows: Map<string, WindowView>;
  readonly stopWatching: () => void;
  linger: NodeJS.Timeout | undefined;
}

/** All live files of a gateway: one text for each file, whatever share it is in (RULES R24). */
export class LiveDocuments extends EventEmitter<Events> implements LiveTexts {
  readonly counts = new LiveCounts();
  readonly limits: LiveLimits;
  readonly #options: LiveDocumentsOptions;
  readonly #times: LiveTimes;
  readonly #opening = new Map<string, Promise<Opened>>();
  readonly #files = new Map<string, Opened>();
  #journals: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: LiveDocumentsOptions) {
    super();
    this.setMaxListeners(0);
    this.limits = options.limits;
    this.#options = options;
    this.#times = options.times ?? liveTimes;
  }

  /** Absolute paths of the files that are live now. */
  get places(): string[] {
    return [...this.#files.keys()];
  }

  /** A file that is live now. @param place absolute path after links */
  get(place: string): LiveFile | undefined {
    return this.#files.get(place);
  }

  /**
   * Makes a file live, if it is not. Somebody joins it at once, before anything is awaited; else it ends by itself.
   * @throws NotLive
   */
  async open(file: WorkspaceFile): Promise<LiveFile> {
    const known = this.#files.get(file.place);
    if (known !== undefined) return this.#used(known);
    if (this.#isClosed || this.limits.files === 0) throw new NotLive("off");
    const isFull = this.#files.size + this.#opening.size >= this.limits.files;
    if (isFull && !this.#opening.has(file.place)) throw new NotLive("limit");
    return this.#openOnce(file);
  }

  async #openOnce(file: WorkspaceFile): Promise<Opened> {
    let opening = this.#opening.get(file.place);
    if (opening === undefined) {
      opening = this.#open(file).finally(() => this.#opening.delete(file.place));
      this.#opening.set(file.place, opening);
    }
    return this.#used(await opening);
  }

  /** Whether one more may take part in a file. */
  hasPlace({ document }: LiveFile): boolean {
    return document.members.size < this.limits.participants;
  }

  /**
   * What a participant has of a file.
   * @param selection where it is a part only
   * @throws NotLive where the place of the selection is not certain
   */
  viewOf({ document }: LiveFile, share: string | undefined, selection: SelectionTracker | undefined): View {
    if (selection === undefined || share === undefined) return document.whole;
    const windows = this.#files.get(document.file.place)?.windows;
    const known = windows?.get(share);
    if (known !== undefined) return known;
    const view = new WindowView(document, share, selection);
    windows?.set(share, view);
    return view;
  }

  /** Someone has left: after a while without anybody the file is not live any more. */
  left(document: LiveDocument): void {
    const opened = this.#files.get(document.file.place);
    if (opened?.document !== document || document.isKept) return;
    void opened.disk.requestSave();
    this.#endLater(opened);
  }

  find(place: string): LiveText | undefined {
    return this.#files.get(place)?.whole;
  }

  async settle(place: string): Promise<void> {
    const concerned = [...this.#files].filter(([file]) => isBelow(file, place));
    await Promise.all(concerned.map(([, { disk }]) => disk.trySave()));
  }

  moved(from: string, to: string | undefined): void {
    this.emit("moved", from, to);
  }

  /** Takes up what an earlier run left: what was acknowledged and not saved is saved now. */
  async recover(): Promise<void> {
    const { folder } = this.#options;
    const found = await listFolder(folder);
    Journal.prune(folder, found, Date.now());
    const names = found.filter((name) => name.endsWith(".log"));
    for (const name of names) await this.#recover(join(folder, name));
    if (names.length === 0) return;
    this.#journals = setTimeout(() => this.#forgetJournals(names), this.#times.journals).unref();
  }

  /** Saves everything. The journals stay, so that pages can go on after a restart. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#journals);
    await Promise.allSettled(this.#opening.values());
    await Promise.all([...this.#files.values()].map((opened) => this.#close(opened)));
  }

  async #close(opened: Opened): Promise<void> {
    clearTimeout(opened.linger);
    opened.disk.windows.close();
    await opened.disk.trySave();
    opened.disk.close();
    await opened.disk.settled();
    this.#end(opened, undefined, true);
  }

  async #open(file: WorkspaceFile): Promise<Opened> {
    const { folder, logger, recorded, attributed, keep } = this.#options;
    const journalFile = Journal.fileOf(folder, file.place);
    const left = this.#stateLeft(file, journalFile);
    const state = left ?? (await stateFromDisk(file));
    const document = new LiveDocument(state, (header) => Journal.create(journalFile, header));
    const onEnd = (reason: "deleted" | "not-live") => this.#end(this.#files.get(file.place), reason, false);
    const disk = new DiskSide({ document, recorded, attributed, keep, logger, times: this.#times, onEnd });
    const look = () =>
      disk.look().catch((error: unknown) => logger.warn({ err: error }, "a live file could not be read"));
    const stopWatching = await this.#watch(file, look, () => document.close(undefined, left !== undefined));
    const end = () => this.#end(this.#files.get(file.place), "not-live", false);
    const whole = new WholeSaves({ document, disk }, end);
    const windows = new Map<string, WindowView>();
    document.onSaved.add(() => {
      for (const view of windows.values()) view.settle();
    });
    const opened: Opened = { document, disk, whole, windows, stopWatching, linger: undefined };
    this.#files.set(file.place, opened);
    this.counts.files += 1;
    this.emit("live", file.place, true);
    // It may have changed before it was watched, or while no gateway ran.
    await look();
    if (document.isClosed) throw new NotLive("missing");
    if (document.isDirty) disk.schedule();
    return opened;
  }

  async #watch(file: WorkspaceFile, look: () => Promise<void>, failed: () => void): Promise<() => void> {
    try {
      return await file.watch(() => void look());
    } catch (error) {
      failed();
      if (error instanceof FileError) throw new NotLive(error.code === "BUSY" ? "limit" : "missing");
      throw error;
    }
  }

  /** What an earlier life of the file left. A journal that cannot be understood is put aside, as it may hold what people wrote. */
  #stateLeft(file: WorkspaceFile, journal: string): LiveDocumentState | undefined {
    if (!existsSync(journal)) return undefined;
    const content = Journal.read(journal);
    const state = content && stateFromJournal(file, content);
    if (state !== undefined) return state;
    this.#options.logger.error({ journal, file: file.place }, "a journal of live editing cannot be read");
    Journal.putAside(journal);
    return undefined;
  }

  #used(opened: Opened): Opened {
    this.#endLater(opened);
    return opened;
  }

  #endLater(opened: Opened): void {
    clearTimeout(opened.linger);
    opened.linger = setTimeout(() => void this.#endUnused(opened), this.#times.linger).unref();
  }

  /** Nobody is in it any more: it ends once it is saved. */
  async #endUnused(opened: Opened): Promise<void> {
    const { document, disk } = opened;
    const isOver = () => document.isKept || document.isClosed || this.#isClosed;
    if (isOver()) return;
    await disk.trySave();
    if (isOver()) return;
    // What could not be saved stays in the journal, and is tried again.
    if (document.isDirty) this.#endLater(opened);
    else this.#end(opened, "not-live", false);
  }

  #end(opened: Opened | undefined, reason: "deleted" | "not-live" | undefined, keepsJournal: boolean): void {
    if (opened === undefined || opened.document.isClosed) return;
    const { document, disk, stopWatching, linger } = opened;
    const { place } = document.file;
    clearTimeout(linger);
    this.#files.delete(place);
    this.counts.files -= 1;
    stopWatching();
    disk.close();
    document.close(reason, keepsJournal);
    this.emit("live", place, false);
  }

  async #recover(journal: string): Promise<void> {
    const { open, logger } = this.#options;
    const content = Journal.read(journal);
    if (content === undefined) {
      logger.error({ journal }, "a journal of live editing cannot be read");
      Journal.putAside(journal);
      return;
    }
    if (isSaved(content)) return;
    const { header } = content;
    try {
      // Whatever the limits are by now: it was acknowledged.
      const { disk } = await this.#openOnce(await open(header.root, header.path));
      await disk.save();
    } catch (error) {
      logger.warn(
        { err: error, file: header.path },
        "changes of an earlier run could not be saved; the journal keeps them",
      );
    }
  }

  #forgetJournals(names: readonly string[]): void {
    const { folder } = this.#options;
    const used = new Set(this.places.map((place) => Journal.fileOf(folder, place)));
    for (const name of names) {
      const file = join(folder, name);
      const content = used.has(file) ? undefined : Journal.read(file);
      if (content !== undefined && isSaved(content)) Journal.remove(file);
    }
  }
}

/** Whether the file held everything when the journal ended. */
function isSaved({ header, changes, disk }: JournalContent): boolean {
  return Math.max(changes.at(-1)?.rev ?? 0, header.rev) <= disk.rev;
}
