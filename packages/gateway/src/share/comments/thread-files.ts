import { relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isBelow } from "@waiide/protocol";
import { reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { LiveDocuments } from "../../live/live-documents.ts";
import { unlessMissing } from "../../system/missing-file.ts";
import { FileError } from "../../workspace/file-error.ts";
import type { Workspace } from "../../workspace/workspace.ts";
import type { ThreadPlaces } from "./thread-places.ts";
import type { OpenThread, ThreadTable } from "./threads.ts";

/** Programs replace a file in several steps, between which it is away. Milliseconds. */
const settle = 200;

export interface ThreadFilesOptions {
  readonly threads: ThreadTable;
  readonly places: ThreadPlaces;
  readonly documents: Pick<LiveDocuments, "get" | "on">;
  /** The root of a share that has not ended. */
  readonly rootOf: (share: string) => string | undefined;
  readonly open: (root: string) => Promise<Pick<Workspace, "file" | "findFiles">>;
  /** Threads whose record has changed. */
  readonly keep: (threads: readonly OpenThread[]) => void;
  /** A thread is in another file, or its file is gone, or there again. */
  readonly changed: (thread: OpenThread) => void;
  readonly logger: Logger;
}

/**
 * Which files threads belong to. What guests and the owner's IDE rename is told (`moved`); what other programs rename is found
 * by the file's identity, once the file is looked for and is not there.
 */
export class ThreadFiles {
  readonly #options: ThreadFilesOptions;
  readonly #closed = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(options: ThreadFilesOptions) {
    this.#options = options;
    const { documents } = options;
    documents.on("moved", (from, to) => this.#moved(from, to));
    documents.on("live", (place, isLive) => {
      if (!isLive) return void this.#lookAt(place);
      // A save by us, or by another program, makes another file of it.
      documents.get(place)?.document.onSaved.add(() => void this.#lookAt(place));
    });
  }

  /** Follows the files of a share's threads to where they are now. */
  locate(share: string): Promise<void> {
    return this.#locate(share, this.#options.threads.of(share));
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#closed.abort();
    await Promise.allSettled(this.#underWay);
  }

  /** As `locate`, and looks for the lines. */
  async look(share: string): Promise<void> {
    const { threads, places } = this.#options;
    await this.locate(share);
    const folder = await this.#folderOf(share);
    if (folder === undefined) return;
    const there = threads.of(share).filter(({ isGone }) => !isGone);
    for (const place of new Set(there.map((thread) => thread.place))) {
      await places.look(folder.files.file(relative(folder.root, place))).catch((error: unknown) => {
        if (!(error instanceof FileError)) throw error;
      });
    }
  }

  #moved(from: string, to: string | undefined): void {
    const { threads, places } = this.#options;
    const concerned = threads.all().filter(({ place }) => isBelow(place, from));
    for (const place of new Set(concerned.map((thread) => thread.place))) places.settle(place);
    for (const thread of concerned) {
      if (to === undefined) this.#mark(thread, true);
      else this.#move(thread, `${to}${thread.place.slice(from.length)}`);
    }
  }

  /** @param place absolute path after links */
  async #lookAt(place: string): Promise<void> {
    const { threads, logger } = this.#options;
    const shares = Map.groupBy(threads.at(place), ({ share }) => share);
    try {
      for (const [share, concerned] of shares) await this.#locate(share, concerned);
    } catch (error) {
      logger.warn({ reason: reasonOf(error) }, "the file of comments could not be looked for");
    }
  }

  #locate(share: string, all: readonly OpenThread[]): Promise<void> {
    if (this.#closed.signal.aborted) return Promise.resolve();
    const work = this.#follow(share, all).catch((error: unknown) => {
      if (!this.#closed.signal.aborted) throw error;
    });
    const done = () => void this.#underWay.delete(work);
    this.#underWay.add(work);
    work.then(done, done);
    return work;
  }

  async #follow(share: string, all: readonly OpenThread[]): Promise<void> {
    const folder = await this.#folderOf(share);
    if (folder === undefined) return;
    const missing = await this.#missing(folder, all);
    const fresh = missing.filter(({ isGone }) => !isGone);
    if (fresh.length === 0) return;
    await delay(settle, undefined, { signal: this.#closed.signal });
    await this.#find(folder, await this.#missing(folder, fresh));
  }

  /** Those whose file is not there. Of the others, notes what the files are. */
  async #missing({ root, files }: Folder, all: readonly OpenThread[]): Promise<OpenThread[]> {
    const missing: OpenThread[] = [];
    for (const [place, threads] of Map.groupBy(all, (thread) => thread.place)) {
      const seen = await files.file(relative(root, place)).look();
      // Others may have moved them meanwhile.
      const still = threads.filter((thread) => thread.place === place);
      if (seen === undefined) missing.push(...still);
      else this.#seen(still, seen.identity);
    }
    return missing;
  }

  #seen(threads: readonly OpenThread[], identity: string | undefined): void {
    const other = threads.filter((thread) => thread.identity !== identity);
    for (const thread of other) thread.identity = identity;
    if (other.length > 0) this.#options.keep(other);
    for (const thread of threads) this.#mark(thread, false);
  }

  async #find({ root, files }: Folder, missing: readonly OpenThread[]): Promise<void> {
    const wanted = new Set(missing.flatMap(({ identity }) => identity ?? []));
    const found = wanted.size === 0 ? new Map<string, string>() : await files.findFiles(wanted);
    for (const thread of missing) {
      const path = thread.identity && found.get(thread.identity);
      if (path === undefined) this.#mark(thread, true);
      else this.#move(thread, `${root}/${path}`);
    }
  }

  #move(thread: OpenThread, place: string): void {
    const { rootOf, places, keep, changed } = this.#options;
    const root = rootOf(thread.share);
    if (root === undefined) return;
    if (!isBelow(place, root)) {
      this.#mark(thread, true);
      return;
    }
    places.move(thread, place);
    thread.path = relative(root, place);
    thread.isGone = false;
    keep([thread]);
    changed(thread);
  }

  #mark(thread: OpenThread, isGone: boolean): void {
    if (thread.isGone === isGone) return;
    thread.isGone = isGone;
    this.#options.changed(thread);
  }

  /** Undefined: the root itself is not there. */
  async #folderOf(share: string): Promise<Folder | undefined> {
    const { rootOf, open } = this.#options;
    const root = rootOf(share);
    const files = root === undefined ? undefined : await unlessMissing(open(root));
    return root === undefined || files === undefined ? undefined : { root, files };
  }
}

/** The shared folder. */
interface Folder {
  /** Absolute, without links. */
  readonly root: string;
  readonly files: Pick<Workspace, "file" | "findFiles">;
}
