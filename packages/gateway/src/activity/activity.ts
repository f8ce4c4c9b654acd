/** When a person last did something here (RULES R20), and how many WebSockets are open. */
export class Activity {
  readonly startedAt: Date;
  readonly #clock: () => number;
  #last: number;
  #connections = 0;

  /** @param clock milliseconds since 1970 */
  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
    this.#last = clock();
    this.startedAt = new Date(this.#last);
  }

  touch(): void {
    this.#last = this.#clock();
  }

  /** Counts a WebSocket; call the result when it closed. Opening one is no activity: pages reopen them by themselves. */
  opened(): () => void {
    this.#connections += 1;
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      this.#connections -= 1;
    };
  }

  get lastActivity(): Date {
    // After the clock was set back the time must not lie in the future.
    return new Date(Math.min(this.#last, this.#clock()));
  }

  get connections(): number {
    return this.#connections;
  }
}
