import { WorkerThread, workerFile } from "../../system/worker-thread.ts";
import type { KeptMine } from "./merge.ts";

export interface MergeRequest {
  readonly base: string;
  readonly mine: string;
  readonly theirs: string;
  /** Where both changed the same lines, mine stay. */
  readonly keepsMine?: boolean;
}

export interface MergeAnswer {
  readonly merged: string | undefined;
  /** With `keepsMine`: lines of the others were left out. */
  readonly overlaps: boolean;
}

export interface MergeBudget {
  /** Characters of the three texts together. */
  readonly size: number;
  /** Milliseconds of one merge. */
  readonly time: number;
  /** Milliseconds of all merges of a share within `window`. */
  readonly share: number;
  readonly window: number;
}

const defaultBudget: MergeBudget = { size: 24 * 1024 * 1024, time: 2_000, share: 10_000, window: 60_000 };

/** Megabytes. */
const maxMemory = 384;

interface Spent {
  since: number;
  time: number;
}

/**
 * Merges the changes of guests in a thread of its own, one at a time, the shares in turn. Each share has a budget; beyond
 * it changes count as overlapping, which people then resolve themselves (RULES R13, R14).
 */
export class Merger {
  readonly #budget: MergeBudget;
  readonly #thread: WorkerThread<MergeRequest, MergeAnswer>;
  readonly #spent = new Map<string, Spent>();

  constructor(budget: MergeBudget = defaultBudget) {
    this.#budget = budget;
    const file = () => workerFile("merge-worker", import.meta.url);
    this.#thread = new WorkerThread({ name: "merges", file, maxMemory, timeout: budget.time });
  }

  /**
   * Both changes of one base.
   * @returns undefined where they overlap, differ too much, or the share's budget is used up
   */
  async merge(share: string, base: string, mine: string, theirs: string): Promise<string | undefined> {
    if (mine === theirs) return mine;
    return (await this.#ask(share, { base, mine, theirs }))?.merged;
  }

  /**
   * Both changes of one base; where they overlap, mine stay.
   * @param file whose budget it is
   * @returns undefined where they differ too much, or the file's budget is used up
   */
  async keepMine(file: string, base: string, mine: string, theirs: string): Promise<KeptMine | undefined> {
    const answer = await this.#ask(file, { base, mine, theirs, keepsMine: true });
    return answer?.merged === undefined ? undefined : { text: answer.merged, overlaps: answer.overlaps };
  }

  async #ask(share: string, request: MergeRequest): Promise<MergeAnswer | undefined> {
    const { base, mine, theirs } = request;
    if (base.length + mine.length + theirs.length > this.#budget.size) return undefined;
    return this.#thread.inTurn(share, async (ask) => {
      const spent = this.#spentBy(share);
      if (spent.time >= this.#budget.share) return undefined;
      const began = performance.now();
      try {
        return await ask(request);
      } finally {
        spent.time += performance.now() - began;
      }
    });
  }

  close(): void {
    this.#thread.close();
  }

  #spentBy(share: string): Spent {
    const now = performance.now();
    for (const [id, { since }] of this.#spent) if (now - since > this.#budget.window) this.#spent.delete(id);
    const known = this.#spent.get(share) ?? { since: now, time: 0 };
    this.#spent.set(share, known);
    return known;
  }
}
