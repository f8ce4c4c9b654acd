import { Worker } from "node:worker_threads";
import { FairQueue } from "../../base/fair-queue.ts";

export interface MergeRequest {
  readonly id: number;
  readonly base: string;
  readonly mine: string;
  readonly theirs: string;
}

export interface MergeAnswer {
  readonly id: number;
  readonly merged: string | undefined;
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

/** An idle thread ends after this. Milliseconds. */
const idleTime = 30_000;

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
  readonly #queue = new FairQueue(1);
  readonly #spent = new Map<string, Spent>();
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #requests = 0;

  constructor(budget: MergeBudget = defaultBudget) {
    this.#budget = budget;
  }

  /**
   * Both changes of one base.
   * @returns undefined where they overlap, differ too much, or the share's budget is used up
   */
  async merge(share: string, base: string, mine: string, theirs: string): Promise<string | undefined> {
    if (mine === theirs) return mine;
    if (base.length + mine.length + theirs.length > this.#budget.size) return undefined;
    return this.#queue.run(share, async () => {
      const spent = this.#spentBy(share);
      if (spent.time >= this.#budget.share) return undefined;
      const began = performance.now();
      try {
        return await this.#ask(base, mine, theirs);
      } finally {
        spent.time += performance.now() - began;
      }
    });
  }

  close(): void {
    clearTimeout(this.#idle);
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  #spentBy(share: string): Spent {
    const now = performance.now();
    for (const [id, { since }] of this.#spent) if (now - since > this.#budget.window) this.#spent.delete(id);
    const known = this.#spent.get(share) ?? { since: now, time: 0 };
    this.#spent.set(share, known);
    return known;
  }

  async #ask(base: string, mine: string, theirs: string): Promise<string | undefined> {
    clearTimeout(this.#idle);
    this.#requests += 1;
    const id = this.#requests;
    const worker = this.#thread();
    const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
    const onMessage = (answer: MergeAnswer) => {
      if (answer.id === id) resolve(answer.merged);
    };
    // A thread that failed or took too long is not used again.
    const giveUp = () => {
      this.close();
      resolve(undefined);
    };
    const timer = setTimeout(giveUp, this.#budget.time);
    worker.on("message", onMessage).once("error", reject).once("exit", giveUp);
    worker.ref();
    worker.postMessage({ id, base, mine, theirs } satisfies MergeRequest);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      worker.off("message", onMessage).off("error", reject).off("exit", giveUp);
      worker.unref();
      this.#idle = setTimeout(() => this.close(), idleTime).unref();
    }
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    // Beside this source where it is run from it, else beside the bundle.
    const file = import.meta.url.endsWith(".ts") ? "./merge-worker.ts" : "./merge-worker.cjs";
    const worker = new Worker(new URL(file, import.meta.url), {
      name: "merges",
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 384 },
    });
    // Between two merges an end is no failure of anyone's request: the next one starts another thread.
    worker
      .on("error", () => undefined)
      .on("exit", () => {
        if (this.#worker === worker) this.#worker = undefined;
      });
    this.#worker = worker;
    return worker;
  }
}
