import { Timer } from "./timer.ts";

/** Runs an action when it is called, but at most once per interval: calls that come too soon become one later. */
export class Throttle {
  readonly #interval: number;
  readonly #action: () => void;
  readonly #timer = new Timer();
  #state: "idle" | "waiting" | "called" | "closed" = "idle";

  /** @param interval milliseconds */
  constructor(interval: number, action: () => void) {
    this.#interval = interval;
    this.#action = action;
  }

  call(): void {
    if (this.#state === "waiting") this.#state = "called";
    if (this.#state === "idle") this.#act();
  }

  /** Stops it for good. */
  close(): void {
    this.#state = "closed";
    this.#timer.stop();
  }

  #act(): void {
    this.#state = "waiting";
    this.#timer.set(this.#interval, () => {
      if (this.#state === "called") this.#act();
      else this.#state = "idle";
    });
    this.#action();
  }
}
