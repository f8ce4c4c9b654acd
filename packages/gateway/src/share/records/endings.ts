import type { Revoked, SessionCloseReason } from "@waiide/protocol";
import { Timer } from "../../base/timer.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import type { Guests } from "../guests/guests.ts";
import type { Ending, ShareEvents } from "../share-events.ts";
import type { StoreChange, StoredShare } from "../store/stored.ts";
import { presentGuests } from "./one-guest.ts";
import type { PolicySettings } from "./policy.ts";
import type { SessionRecords } from "./sessions.ts";
import type { ShareTable } from "./table.ts";
import type { ShareWriter } from "./writer.ts";

export interface ShareEndingsOptions {
  readonly table: ShareTable;
  readonly writer: ShareWriter;
  readonly audit: AuditLog;
  readonly sessions: SessionRecords;
  readonly guests: Guests;
  readonly events: ShareEvents;
  /** Name of the owner, for the audit. */
  readonly owner: string;
  readonly clock: () => number;
}

/**
 * Ends shares: revoked, expired, at the hub or by a ceiling. An end applies in memory first, so that it holds at once
 * whatever the disk does (RULES R21).
 */
export class ShareEndings {
  readonly #options: ShareEndingsOptions;
  readonly #expiry = new Timer();
  #closed = false;

  constructor(options: ShareEndingsOptions) {
    this.#options = options;
    options.events.on("tokenGone", (id) => {
      const share = options.table.find(id);
      if (share !== undefined) options.writer.keepLater(this.#end(share, "hub", "hub").changes);
    });
  }

  /**
   * Ends shares at once, and resolves when that is written.
   * @param administrator for the audit; default: the owner
   * @throws GatewayError SHARE_UNKNOWN: then none of them has ended
   */
  async revoke(ids: readonly string[], administrator?: string): Promise<Pick<Revoked, "revoked" | "guests">> {
    const { table, writer, owner } = this.#options;
    const shares = ids.map((id) => table.require(id));
    const reason = administrator === undefined ? "revoked" : "administrator";
    const ends = shares.map((share) => this.#end(share, reason, administrator ?? owner));
    await writer.keep(ends.flatMap(({ changes }) => changes));
    return { revoked: shares.length, guests: ends.reduce((sum, { guests }) => sum + guests, 0) };
  }

  /** Ends all live shares, as `revoke` does. */
  revokeAll(administrator?: string): Promise<Pick<Revoked, "revoked" | "guests">> {
    return this.revoke(
      this.#options.table.live().map(({ id }) => id),
      administrator,
    );
  }

  /** Ends the shares whose time is over. */
  expire(): void {
    const { table, writer } = this.#options;
    const expired = table.shares.filter(({ id }) => table.stateOf(id) === "expired");
    writer.keepLater(expired.flatMap((share) => this.#end(share, "expired", "gateway").changes));
    this.armExpiry();
  }

  /**
   * Sets the timer for the next share that expires; call it after a share's time changed. The clock is read again each time:
   * machines sleep, and clocks are set (RULES R22).
   */
  armExpiry(): void {
    if (this.#closed) return;
    const { table, clock } = this.#options;
    const ends = table.shares.map((share) => table.endOf(share)).filter((end) => end !== null);
    if (ends.length === 0) this.#expiry.stop();
    else this.#expiry.set(Math.max(0, Math.min(...ends) - clock()), () => this.expire());
  }

  /** Applies changed ceilings to existing shares at once (RULES R19). */
  changePolicy(policy: PolicySettings): void {
    const { table, writer, events } = this.#options;
    const before = table.live();
    table.changePolicy(policy);
    // A share that is over because of a ceiling was ended by the administrator, not by the owner or its expiry.
    const stopped = before.filter(({ id }) => table.stateOf(id) !== "live");
    for (const { id } of table.shares) if (table.stateOf(id) === "revoked") this.closeParts(id, "administrator");
    if (policy.hubUsersOnly) this.#removeUnknown();
    for (const share of stopped) {
      if (table.stateOf(share.id) === "revoked") events.emit("stopped", share, "administrator");
      else writer.keepLater(this.#end(share, "administrator", "administrator").changes);
    }
    this.expire();
    events.emit("change");
  }

  /** Closes what the guests of a share have open; their sessions go on. */
  closeParts(id: string, reason: SessionCloseReason): void {
    const { table, guests } = this.#options;
    for (const session of table.sessionsOf(id)) guests.end(session.id, reason);
  }

  close(): void {
    this.#closed = true;
    this.#expiry.stop();
  }

  /** Ends a share in memory, at once. @returns what to write, and how many guests were in */
  #end(share: StoredShare, reason: Ending, who: string): { guests: number; changes: StoreChange[] } {
    const { table, sessions, events, audit, clock } = this.#options;
    const own = table.sessionsOf(share.id);
    const guests = presentGuests(own, this.#options.guests);
    table.remove(share.id);
    const endings = own.flatMap((session) => sessions.end(session, "share", reason));
    const endReason = reason === "expired" ? reason : "revoked";
    const ended: StoredShare = { ...share, endedAt: clock(), endReason };
    events.emit("ended", ended);
    if (reason === "administrator" || reason === "hub") events.emit("stopped", ended, reason);
    events.emit("change");
    const entry = audit.entry(reason === "expired" ? "expire" : "revoke", share.id, who, { guests });
    return { guests, changes: [{ type: "share", share: ended }, ...endings, entry] };
  }

  /** Guests without a login at the hub. */
  #removeUnknown(): void {
    const { table, sessions, writer } = this.#options;
    const unknown = table.shares.flatMap(({ id }) => table.sessionsOf(id)).filter(({ hubUser }) => hubUser === null);
    writer.keepLater(unknown.flatMap((session) => sessions.end(session, "removed", "login")));
  }
}
