import type { IncomingMessage } from "node:http";
import { type Enter, guestName } from "@waiide/protocol";
import { cookiesNamed } from "../../access/authentication.ts";
import { WrongTries } from "../../access/wrong-tries.ts";
import { GatewayError } from "../../base/errors.ts";
import type { RequestContext } from "../../http/request-context.ts";
import type { HubPerson } from "../../hub/hub-authentication.ts";
import type { Companions } from "../hub-link/companions.ts";
import { isSameGuest, presentGuests } from "../records/one-guest.ts";
import { isMeant, isNamed } from "../records/recipient.ts";
import { hashOf, newId, newSecret } from "../records/secrets.ts";
import type { Shares } from "../records/shares.ts";
import type { StoredSession, StoredShare } from "../store/stored.ts";
import type { Guests } from "./guests.ts";
import type { HubPeople } from "./hub-people.ts";

/**
 * Sessions of one share that have no page yet. Entering is never refused for there being more: then the oldest of them
 * ends, of the same address where there is one.
 */
const maxWithoutPage = 200;
/** Sessions of one share whose page was closed; the oldest ends first. */
const maxAbsent = 1_000;
/** Seconds. A browser keeps the cookie no longer than the share lives. */
const maxCookieLength = 30 * 24 * 3_600;

/** Told apart easily on light and dark; the gateway chooses, so that no guest takes another's. */
const colors = ["#2f7de1", "#c4314b", "#1a8754", "#b35900", "#7a3ff2", "#0b7f8a", "#a8327e", "#5b6b00"];

/** What a cookie of a share leads to. `double`: two cookies of that name (RULES R15); `unread`: it cannot be known now. */
export type CookieVerdict =
  | { readonly kind: "session"; readonly session: StoredSession }
  | { readonly kind: "none" | "wrong" | "double" | "unread" };

export interface GuestSessionsOptions {
  readonly shares: Shares;
  readonly guests: Guests;
  /** Path prefix of the gateway, begins and ends with `/`. */
  readonly baseUrl: string;
  /** Guests in one share at once. */
  readonly maxGuestsOfShare: number;
  /** Behind a hub: who comes in is shown to it. */
  readonly companions?: Pick<Companions, "enter"> | undefined;
  /** Guests with a login at the hub; undefined without a hub. */
  readonly people?: HubPeople | undefined;
  readonly clock?: () => number;
}

/** Who asks to come in. */
export interface EntryRequest extends Pick<RequestContext, "clientAddress"> {
  /** Logged in at the hub; undefined: not, or there is none. */
  readonly person?: HubPerson | undefined;
}

/** How guests come in (RULES R15): a link's secret becomes a session, and its cookie is good for this share alone. */
export class GuestSessions {
  readonly #options: GuestSessionsOptions;
  readonly #clock: () => number;
  readonly #wrong = new WrongTries();

  constructor(options: GuestSessionsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
  }

  /** Whether who comes by a link must have logged in at the hub (RULES R19). */
  get needsHubUser(): boolean {
    return this.#options.shares.table.policy.hubUsersOnly;
  }

  /**
   * The share that a link leads to. Wrong, ended and never made look alike.
   * @throws GatewayError SHARE_LINK_WRONG, TOO_MANY_ATTEMPTS, SHARING_UNAVAILABLE, SHARE_HUB_LOGIN
   */
  async look(id: string, secret: string | undefined, { clientAddress, person }: EntryRequest): Promise<StoredShare> {
    const { shares, people } = this.#options;
    if (shares.isUnread) shares.requireAvailable();
    const share = shares.table.find(id);
    const isLive = share !== undefined && shares.stateOf(id) === "live";
    if (share !== undefined && isLive && this.#opens(share, secret, person)) {
      if (this.needsHubUser && person === undefined) throw new GatewayError("SHARE_HUB_LOGIN");
      return share;
    }
    // Any address is answered so: only who is logged in learns whether something there is for him.
    if (secret === undefined && person === undefined && people !== undefined) throw new GatewayError("SHARE_HUB_LOGIN");
    const seconds = await this.#wrong.count(clientAddress);
    if (seconds !== undefined) throw new GatewayError("TOO_MANY_ATTEMPTS", { seconds });
    if (isLive) shares.audit.refused(id, "a wrong or ended link");
    throw new GatewayError("SHARE_LINK_WRONG");
  }

  /**
   * Makes a session, new at each entry; the one that the browser had ends.
   * @returns the `Set-Cookie` value
   * @throws GatewayError SHARE_LINK_WRONG, TOO_MANY_ATTEMPTS, SHARE_HUB_LOGIN, SHARE_FULL, SHARING_UNAVAILABLE, HUB_UNREACHABLE
   */
  async enter(
    request: IncomingMessage,
    context: Pick<RequestContext, "scheme"> & EntryRequest,
    id: string,
    { secret, name }: Enter,
  ): Promise<string> {
    const { shares } = this.#options;
    shares.requireAvailable();
    const share = await this.look(id, secret, context);
    const before = this.identify(request, context, id);
    const own = before.kind === "session" ? before.session : undefined;
    const person = this.namesGuests(share) ? context.person : undefined;
    this.requirePlace(share, own ?? { id: "", hubUser: person?.name ?? null });
    const link = this.#linkOf(share, secret);
    if (secret !== undefined && (await this.#options.companions?.enter(share, link, secret)) === false) {
      throw new GatewayError("HUB_UNREACHABLE", { reason: "it does not know this link" });
    }
    if (shares.stateOf(id) !== "live") throw new GatewayError("SHARE_LINK_WRONG");
    const cookie = newSecret();
    const session: StoredSession = {
      id: newId(),
      share: id,
      link,
      cookieHash: hashOf(cookie),
      name: guestName(person?.name ?? name ?? ""),
      hubUser: person?.name ?? null,
      color: this.#colorFor(id),
      enteredAt: this.#clock(),
      endedAt: null,
      endReason: null,
    };
    await shares.addSession(session);
    // The share may have ended while the disk took its time.
    if (shares.stateOf(id) !== "live") throw new GatewayError("SHARE_LINK_WRONG");
    if (own !== undefined) shares.leave(own);
    if (person !== undefined) this.#options.people?.entered(session.id, person);
    this.#options.guests.entered(session.id, context.clientAddress);
    this.#endAbsent(id, context.clientAddress);
    return this.#cookie(context, share, cookie);
  }

  /** Whose cookie of this share a request carries. */
  identify(request: IncomingMessage, { scheme }: Pick<RequestContext, "scheme">, id: string): CookieVerdict {
    const values = cookiesNamed(cookieName(id, scheme), request.headers.cookie);
    if (values.length === 0) return { kind: "none" };
    if (values.length > 1) return { kind: "double" };
    const session = this.#options.shares.table.sessionWith(id, values[0] ?? "");
    if (session === undefined && this.#options.shares.isUnread) return { kind: "unread" };
    if (session === undefined || this.#options.shares.stateOf(id) !== "live") return { kind: "wrong" };
    if (!this.#isKnown(session)) return { kind: "wrong" };
    return { kind: "session", session };
  }

  /** Whether it opens a share. */
  isSecretOf(id: string, secret: string): boolean {
    return this.#options.shares.table.linkWith(id, secret) !== undefined;
  }

  /** For who carries a cookie of which nothing can be known now. */
  get unavailable(): GatewayError {
    return new GatewayError("SHARING_UNAVAILABLE", {
      reason: this.#options.shares.unavailable ?? "it is not ready yet",
    });
  }

  /** @throws GatewayError SHARE_FULL if pages of others already take all places */
  requirePlace(share: StoredShare, own: Pick<StoredSession, "id" | "hubUser">): void {
    const { shares, guests, maxGuestsOfShare } = this.#options;
    const others = presentGuests(
      shares.table.sessionsOf(share.id).filter((session) => !isSameGuest(session, own)),
      guests,
    );
    const max = Math.min(share.maxGuests ?? maxGuestsOfShare, maxGuestsOfShare);
    if (others >= max) throw new GatewayError("SHARE_FULL", { most: max });
  }

  /** People with the link can come in any number of times: sessions without a page must cost nothing. */
  #endAbsent(id: string, address: string): void {
    const { shares, guests } = this.#options;
    const absent = shares.table.sessionsOf(id).filter((session) => guests.isAbsent(session.id));
    const neverOpened = absent.filter((session) => guests.enteredFrom(session.id) !== undefined);
    if (neverOpened.length > maxWithoutPage) {
      const ofSameAddress = neverOpened.find((session) => guests.enteredFrom(session.id) === address);
      this.#endUnused(ofSameAddress ?? neverOpened[0]);
    } else if (absent.length > maxAbsent) this.#endUnused(absent[0]);
  }

  #endUnused(session: StoredSession | undefined): void {
    if (session !== undefined) this.#options.shares.leave(session);
  }

  /** The `Set-Cookie` value that makes a browser forget its session. */
  dropCookie({ scheme }: Pick<RequestContext, "scheme">, id: string): string {
    return this.#setCookie(scheme, id, "", 0);
  }

  /** Whom the hub named must still be named by it, and where it must name all, nobody else is in. */
  #isKnown({ id, hubUser, share }: StoredSession): boolean {
    if (hubUser === null) return !this.needsHubUser;
    const person = this.#options.people?.find(id);
    return person !== undefined && this.mayStay(share, person);
  }

  /** Whether one who has come in is still one whom the share is for. */
  mayStay(id: string, { name, groups }: HubPerson): boolean {
    const share = this.#options.shares.table.find(id);
    return share !== undefined && (!isNamed(share) || isMeant(share, name, groups));
  }

  /** Whether the hub says who its guests are. */
  namesGuests(share: StoredShare): boolean {
    return this.needsHubUser || isNamed(share);
  }

  #opens(share: StoredShare, secret: string | undefined, person: HubPerson | undefined): boolean {
    if (isNamed(share)) return person !== undefined && isMeant(share, person.name, person.groups);
    return secret !== undefined && this.#options.shares.table.linkWith(share.id, secret) !== undefined;
  }

  #linkOf({ id }: StoredShare, secret: string | undefined): string {
    const { table } = this.#options.shares;
    return (secret === undefined ? table.linksOf(id)[0] : table.linkWith(id, secret))?.id ?? "";
  }

  #cookie({ scheme }: Pick<RequestContext, "scheme">, share: StoredShare, value: string): string {
    const end = this.#options.shares.table.endOf(share);
    const left = end === null ? maxCookieLength : Math.ceil((end - this.#clock()) / 1_000);
    return this.#setCookie(scheme, share.id, value, Math.min(maxCookieLength, left));
  }

  #setCookie(scheme: RequestContext["scheme"], id: string, value: string, life: number): string {
    const path = `${this.#options.baseUrl}share/${id}/`;
    const secure = scheme === "https" ? "; Secure" : "";
    return `${cookieName(id, scheme)}=${value}; Path=${path}; Max-Age=${life}; HttpOnly; SameSite=Lax${secure}`;
  }

  #colorFor(share: string): string {
    const taken = this.#options.shares.table.sessionsOf(share).map(({ color }) => color);
    const free = colors.find((color) => !taken.includes(color));
    return free ?? (colors[taken.length % colors.length] as string);
  }
}

/** `__Secure-` is refused by browsers over plain HTTP; `__Host-` could not be confined to a path. */
function cookieName(id: string, scheme: "http" | "https"): string {
  return scheme === "https" ? `__Secure-waiide-${id}` : `waiide-${id}`;
}
