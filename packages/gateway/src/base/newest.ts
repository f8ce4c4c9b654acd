/** Does slow work with one value after the other, and leaves out those that a newer one has overtaken. */
export class Newest<Value> {
  readonly #work: (value: Value, isNewest: () => boolean) => Promise<void>;
  #next: { readonly value: Value } | undefined;
  #isWorking = false;
  #isClosed = false;

  /** @param work must not throw; `isNewest` says whether its result still counts */
  constructor(work: (value: Value, isNewest: () => boolean) => Promise<void>) {
    this.#work = work;
  }

  take(value: Value): void {
    this.#next = { value };
    if (!this.#isWorking) void this.#run();
  }

  close(): void {
    this.#isClosed = true;
    this.#next = undefined;
  }

  async #run(): Promise<void> {
    this.#isWorking = true;
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      await this.#work(next.value, () => this.#next === undefined && !this.#isClosed);
    }
    this.#isWorking = false;
  }

  #take(): { readonly value: Value } | undefined {
    const next = this.#next;
    this.#next = undefined;
    return next;
  }
}
