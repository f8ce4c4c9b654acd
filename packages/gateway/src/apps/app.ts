import { GatewayError, reasonOf } from "../base/errors.ts";
import type { ChildExit } from "../system/child-process.ts";
import {
  type AppBackend,
  AppFailure,
  type AppProcess,
  type AppSetup,
  connectApp,
  reasonOfExit,
  startApp,
} from "./app-process.ts";

export type AppState = "stopped" | "starting" | "ready" | "failed";

/** An app that failed is not started again sooner. Milliseconds. */
export const failureInterval = 5_000;
const linesInError = 3;
/** `setTimeout` takes no more than 2^31 - 1 ms; a longer wait is armed again (RULES R22). */
const maxTimer = 2 ** 31 - 1;

/** One configured app: started when it is asked for, one process at a time, stopped when nobody uses it. */
export class App {
  readonly setup: AppSetup;
  #state: AppState = "stopped";
  #running: AppProcess | undefined;
  /** The newest one, whether it got ready or not. */
  #launched: AppProcess | undefined;
  #starting: Promise<AppBackend> | undefined;
  #stopping: Promise<void> = Promise.resolve();
  #failure: GatewayError | undefined;
  #startedAt = Number.NEGATIVE_INFINITY;
  #external: AppBackend | undefined;
  readonly #closing = new AbortController();
  #users = 0;
  #unusedSince = 0;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(setup: AppSetup) {
    this.setup = setup;
  }

  get state(): AppState {
    return this.setup.settings.command === undefined ? "ready" : this.#state;
  }

  /** The last lines that it wrote, oldest first. */
  get output(): readonly string[] {
    return this.#launched?.lastOutput() ?? [];
  }

  /**
   * Where it answers; starts it if need be. Callers at the same time share one start.
   * @throws GatewayError APP_FAILED, PORT_REFUSED
   */
  async backend(): Promise<AppBackend> {
    if (this.#running !== undefined) return this.#running;
    if (this.setup.settings.command === undefined) {
      this.#external ??= connectApp(this.setup);
      return this.#external;
    }
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /** Counts one user of the app until the returned function is called; calling that again does nothing. */
  opened(): () => void {
    this.#users += 1;
    clearTimeout(this.#idleTimer);
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      this.#users -= 1;
      this.#watchIdleness();
    };
  }

  /** Ends it for good. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("WAIIDE is shutting down"));
    clearTimeout(this.#idleTimer);
    await this.#starting?.catch(() => undefined);
    await this.#stop();
    await this.#external?.backend.close();
  }

  async #start(): Promise<AppBackend> {
    const { name, logger } = this.setup;
    await this.#stopping;
    if (this.#failure !== undefined && performance.now() < this.#startedAt + failureInterval) throw this.#failure;
    this.#startedAt = performance.now();
    this.#state = "starting";
    try {
      this.#closing.signal.throwIfAborted();
      const app = await startApp(this.setup, this.#closing.signal, (launched) => {
        this.#launched = launched;
      });
      this.#running = app;
      this.#state = "ready";
      this.#failure = undefined;
      logger.info({ app: name, milliseconds: Math.round(performance.now() - this.#startedAt) }, "app is ready");
      void app.exited.then((exit) => this.#onExit(app, exit));
      this.#watchIdleness();
      return app;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  #failed(error: unknown): GatewayError {
    const { name, logger } = this.setup;
    const output = error instanceof AppFailure ? error.output : [];
    this.#state = "failed";
    this.#failure =
      error instanceof GatewayError
        ? error
        : new GatewayError("APP_FAILED", { name, reason: withOutput(reasonOf(error), output) }, { cause: error });
    if (!this.#closing.signal.aborted) logger.warn({ app: name, reason: reasonOf(error), output }, "app failed");
    return this.#failure;
  }

  #onExit(app: AppProcess, exit: ChildExit): void {
    if (this.#running !== app) return;
    this.#running = undefined;
    clearTimeout(this.#idleTimer);
    this.#stopping = app.stop();
    const reason = reasonOfExit(exit, this.setup.settings.command?.[0] ?? "");
    this.#failed(new AppFailure(reason, app.lastOutput()));
  }

  #watchIdleness(): void {
    const timeout = (this.setup.settings.idle_timeout ?? 0) * 1_000;
    clearTimeout(this.#idleTimer);
    if (timeout === 0 || this.#users > 0 || this.#running === undefined) return;
    this.#unusedSince = performance.now();
    this.#armIdleTimer(timeout);
  }

  #armIdleTimer(timeout: number): void {
    const left = this.#unusedSince + timeout - performance.now();
    this.#idleTimer = setTimeout(
      () => {
        if (left > maxTimer) return this.#armIdleTimer(timeout);
        this.setup.logger.info({ app: this.setup.name }, "app is stopped: nobody uses it");
        void this.#stop();
      },
      Math.min(left, maxTimer),
    ).unref();
  }

  #stop(): Promise<void> {
    const app = this.#running;
    this.#running = undefined;
    if (app !== undefined) {
      this.#state = "stopped";
      this.#stopping = app.stop();
    }
    return this.#stopping;
  }
}

/** One text of it all, short enough for a page. */
function withOutput(reason: string, output: readonly string[]): string {
  if (output.length === 0) return `${reason}.`;
  return `${reason}. Its last output: ${output.slice(-linesInError).join(" / ")}`;
}
