import { BoundedTable } from "../../../base/bounded-table.ts";
import type { Guests } from "../../guests/guests.ts";
import { hashOf, newSecret } from "../../records/secrets.ts";
import type { StoredSession } from "../../store/stored.ts";
import { Capability, type Traffic } from "../capabilities.ts";

/** From the page's question for a ticket to the request that brings it. Milliseconds. */
const ticketLife = 30_000;
/** Pages of guests ask for tickets; older ones give way. */
const maxTickets = 5_000;
/** Of one guest: each load of the app makes one. Older ones give way. */
const maxKeys = 20;

interface Ticket {
  readonly session: string;
  readonly endsAt: number;
}

/** One guest's stay in an app on its own host. */
interface Visit {
  readonly capability: Capability;
  readonly share: string;
  /** Hashes of the cookies that stand for it. */
  readonly keys: BoundedTable<string, true>;
}

export interface HostVisitsParts {
  readonly guests: Pick<Guests, "asked">;
  readonly clock?: () => number;
}

/**
 * Who may use shared apps on hosts of their own (RULES R35): a ticket, good once, becomes a cookie of that host. Both end with the
 * last page that the guest has open, and only hashes are kept.
 */
export class HostVisits {
  readonly #guests: HostVisitsParts["guests"];
  readonly #clock: () => number;
  readonly #visits = new Map<string, Visit>();
  readonly #tickets = new BoundedTable<string, Ticket>(maxTickets);

  constructor({ guests, clock = Date.now }: HostVisitsParts) {
    this.#guests = guests;
    this.#clock = clock;
  }

  /**
   * A guest opened a page. All their pages share what they may do on the host, as the browser has one cookie for them.
   * @param onEnd told what passed, when the last one is over
   * @returns call it when the page is closed
   */
  join(session: StoredSession, onEnd: (traffic: Traffic) => void): () => void {
    const known = this.#visits.get(session.id);
    if (known !== undefined) {
      known.capability.take();
      return () => known.capability.leave();
    }
    const capability = new Capability(session, "", () => {
      done();
      this.#visits.delete(session.id);
      onEnd(capability.traffic);
    });
    // Whatever ends the guest's session ends it at once.
    const done = this.#guests.asked(session.id, capability);
    this.#visits.set(session.id, { capability, share: session.share, keys: new BoundedTable(maxKeys) });
    return () => capability.leave();
  }

  /** For a guest who has a page open; it is kept nowhere. */
  ticket({ id }: StoredSession): string {
    const ticket = newSecret();
    this.#tickets.set(hashOf(ticket), { session: id, endsAt: this.#clock() + ticketLife });
    return ticket;
  }

  /** Uses a ticket up. @returns the key for a cookie; undefined if the ticket is not good for this share, or no longer */
  redeem(share: string, ticket: string): string | undefined {
    const hash = hashOf(ticket);
    const found = this.#tickets.get(hash);
    this.#tickets.delete(hash);
    const visit = found && this.#visits.get(found.session);
    if (found === undefined || visit?.share !== share || this.#clock() >= found.endsAt) return undefined;
    const key = newSecret();
    visit.keys.set(hashOf(key), true);
    return key;
  }

  /** What a cookie of a share's host stands for. */
  find(share: string, key: string): Capability | undefined {
    const hash = hashOf(key);
    return [...this.#visits.values()].find((visit) => visit.share === share && visit.keys.get(hash) === true)
      ?.capability;
  }
}
