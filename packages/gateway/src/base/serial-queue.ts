/** Does one thing after the other. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();
  #size = 0;

  /** How much is under way or waits for its turn. */
  get size(): number {
    return this.#size;
  }

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#size += 1;
    const turn = this.#last.then(work).finally(() => {
      this.#size -= 1;
    });
    // The next one waits for this one's end, also for a failure, which is for this one's caller alone.
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Resolves when all that was asked for until now has ended; never rejects. */
  async settled(): Promise<void> {
    await this.#last;
  }
}

/** One thing after the other for each key; different keys do not wait for each other. */
export class KeyedSerialQueue {
  readonly #queues = new Map<string, SerialQueue>();

  /** How many keys something is done for. */
  get size(): number {
    return this.#queues.size;
  }

  async run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const queue = this.#queues.get(key) ?? new SerialQueue();
    this.#queues.set(key, queue);
    try {
      return await queue.run(work);
    } finally {
      if (queue.size === 0) this.#queues.delete(key);
    }
  }
}
