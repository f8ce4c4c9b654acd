import type { Logger } from "../base/log.ts";
import { Timer } from "../base/timer.ts";
import type { Activity } from "./activity.ts";

/** The notice before the end is a minute, or a tenth of timeouts below ten minutes. Milliseconds. */
const maxNoticeLength = 60_000;

export interface IdleShutdownOptions {
  readonly activity: Activity;
  /** Seconds without a person's activity; 0 for never. */
  readonly timeout: number;
  readonly logger: Logger;
  /** Called with the end when the notice begins, and with undefined when it is withdrawn. */
  readonly onNotice?: (endsAt: Date | undefined) => void;
  /** Ends the gateway. */
  readonly shutDown: () => void;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/**
 * Ends a gateway that nobody uses (RULES R20). The hub cannot do that, since its proxy counts an open tab's keepalives as
 * activity. First comes a notice, in the log and in `/api/status`; any activity withdraws it.
 */
export class IdleShutdown {
  readonly #options: IdleShutdownOptions;
  readonly #clock: () => number;
  readonly #timeout: number;
  readonly #notice: number;
  readonly #timer = new Timer();
  #endsAt: number | undefined;

  constructor(options: IdleShutdownOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    this.#timeout = options.timeout * 1_000;
    this.#notice = Math.min(maxNoticeLength, this.#timeout / 10);
  }

  start(): void {
    if (this.#timeout > 0) this.#look();
  }

  close(): void {
    this.#timer.stop();
  }

  /** When it will end without further activity; undefined before the notice. */
  get endsAt(): Date | undefined {
    if (this.#endsAt === undefined || this.#idle() < this.#timeout - this.#notice) return undefined;
    return new Date(this.#endsAt);
  }

  /** Withdraws the notice at once if there was activity; otherwise that happens at its end. */
  recheck(): void {
    if (this.#endsAt !== undefined && this.endsAt === undefined) this.#look();
  }

  /** Reads the clock each time: machines sleep and clocks are set, and neither may skip the notice. */
  #look(): void {
    const { logger, shutDown, onNotice } = this.#options;
    const untilNotice = this.#timeout - this.#notice - this.#idle();
    if (untilNotice > 0) {
      if (this.#endsAt !== undefined) {
        logger.info("somebody is back: the gateway stays");
        onNotice?.(undefined);
      }
      this.#endsAt = undefined;
      this.#timer.set(untilNotice, () => this.#look());
      return;
    }
    if (this.#endsAt === undefined) {
      this.#endsAt = this.#clock() + this.#notice;
      const ends = new Date(this.#endsAt).toISOString();
      logger.warn({ ends }, `nobody has done anything here for a while: WAIIDE ends in ${this.#notice / 1000} s`);
      onNotice?.(new Date(this.#endsAt));
      this.#timer.set(this.#notice, () => this.#look());
      return;
    }
    logger.warn({ seconds: this.#options.timeout }, "nobody has done anything here: WAIIDE ends");
    shutDown();
  }

  #idle(): number {
    return this.#clock() - this.#options.activity.lastActivity.getTime();
  }
}
