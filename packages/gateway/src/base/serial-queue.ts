/** One thing after the other for each key; what has another key does not wait. */
export class SerialQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  /** How many keys something is done for. */
  get size(): number {
    return this.#last.size;
  }

  async run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const turn = before.then(work);
    // The next one waits for this one's end, whatever it is; its failure is its own caller's.
    const ended = turn.catch(() => undefined);
    this.#last.set(key, ended);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === ended) this.#last.delete(key);
    }
  }
}
