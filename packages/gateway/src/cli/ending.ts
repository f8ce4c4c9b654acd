import type { Logger } from "../base/log.ts";
import { killChildren } from "../system/child-process.ts";

/** What runs until then. */
interface Endable {
  close(): Promise<void>;
  /** Where it can be left unused: resolves when it is. */
  readonly unused?: Promise<void>;
  retire?(): Promise<void>;
}

/** After so long what was asked to end is killed: hubs and people expect us to be gone within 5 s. Milliseconds. */
const patience = 4_000;
/** After so long something hangs that no killing helps. */
const maxEndingTime = 8_000;

/**
 * Turns signals into an orderly end, from before the gateway starts until the process exits. SIGINT and SIGTERM close
 * everything and exit with 0; a second one kills the children instead of asking them; a third exits at once.
 */
export class Ending {
  readonly #logger: Logger;
  #gateway: Endable | undefined;
  #signals = 0;
  #ending = false;

  constructor(logger: Logger) {
    this.#logger = logger;
    const onSignal = (signal: NodeJS.Signals) => this.#onSignal(signal);
    process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  }

  /** Whether a signal came already; the gateway then need not start. */
  get asked(): boolean {
    return this.#signals > 0;
  }

  /** Has this gateway closed at the end; at once where a signal came while it was starting. */
  attach(gateway: Endable): void {
    this.#gateway = gateway;
    if (this.asked) this.#end(() => gateway.close());
    void gateway.unused?.then(() => this.#end(() => gateway.retire?.() ?? gateway.close()));
  }

  /** Ends the process when there is nothing to close. */
  exitIfAsked(): void {
    if (this.asked) process.exit(0);
  }

  #onSignal(signal: NodeJS.Signals): void {
    this.#signals += 1;
    if (this.#signals === 1) {
      this.#logger.info(`${signal}: stopping`);
      const gateway = this.#gateway;
      if (gateway !== undefined) this.#end(() => gateway.close());
    } else if (this.#signals === 2) {
      this.#logger.warn(`${signal} again: killing what still runs`);
      killChildren();
    } else {
      process.exit(1);
    }
  }

  #end(close: () => Promise<void>): void {
    if (this.#ending) return;
    this.#ending = true;
    setTimeout(() => {
      this.#logger.warn(`not everything has ended after ${patience / 1000} s: killing what still runs`);
      killChildren();
    }, patience).unref();
    setTimeout(() => {
      this.#logger.error("something does not end: exiting without it");
      process.exit(1);
    }, maxEndingTime).unref();
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        this.#logger.error({ err: error }, "not everything could be closed");
        process.exit(1);
      },
    );
  }
}
