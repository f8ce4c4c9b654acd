/** `setTimeout` takes no more than 2^31 - 1 ms, 24.8 days; a longer wait is armed again (RULES R22). */
const maxTimer = 2 ** 31 - 1;

/** One timer that can wait as long as it must, and keeps no process alive. */
export class Timer {
  #handle: NodeJS.Timeout | undefined;

  /** Calls back once after so many milliseconds, unless it is set again or stopped before. */
  set(milliseconds: number, callback: () => void): void {
    this.stop();
    const end = performance.now() + milliseconds;
    const arm = () => {
      const left = end - performance.now();
      if (left <= 0) callback();
      else this.#handle = setTimeout(arm, Math.min(Math.ceil(left), maxTimer)).unref();
    };
    this.#handle = setTimeout(arm, Math.min(Math.max(0, Math.ceil(milliseconds)), maxTimer)).unref();
  }

  stop(): void {
    clearTimeout(this.#handle);
    this.#handle = undefined;
  }
}
