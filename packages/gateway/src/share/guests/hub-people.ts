import { Timer } from "../../base/timer.ts";
import type { HubPerson } from "../../hub/hub-authentication.ts";

/** RULES R1: how often the hub is asked whether somebody is still who he was. Milliseconds. */
const recheckInterval = 60_000;

export interface HubPeopleOptions {
  /** Whether somebody is still one who may be in: groups change. */
  readonly mayStay: (session: string, person: HubPerson) => boolean;
  /** Whether a guest's session has not ended. */
  readonly isOpen: (session: string) => boolean;
  /** Told the session of a guest whom the hub knows no more, or not as one who is meant. */
  readonly onGone: (session: string) => void;
  /** Milliseconds between questions to the hub. */
  readonly interval?: number;
}

/**
 * Guests whom the hub has named, and only for as long as it does: who logs out there is out here within a minute. Kept in
 * memory alone: after a restart of the gateway they log in again, which needs no password.
 */
export class HubPeople {
  readonly #people = new Map<string, HubPerson>();
  readonly #options: HubPeopleOptions;
  readonly #timer = new Timer();
  #asking: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: HubPeopleOptions) {
    this.#options = options;
  }

  entered(session: string, person: HubPerson): void {
    this.#people.set(session, person);
    this.#arm();
  }

  /** The person of a guest's session; undefined: it began before this gateway did, or has ended. */
  find(session: string): HubPerson | undefined {
    return this.#people.get(session);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer.stop();
    await this.#asking;
  }

  #arm(): void {
    if (this.#closed || this.#people.size === 0) return;
    this.#timer.set(this.#options.interval ?? recheckInterval, () => {
      this.#asking = this.#recheck().finally(() => this.#arm());
    });
  }

  async #recheck(): Promise<void> {
    for (const [session, person] of [...this.#people]) {
      if (!this.#options.isOpen(session)) {
        this.#people.delete(session);
        continue;
      }
      const now = await person.recheck();
      if (now === "unknown") continue;
      if (now !== "gone" && this.#options.mayStay(session, now)) {
        this.#people.set(session, now);
        continue;
      }
      this.#people.delete(session);
      this.#options.onGone(session);
    }
  }
}
