import type { Guests } from "../guests/guests.ts";
import type { StoredSession } from "../store/stored.ts";

type Identified = Pick<StoredSession, "id" | "hubUser">;

/**
 * Who a session belongs to: two tabs of a browser share a session, and whom the hub names is one guest in two browsers as
 * well. Wherever guests are counted, listed or limited, they are counted by this.
 */
export function guestOf({ id, hubUser }: Identified): string {
  return hubUser === null ? `session:${id}` : `user:${hubUser}`;
}

export function isSameGuest(one: Identified, other: Identified): boolean {
  return guestOf(one) === guestOf(other);
}

/** How many guests have a page open. */
export function presentGuests(sessions: readonly Identified[], guests: Pick<Guests, "isPresent">): number {
  return new Set(sessions.filter(({ id }) => guests.isPresent(id)).map(guestOf)).size;
}
