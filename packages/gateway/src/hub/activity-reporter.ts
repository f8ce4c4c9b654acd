import type { Activity } from "../activity/activity.ts";
import type { Logger } from "../base/log.ts";
import { Timer } from "../base/timer.ts";
import type { HubAnswer } from "./client.ts";

/** That of jupyterhub-singleuser; JUPYTERHUB_ACTIVITY_INTERVAL replaces it. Seconds. */
const defaultInterval = 300;
/** Spreads the reports of many servers over this part of the interval. */
const jitter = 0.1;
/** Waits before a failed report is sent again: the first one, doubled up to the longest. Milliseconds. */
const firstWait = 1_000;
const maxWait = 60_000;

/** The body for JUPYTERHUB_ACTIVITY_URL; the default server's name is empty. */
export interface ActivityReport {
  readonly servers: Readonly<Record<string, { readonly last_activity: string }>>;
  readonly last_activity: string;
}

export interface ActivityReporterOptions {
  readonly activity: Activity;
  /** JUPYTERHUB_SERVER_NAME; empty for the default server. */
  readonly serverName: string;
  /** Seconds between reports. Default 300. */
  readonly interval?: number | undefined;
  readonly logger: Logger;
  /** Sends a report to the hub. */
  readonly send: (report: ActivityReport, signal: AbortSignal) => Promise<HubAnswer>;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/**
 * Tells the hub when a person last did something (RULES R20): only if there is something new, and until the hub accepts it.
 * The time is that of the activity, never later; the hub ignores reports that are older than what it knows.
 */
export class ActivityReporter {
  readonly #options: ActivityReporterOptions;
  readonly #interval: number;
  readonly #timer = new Timer();
  readonly #closing = new AbortController();
  #reported = 0;
  #wait = 0;
  #sending: Promise<void> = Promise.resolve();

  constructor(options: ActivityReporterOptions) {
    this.#options = options;
    this.#interval = (options.interval ?? defaultInterval) * 1_000;
  }

  start(): void {
    this.#reported = this.#options.activity.startedAt.getTime();
    this.#arm();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#timer.stop();
    await this.#sending;
  }

  #arm(): void {
    if (this.#closing.signal.aborted) return;
    const { random = Math.random } = this.#options;
    const wait = this.#wait > 0 ? this.#wait : this.#interval * (1 + jitter * (2 * random() - 1));
    this.#timer.set(wait, () => {
      this.#sending = this.#report().finally(() => this.#arm());
    });
  }

  async #report(): Promise<void> {
    const { activity, serverName, logger, send } = this.#options;
    const last = activity.lastActivity;
    if (last.getTime() <= this.#reported) {
      this.#wait = 0;
      return;
    }
    const time = last.toISOString();
    const answer = await send(
      { servers: { [serverName]: { last_activity: time } }, last_activity: time },
      this.#closing.signal,
    );
    if (answer.kind === "ok") {
      if (this.#wait > 0) logger.info("the hub accepts activity reports again");
      this.#reported = last.getTime();
      this.#wait = 0;
      return;
    }
    if (this.#closing.signal.aborted) return;
    if (this.#wait === 0)
      logger.warn({ reason: answer.reason }, "the hub did not accept an activity report; trying again");
    this.#wait = Math.min(maxWait, this.#wait === 0 ? firstWait : this.#wait * 2);
  }
}
