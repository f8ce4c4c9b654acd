import type { Guests } from "../guests/guests.ts";
import type { StoredSession } from "../store/stored.ts";

type Identified = Pick<StoredSession, "id" | "hubUser">;

/**
 * The guest of a session: two tabs of a browser share a session, and a hub user is one guest in two browsers. Guests are
 * counted, listed and limited by this name.
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
