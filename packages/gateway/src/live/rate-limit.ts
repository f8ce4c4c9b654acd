/** So many a second, and twice as many at once. */
export class RateLimit {
  readonly #perSecond: number;
  #left: number;
  #countedAt = performance.now();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond * 2;
  }

  /** @returns whether one more is within the limit */
  take(): boolean {
    const now = performance.now();
    this.#left = Math.min(this.#perSecond * 2, this.#left + ((now - this.#countedAt) / 1_000) * this.#perSecond);
    this.#countedAt = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
