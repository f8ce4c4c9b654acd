import type { Logger } from "../base/log.ts";
import type { ChildProcesses } from "../system/child-process.ts";

/** What is closed at the end. */
interface Endable {
  close(): Promise<void>;
  /** Resolves when nobody has used it for too long. */
  readonly unused?: Promise<void>;
  retire?(): Promise<void>;
}

/** Children that take longer to end are killed: hubs and people expect us to be gone within 5 s. Milliseconds. */
const patience = 4_000;
/** The process exits then, whatever still hangs. Milliseconds. */
const maxEndingTime = 8_000;

/**
 * Turns signals into an orderly end, from before the gateway starts until the process exits. SIGINT and SIGTERM close
 * everything and exit with 0; a second one kills the children instead of asking them; a third exits at once.
 */
export class Ending {
  readonly #logger: Logger;
  readonly #children: ChildProcesses;
  #gateway: Endable | undefined;
  #signals = 0;
  #ending = false;

  /** @param children are killed when they take too long */
  constructor(logger: Logger, children: ChildProcesses) {
    this.#logger = logger;
    this.#children = children;
    const onSignal = (signal: NodeJS.Signals) => this.#onSignal(signal);
    process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  }

  /** Whether a signal has come; the gateway then need not start. */
  get asked(): boolean {
    return this.#signals > 0;
  }

  /** Closes this gateway at the end: at once if a signal came while it was starting. */
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
      this.#children.killAll();
    } else {
      process.exit(1);
    }
  }

  #end(close: () => Promise<void>): void {
    if (this.#ending) return;
    this.#ending = true;
    setTimeout(() => {
      this.#logger.warn(`not everything has ended after ${patience / 1000} s: killing what still runs`);
      this.#children.killAll();
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
