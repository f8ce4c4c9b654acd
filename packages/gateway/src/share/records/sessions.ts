import { isWithin, type Level, levelWords, type SessionCloseReason } from "@waiide/protocol";
import { GatewayError } from "../../base/errors.ts";
import { type AuditLog, whoIs } from "../audit/audit-log.ts";
import type { Guests } from "../guests/guests.ts";
import type { ShareEvents } from "../share-events.ts";
import type { StoreChange, StoredSession } from "../store/stored.ts";
import { isSameGuest } from "./one-guest.ts";
import { invalid } from "./request.ts";
import type { ShareTable } from "./table.ts";
import type { ShareWriter } from "./writer.ts";

export interface SessionRecordsOptions {
  readonly table: ShareTable;
  readonly writer: ShareWriter;
  readonly audit: AuditLog;
  readonly guests: Guests;
  readonly events: ShareEvents;
  /** Name of the owner, for the audit. */
  readonly owner: string;
  readonly clock: () => number;
}

/** The records of guests' sessions, from entering to their end. */
export class SessionRecords {
  readonly #options: SessionRecordsOptions;

  constructor(options: SessionRecordsOptions) {
    this.#options = options;
    options.events.on("guestGone", (id) => {
      const session = options.table.session(id);
      if (session !== undefined) this.leave(session);
    });
  }

  /**
   * Writes a guest's entry.
   * @param loweredTo asked once more when it is written: the owner may have lowered the guest meanwhile
   * @throws GatewayError SHARING_UNAVAILABLE
   */
  async add(session: StoredSession, loweredTo = () => session.level): Promise<void> {
    const { table, writer, audit, events } = this.#options;
    const entry = audit.entry("enter", session.share, whoIs(session), { session: session.id });
    await writer.write([{ type: "session", session }, entry]);
    const now = { ...session, level: loweredTo() };
    table.putSession(now);
    if (now.level !== session.level) writer.keepLater([{ type: "session", session: now }]);
    events.emit("change");
  }

  /** A guest leaves, or enters anew. */
  leave(session: StoredSession): void {
    const { writer, audit, events } = this.#options;
    const changes = this.end(session, "left", "login");
    events.emit("change");
    writer.keepLater([...changes, audit.entry("leave", session.share, whoIs(session))]);
  }

  /**
   * Removes a guest, with what runs in the IDE of a Terminal Access share: nobody can tell whose program it is. With the link they may
   * come again: `newLink` ends that too.
   * @throws GatewayError SHARE_UNKNOWN
   */
  async remove(share: string, id: string): Promise<void> {
    const { table, writer, audit, events, owner } = this.#options;
    table.require(share);
    const session = table.session(id);
    if (session?.share !== share) throw new GatewayError("SHARE_UNKNOWN");
    const hasTerminal = table.shareFor(session)?.level === "terminal";
    const sessions = table.sessionsOf(share).filter((one) => isSameGuest(one, session));
    const changes = sessions.flatMap((one) => this.end(one, "removed", "removed"));
    const entry = audit.entry("remove-guest", share, owner, { guest: whoIs(session) });
    if (hasTerminal) events.emit("terminalGuestEnded", share);
    events.emit("change");
    await writer.keep([...changes, entry]);
  }

  /**
   * Lowers one guest's level for the rest of their visit, at once.
   * @throws GatewayError SHARE_UNKNOWN, SHARE_INVALID, SHARING_UNAVAILABLE
   */
  async lower(share: string, id: string, level: Level): Promise<void> {
    const { table, writer, audit, events, owner, guests } = this.#options;
    table.require(share);
    const session = table.session(id);
    const before = session && table.shareFor(session);
    if (session === undefined || before?.id !== share) throw new GatewayError("SHARE_UNKNOWN");
    if (level === before.level || !isWithin(level, before.level)) {
      throw invalid("permission", `a guest's level can only be lowered; it is ${levelWords[before.level].name}`);
    }
    const lowered = table.sessionsOf(share).filter((one) => isSameGuest(one, session));
    for (const one of lowered) {
      table.putSession({ ...one, level });
      guests.end(one.id, "changed");
    }
    const entry = audit.entry("lower-guest", share, owner, { guest: whoIs(session), level });
    if (before.level === "terminal") events.emit("terminalGuestEnded", share);
    events.emit("change");
    await writer.keep([...lowered.map((one): StoreChange => ({ type: "session", session: { ...one, level } })), entry]);
  }

  /** Ends a session in memory, at once. @returns what to write */
  end(
    session: StoredSession,
    endReason: NonNullable<StoredSession["endReason"]>,
    close: SessionCloseReason,
  ): StoreChange[] {
    const { table, guests, clock } = this.#options;
    const ended: StoredSession = { ...session, endedAt: clock(), endReason };
    table.putSession(ended);
    guests.end(session.id, close);
    guests.forget(session.id);
    return [{ type: "session", session: ended }];
  }
}
