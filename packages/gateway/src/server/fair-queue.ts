interface Waiting {
  readonly start: () => void;
}

/**
 * Lets so much be done at once, and takes turns between those who wait: a person who asks for a thousand things delays
 * their own requests, and everyone else's by one.
 */
export class FairQueue {
  readonly #slots: number;
  readonly #mostWaiting: number;
  /** By who waits; a line that was served goes to the end. */
  readonly #lines = new Map<string, Waiting[]>();
  #running = 0;

  /** @param mostWaiting of one person */
  constructor(slots: number, mostWaiting = Number.POSITIVE_INFINITY) {
    this.#slots = slots;
    this.#mostWaiting = mostWaiting;
  }

  /** How much is under way. */
  get running(): number {
    return this.#running;
  }

  waitingOf(who: string): number {
    return this.#lines.get(who)?.length ?? 0;
  }

  /**
   * @param full called instead of `work` where the person's line is too long
   * @returns what `work` makes, once it was this one's turn
   */
  async run<Result>(who: string, work: () => Promise<Result>, full?: () => Result): Promise<Result> {
    if (full !== undefined && this.waitingOf(who) >= this.#mostWaiting) return full();
    if (this.#running >= this.#slots || this.#lines.size > 0) await this.#turn(who);
    else this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }

  #turn(who: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const line = this.#lines.get(who) ?? [];
    line.push({ start: resolve });
    this.#lines.set(who, line);
    return promise;
  }

  /** Whoever is next has the slot from here on, before their promise goes on. */
  #next(): void {
    const [first] = this.#lines;
    if (first === undefined || this.#running >= this.#slots) return;
    const [who, line] = first;
    this.#lines.delete(who);
    const next = line.shift();
    if (line.length > 0) this.#lines.set(who, line);
    this.#running += 1;
    next?.start();
  }
}
