import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type CopyTicket, copyTargetHeader, copyTicketPrefix } from "@waiide/protocol";
import { hashOf } from "../records/secrets.ts";
import type { ShareTable } from "../records/table.ts";
import type { StoredSession } from "../store/stored.ts";

/** Milliseconds. */
const life = 600_000;
/** Of one guest. */
const maxTickets = 8;

interface Known {
  readonly session: string;
  readonly share: string;
  readonly to: string;
  readonly endsAt: number;
}

export interface CopyTicketsOptions {
  readonly table: Pick<ShareTable, "session" | "timeLeft" | "shareFor">;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/**
 * Tickets with which another server of the hub fetches one archive, in the name of one guest (RULES R28). Only hashes are kept, and
 * in memory alone; each ends with its use, after ten minutes, and with the guest's session.
 */
export class CopyTickets {
  readonly #options: CopyTicketsOptions;
  /** By hash, the oldest first. */
  readonly #known = new Map<string, Known>();

  constructor(options: CopyTicketsOptions) {
    this.#options = options;
  }

  /** @param to the address that gets it */
  make(session: StoredSession, to: string): CopyTicket {
    const { clock, table } = this.#options;
    this.#forgetEnded();
    const own = [...this.#known].filter(([, known]) => known.session === session.id);
    for (const [hash] of own.slice(0, Math.max(0, own.length - maxTickets + 1))) this.#known.delete(hash);
    const ticket = `${copyTicketPrefix}${randomBytes(32).toString("base64url")}`;
    const share = table.shareFor(session);
    const left = share === undefined ? 0 : (table.timeLeft(share) ?? life);
    const endsAt = clock() + Math.min(life, left);
    this.#known.set(hashOf(ticket), { session: session.id, share: session.share, to, endsAt });
    return { ticket, to, expires_at: new Date(endsAt).toISOString() };
  }

  /** Whether a request comes with a ticket, good or not. */
  isIn({ headers }: Pick<IncomingMessage, "headers">): boolean {
    return ticketIn(headers) !== undefined;
  }

  /** The guest in whose name a server asks for a copy of a share. @returns undefined: the ticket is none of that share */
  sessionOf({ headers }: Pick<IncomingMessage, "headers">, share: string): StoredSession | undefined {
    const { clock, table } = this.#options;
    const known = this.#known.get(hashOf(ticketIn(headers) ?? ""));
    if (known === undefined || known.share !== share || known.endsAt <= clock()) return undefined;
    return headers[copyTargetHeader] === known.to ? table.session(known.session) : undefined;
  }

  /** Uses up a ticket for an archive. @returns whether it was still good; requests without one need none */
  spend({ headers }: Pick<IncomingMessage, "headers">): boolean {
    const ticket = ticketIn(headers);
    return ticket === undefined || this.#known.delete(hashOf(ticket));
  }

  #forgetEnded(): void {
    const { clock, table } = this.#options;
    for (const [hash, { session, endsAt }] of this.#known) {
      if (endsAt <= clock() || table.session(session) === undefined) this.#known.delete(hash);
    }
  }
}

function ticketIn({ authorization }: IncomingMessage["headers"]): string | undefined {
  const [, token] = /^bearer +(\S+)$/i.exec(authorization ?? "") ?? [];
  return token?.startsWith(copyTicketPrefix) ? token : undefined;
}
