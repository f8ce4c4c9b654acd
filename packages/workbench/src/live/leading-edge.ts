/** Runs `work` at once, and then at most once in `pause` milliseconds; the last call is never dropped. */
export class LeadingEdge {
  readonly #pause: number;
  readonly #work: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isDue = false;

  constructor(pause: number, work: () => void) {
    this.#pause = pause;
    this.#work = work;
  }

  run(): void {
    if (this.#timer === undefined) this.#begin();
    else this.#isDue = true;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#isDue = false;
  }

  #begin(): void {
    this.#work();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#isDue) return;
      this.#isDue = false;
      this.#begin();
    }, this.#pause);
  }
}
