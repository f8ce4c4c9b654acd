import { Timer } from "../../base/timer.ts";
import type { HubPerson } from "../../hub/hub-authentication.ts";
import type { ShareTable } from "../records/table.ts";
import type { ShareEvents } from "../share-events.ts";

/** RULES R1: how often the hub is asked whether a guest is still logged in. Milliseconds. */
const recheckInterval = 60_000;

export interface HubPeopleOptions {
  readonly table: Pick<ShareTable, "session" | "admits">;
  readonly events: Pick<ShareEvents, "emit">;
  /** Milliseconds between questions to the hub. */
  readonly interval?: number;
}

/**
 * Guests with a login at the hub. A logout there ends their session here within a minute. Logins are kept in memory alone:
 * after a restart of the gateway these guests log in again, which needs no password.
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
      const share = this.#options.table.session(session)?.share;
      if (share === undefined) {
        this.#people.delete(session);
        continue;
      }
      const now = await person.recheck();
      if (now === "unknown") continue;
      // Groups change.
      if (now !== "gone" && this.#options.table.admits(share, now)) {
        this.#people.set(session, now);
        continue;
      }
      this.#people.delete(session);
      this.#options.events.emit("guestGone", session);
    }
  }
}
