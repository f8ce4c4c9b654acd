import { randomUUID } from "node:crypto";
import type { ActivityAnswer, ActivityReport } from "@waiide/protocol";
import { type Gateway, GatewayRefusal, GatewayUnreachable } from "../gateway/gateway.ts";

/** Until the gateway has said how often it wants to hear. Seconds. */
const firstInterval = 5;
/** Keys come faster than anybody wants to hear of them. Milliseconds. */
const minGap = 500;

export interface ActivitySource {
  /** Whether somebody did something in this window since the last call. */
  takePerson(): boolean;
  terminals(): Promise<readonly number[]>;
  work(): ActivityReport["work"];
}

/** Tells the gateway what goes on in this window (RULES R20): regularly, and at once when somebody comes back. */
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

  /** Somebody did something: told at once after a pause, else with the next regular report. */
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
      const body = { window: this.#window, person, terminals: [...terminals], work: this.#source.work() };
      const { report_every } = await this.#gateway.ask<ActivityAnswer>("/api/activity", { method: "POST", body });
      this.#interval = report_every;
    } catch (error) {
      // The gateway has ended or starts again: it is asked again all the time.
      if (!(error instanceof GatewayUnreachable || error instanceof GatewayRefusal)) throw error;
    } finally {
      this.#reporting = false;
      clearTimeout(this.#timer);
      if (!this.#closed) this.#timer = setTimeout(() => void this.#report(), this.#interval * 1_000);
    }
  }
}
