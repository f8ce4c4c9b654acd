import { randomUUID } from "node:crypto";
import type { ActivityAnswer, ActivityReport } from "@waiide/protocol";
import { type Gateway, GatewayRefusal, GatewayUnreachable } from "../gateway/gateway.ts";

/** Until the gateway has named an interval. Seconds. */
const firstInterval = 5;
/** People type faster than reports are useful. Milliseconds. */
const minGap = 500;

export interface ActivitySource {
  /** Whether a person was active in this window since the last call. */
  takePerson(): boolean;
  terminals(): Promise<readonly number[]>;
  work(): ActivityReport["work"];
  /** Where the window takes what the command “code” opens; undefined where it does not. */
  commandSocket(): string | undefined;
}

/** Reports this window's activity to the gateway (RULES R20): regularly, and at once when a person returns. */
export class ActivityReporter {
  readonly #gateway: Pick<Gateway, "ask">;
  readonly #source: ActivitySource;
  readonly #window = randomUUID();
  #interval = firstInterval;
  #timer: NodeJS.Timeout | undefined;
  #lastPerson = 0;
  #closed = false;
  #reporting = false;

  constructor(gateway: Pick<Gateway, "ask">, source: ActivitySource) {
    this.#gateway = gateway;
    this.#source = source;
  }

  start(): void {
    void this.#report();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** A person was active: reported at once after a pause, else with the next regular report. */
  personCame(): void {
    const now = performance.now();
    if (now - this.#lastPerson >= Math.max(minGap, this.#interval * 1_000)) void this.#report();
  }

  async #report(): Promise<void> {
    if (this.#reporting || this.#closed) return;
    this.#reporting = true;
    try {
      const terminals = await this.#source.terminals();
      const person = this.#source.takePerson();
      if (person) this.#lastPerson = performance.now();
      const socket = this.#source.commandSocket();
      const body = {
        window: this.#window,
        person,
        terminals: [...terminals],
        work: this.#source.work(),
        ...(socket === undefined ? {} : { command_socket: socket }),
      };
      const { report_every } = await this.#gateway.ask<ActivityAnswer>("/api/activity", { method: "POST", body });
      this.#interval = report_every;
    } catch (error) {
      // The gateway has stopped or is restarting: the next report tries again.
      if (!(error instanceof GatewayUnreachable || error instanceof GatewayRefusal)) throw error;
    } finally {
      this.#reporting = false;
      clearTimeout(this.#timer);
      if (!this.#closed) this.#timer = setTimeout(() => void this.#report(), this.#interval * 1_000);
    }
  }
}
