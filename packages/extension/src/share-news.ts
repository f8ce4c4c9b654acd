import type { Guest, Share } from "@waiide/protocol";

/** What happened between two looks at the shares. */
export type ShareNews =
  | { readonly kind: "entered" | "left"; readonly share: Share; readonly guest: Guest }
  | { readonly kind: "created"; readonly share: Share };

/**
 * @param before the list of the last look
 * @param own ids of shares that this window made: nobody needs to be told of them
 */
export function newsBetween(before: readonly Share[], after: readonly Share[], own: ReadonlySet<string>): ShareNews[] {
  const known = new Map(before.map((share) => [share.id, share]));
  return after.flatMap((share): ShareNews[] => {
    const earlier = known.get(share.id);
    const created = earlier === undefined && !own.has(share.id) ? [{ kind: "created" as const, share }] : [];
    return [...created, ...guestNews(earlier?.guests ?? [], share)];
  });
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
  return new Map(guests.filter(({ present }) => present).map((guest) => [guest.session, guest]));
}
