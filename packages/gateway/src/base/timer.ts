/** `setTimeout` waits at most 2^31 - 1 ms, 24.8 days; longer waits are armed again (RULES R22). */
const maxTimer = 2 ** 31 - 1;

/** A timer without a maximum, which keeps no process alive. */
export class Timer {
  #handle: NodeJS.Timeout | undefined;

  /** Calls back once after this time, unless it is set again or stopped before. */
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
