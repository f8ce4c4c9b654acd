/** Options of one wait. */
export interface Waiting {
  /** Ends the wait; the work is then not done. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Limits how much is done at once, and takes turns between people: someone with a thousand requests delays their own, and
 * everyone else's by one.
 */
export class FairQueue {
  readonly #slots: number;
  readonly #maxWaiting: number;
  /** By person; a line that was served goes to the end. */
  readonly #lines = new Map<string, Set<() => void>>();
  #running = 0;

  /** @param maxWaiting of one person */
  constructor(slots: number, maxWaiting = Number.POSITIVE_INFINITY) {
    this.#slots = slots;
    this.#maxWaiting = maxWaiting;
  }

  /** How much is being done. */
  get running(): number {
    return this.#running;
  }

  get isIdle(): boolean {
    return this.#running === 0 && this.#lines.size === 0;
  }

  waitingOf(who: string): number {
    return this.#lines.get(who)?.size ?? 0;
  }

  /**
   * @param full called instead of `work` if the person's line is full
   * @returns the result of `work`, which starts when it is this person's turn
   */
  async run<Result>(
    who: string,
    work: () => Promise<Result>,
    full?: () => Result,
    waiting: Waiting = {},
  ): Promise<Result> {
    if (this.#running < this.#slots && this.#lines.size === 0) this.#running += 1;
    else if (full !== undefined && this.waitingOf(who) >= this.#maxWaiting) return full();
    else await this.#turn(who, waiting.signal);
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }

  async #turn(who: string, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const line = this.#lines.get(who) ?? new Set();
    line.add(resolve);
    this.#lines.set(who, line);
    const leave = () => {
      if (!line.delete(resolve)) return;
      if (line.size === 0 && this.#lines.get(who) === line) this.#lines.delete(who);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", leave, { once: true });
    await promise.finally(() => signal?.removeEventListener("abort", leave));
  }

  /** Gives the slot to the next one at once, before their promise continues. */
  #next(): void {
    const [first] = this.#lines;
    if (first === undefined || this.#running >= this.#slots) return;
    const [who, line] = first;
    const [start] = line;
    this.#lines.delete(who);
    if (start === undefined) return;
    line.delete(start);
    if (line.size > 0) this.#lines.set(who, line);
    this.#running += 1;
    start();
  }
}
