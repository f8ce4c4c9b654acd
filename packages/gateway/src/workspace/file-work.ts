import { FairQueue } from "../base/fair-queue.ts";
import { KeyedSerialQueue } from "../base/serial-queue.ts";
import { Merger } from "./documents/merger.ts";
import { NotebookChecker } from "./notebooks/checker.ts";
import type { Folder } from "./tree/folder.ts";

/** Requests of all guests about files that are worked on at once: each may hold dozens of descriptors. */
const maxRequests = 32;
/** Of those, reads and writes of whole contents: each may need several times the largest content in memory. */
const maxContents = 4;
/** Programs that search, for all shares. */
const maxSearches = 4;

/** How many of something each of several has. */
class Tally {
  readonly #counts = new Map<string, number>();

  of(who: string): number {
    return this.#counts.get(who) ?? 0;
  }

  add(who: string): void {
    this.#counts.set(who, this.of(who) + 1);
  }

  remove(who: string): void {
    const left = this.of(who) - 1;
    if (left > 0) this.#counts.set(who, left);
    else this.#counts.delete(who);
  }
}

/**
 * What the guests of all shares of a gateway do to its files, in turn: by gateway and real file, not by share, since two
 * shares can hold the same file below different roots (RULES R9, R14).
 */
export class FileWork {
  readonly merger = new Merger();
  readonly checker = new NotebookChecker();
  readonly requests = new FairQueue(maxRequests);
  readonly contents = new FairQueue(maxContents);
  readonly searches = new FairQueue(maxSearches);
  /** Making, renaming and deleting take turns: what was checked stays so, as far as guests of any share go. */
  readonly structure = new FairQueue(1);
  /** What each guest watches. */
  readonly watches = new Tally();
  readonly #files = new KeyedSerialQueue();

  /** One write after the other for each file, by the folder that it really lies in. */
  async inFile<Result>(folder: Folder, name: string, work: () => Promise<Result>): Promise<Result> {
    const { dev, ino } = await folder.stat();
    return this.#files.run(`${dev}:${ino}/${name}`, work);
  }

  close(): void {
    this.merger.close();
    this.checker.close();
  }
}
