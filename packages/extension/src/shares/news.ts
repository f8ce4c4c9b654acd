import type { Guest, JoinRequest, Share } from "@waiide/protocol";
import { guestsOnline } from "@waiide/protocol/share-facts";

/** A difference between two lists of shares. */
export type ShareNews =
  | { readonly kind: "entered" | "left"; readonly share: Share; readonly guest: Guest }
  | { readonly kind: "created"; readonly share: Share }
  /** Somebody waits to be let in. */
  | { readonly kind: "asked"; readonly share: Share; readonly request: JoinRequest }
  /** A Terminal Access share has ended, but shares that its guests may have made are active. */
  | { readonly kind: "outlived"; readonly share: Share; readonly made: readonly Share[] };

/**
 * @param before the previous list
 * @param own ids of shares that this window created, which are no news
 * @param decided ids of shares that the owner revoked in this window, deciding about the others too
 */
export function newsBetween(
  before: readonly Share[],
  after: readonly Share[],
  own: ReadonlySet<string>,
  decided: ReadonlySet<string> = new Set(),
): ShareNews[] {
  const known = new Map(before.map((share) => [share.id, share]));
  const news = after.flatMap((share): ShareNews[] => {
    const earlier = known.get(share.id);
    const created = earlier === undefined && !own.has(share.id) ? [{ kind: "created" as const, share }] : [];
    return [...created, ...requestNews(earlier?.requests ?? [], share), ...guestNews(earlier?.guests ?? [], share)];
  });
  const live = new Set(after.map(({ id }) => id));
  const ended = before.filter(({ id }) => !live.has(id) && !decided.has(id));
  const outlived = ended
    .map((share) => ({ kind: "outlived" as const, share, made: madeDuring(share.id, after) }))
    .filter(({ made }) => made.length > 0);
  return [...news, ...outlived];
}

/** Shares that guests of a Terminal Access share may have made. */
export function madeDuring(id: string, shares: readonly Share[]): readonly Share[] {
  return shares.filter((share) => share.made_during === id);
}

/** @param before the requests of the previous list; of the first list all are news, since somebody waits for an answer */
export function requestNews(before: readonly JoinRequest[], share: Share): ShareNews[] {
  const known = new Set(before.map(({ request }) => request));
  const fresh = share.requests.filter(({ request }) => !known.has(request));
  return fresh.map((request) => ({ kind: "asked", share, request }));
}

function guestNews(before: readonly Guest[], share: Share): ShareNews[] {
  const were = presentIn(before);
  const are = presentIn(share.guests);
  const entered = [...are.values()].filter(({ session }) => !were.has(session));
  const left = [...were.values()].filter(({ session }) => !are.has(session));
  return [
    ...entered.map((guest) => ({ kind: "entered" as const, share, guest })),
    ...left.map((guest) => ({ kind: "left" as const, share, guest })),
  ];
}

function presentIn(guests: readonly Guest[]): Map<string, Guest> {
  return new Map(guestsOnline({ guests }).map((guest) => [guest.session, guest]));
}
