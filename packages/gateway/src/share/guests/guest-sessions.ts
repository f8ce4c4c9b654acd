import type { IncomingMessage } from "node:http";
import { type Enter, guestName } from "@waiide/protocol";
import { networkOf, WrongTries } from "../../access/wrong-tries.ts";
import { GatewayError } from "../../base/errors.ts";
import { cookiesNamed, setCookie } from "../../http/cookies.ts";
import type { RequestContext } from "../../http/request-context.ts";
import type { HubPerson } from "../../hub/hub-authentication.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import type { Companions } from "../hub-link/companions.ts";
import { isSameGuest, presentGuests } from "../records/one-guest.ts";
import { guestColors } from "../records/person-colors.ts";
import { isNamed } from "../records/recipient.ts";
import { hashOf, newId, newSecret } from "../records/secrets.ts";
import type { SessionRecords } from "../records/sessions.ts";
import type { ShareStorage } from "../records/storage.ts";
import { lowerOf, type ShareTable } from "../records/table.ts";
import type { StoredSession, StoredShare } from "../store/stored.ts";
import type { Guests } from "./guests.ts";
import type { HubPeople } from "./hub-people.ts";
import type { WaitingRoom } from "./waiting-room.ts";

/** Sessions of one share that have no page yet. With more, the oldest ends, of the same address if there is one. */
const maxWithoutPage = 200;
/** Sessions of one share whose page was closed; the oldest ends first. */
const maxAbsent = 1_000;
/** Seconds. A browser keeps the cookie no longer than the share lives. */
const maxCookieLength = 30 * 24 * 3_600;

/** A share's cookie, judged. `double`: two cookies of that name (RULES R15); `unread`: the shares cannot be read now. */
export type CookieVerdict =
  | { readonly kind: "session"; readonly session: StoredSession }
  | { readonly kind: "none" | "wrong" | "double" | "unread" };

export interface GuestSessionsOptions {
  readonly table: ShareTable;
  readonly storage: Pick<ShareStorage, "isUnread" | "unavailable" | "requireAvailable">;
  readonly records: Pick<SessionRecords, "add" | "leave">;
  readonly audit: Pick<AuditLog, "refused">;
  readonly guests: Guests;
  /** Path prefix of the gateway, begins and ends with `/`. */
  readonly baseUrl: string;
  /** Guests in one share at once. */
  readonly maxGuestsOfShare: number;
  /** Guests whom the owner must accept first. */
  readonly waiting: Pick<WaitingRoom, "ask" | "answer">;
  /** Name of the owner, for guests. */
  readonly owner: string;
  /** Behind a hub, which is shown each entry. */
  readonly companions?: Pick<Companions, "enter"> | undefined;
  /** Guests with a login at the hub; undefined without a hub. */
  readonly people?: HubPeople | undefined;
  readonly clock?: () => number;
}

/** Who asks to enter. */
export interface EntryRequest extends Pick<RequestContext, "clientAddress"> {
  /** Logged in at the hub; undefined: not, or there is none. */
  readonly person?: HubPerson | undefined;
}

/** What `enter` comes to: in, with the `Set-Cookie` value; or waiting for the owner, with what to ask again with. */
export type Entered = { readonly cookie: string } | { readonly waiting: string };

/** How guests enter (RULES R15): a link's secret becomes a session, whose cookie is valid for this share alone. */
export class GuestSessions {
  readonly #options: GuestSessionsOptions;
  readonly #clock: () => number;
  readonly #wrong = new WrongTries();

  constructor(options: GuestSessionsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
  }

  /** Whether guests by a link must have logged in at the hub (RULES R19). */
  get needsHubUser(): boolean {
    return this.#options.table.policy.hubUsersOnly;
  }

  /**
   * The share of a link. Wrong, ended and unknown links look alike.
   * @throws GatewayError SHARE_LINK_WRONG, TOO_MANY_ATTEMPTS, SHARING_UNAVAILABLE, SHARE_HUB_LOGIN
   */
  async look(id: string, secret: string | undefined, { clientAddress, person }: EntryRequest): Promise<StoredShare> {
    const { table, storage, audit, people } = this.#options;
    if (storage.isUnread) storage.requireAvailable();
    const share = table.findLive(id);
    if (share !== undefined && this.#opens(share, secret, person)) {
      if (this.needsHubUser && person === undefined) throw new GatewayError("SHARE_HUB_LOGIN");
      return share;
    }
    // Every id gets this answer: only people who are logged in learn whether a share is for them.
    if (secret === undefined && person === undefined && people !== undefined) throw new GatewayError("SHARE_HUB_LOGIN");
    const seconds = await this.#wrong.count(clientAddress);
    if (seconds !== undefined) throw new GatewayError("TOO_MANY_ATTEMPTS", { seconds });
    if (share !== undefined) audit.refused(id, "a wrong or ended link");
    throw new GatewayError("SHARE_LINK_WRONG");
  }

  /**
   * Makes a session, new at each entry; the browser's former one ends. Where the owner accepts guests, they wait first.
   * @param gone the guest's page has closed
   * @throws GatewayError SHARE_LINK_WRONG, TOO_MANY_ATTEMPTS, SHARE_HUB_LOGIN, SHARE_FULL, SHARING_UNAVAILABLE, HUB_UNREACHABLE, SHARE_DECLINED, SHARE_UNANSWERED, SHARE_ASKED_OFTEN, SHARE_MANY_WAITING
   */
  async enter(
    request: IncomingMessage,
    context: Pick<RequestContext, "scheme"> & EntryRequest,
    id: string,
    entry: Enter,
    gone: AbortSignal,
  ): Promise<Entered> {
    this.#options.storage.requireAvailable();
    const share = await this.look(id, entry.secret, context);
    const waiting = await this.#approval(share, context, entry, gone);
    if (waiting !== undefined) return { waiting };
    // While the guest waited, the share or the link may have ended.
    return { cookie: await this.#admit(request, context, id, entry) };
  }

  /** @returns what the guest waits with; undefined: they may join */
  async #approval(
    share: StoredShare,
    { person: login, clientAddress }: EntryRequest,
    { secret, name, waiting: asked }: Enter,
    gone: AbortSignal,
  ): Promise<string | undefined> {
    const { table, waiting, owner } = this.#options;
    const person = this.namesGuests(share) ? login : undefined;
    if (!table.needsApproval(share) || this.#wasAccepted(share, person)) return undefined;
    const approval = asked === undefined ? "gone" : await waiting.answer(share.id, asked, gone);
    if (approval === "accepted") return undefined;
    if (approval === "waiting") return asked;
    if (approval === "declined") throw new GatewayError("SHARE_DECLINED", { owner });
    if (approval === "unanswered") throw new GatewayError("SHARE_UNANSWERED", { owner });
    const still = await this.look(share.id, secret, { clientAddress, person: login });
    this.requirePlace(still, { id: "", hubUser: person?.name ?? null });
    return waiting.ask({
      share: share.id,
      link: this.#linkOf(share, secret),
      name: guestName(person?.name ?? name ?? ""),
      hubUser: person?.name ?? null,
      network: networkOf(clientAddress),
    });
  }

  /**
   * Whether the owner has already accepted this hub user: in another browser, or before a restart that required a new login.
   * Owners need no acceptance of their own.
   */
  #wasAccepted({ id }: StoredShare, person: HubPerson | undefined): boolean {
    const { table } = this.#options;
    if (person === undefined) return false;
    return table.isOwner(person) || table.sessionsOf(id).some(({ hubUser }) => hubUser === person.name);
  }

  async #admit(
    request: IncomingMessage,
    context: Pick<RequestContext, "scheme"> & EntryRequest,
    id: string,
    { secret, name }: Enter,
  ): Promise<string> {
    const { table, records } = this.#options;
    const share = await this.look(id, secret, context);
    const before = this.identify(request, context, id);
    const own = before.kind === "session" ? before.session : undefined;
    const person = this.namesGuests(share) ? context.person : undefined;
    this.requirePlace(share, own ?? { id: "", hubUser: person?.name ?? null });
    const link = this.#linkOf(share, secret);
    if (secret !== undefined && (await this.#options.companions?.enter(share, link, secret)) === false) {
      throw new GatewayError("HUB_UNREACHABLE", { reason: "it does not know this link" });
    }
    if (table.stateOf(id) !== "live") throw new GatewayError("SHARE_LINK_WRONG");
    const cookie = newSecret();
    const loweredTo = () => this.#loweredTo(id, own, person);
    const session: StoredSession = {
      id: newId(),
      share: id,
      link,
      cookieHash: hashOf(cookie),
      name: guestName(person?.name ?? name ?? ""),
      hubUser: person?.name ?? null,
      color: this.#colorFor(id),
      level: loweredTo(),
      enteredAt: this.#clock(),
      endedAt: null,
      endReason: null,
    };
    await records.add(session, loweredTo);
    // The share may have ended while the disk was writing.
    if (table.stateOf(id) !== "live") throw new GatewayError("SHARE_LINK_WRONG");
    if (own !== undefined) records.leave(own);
    if (person !== undefined) this.#options.people?.entered(session.id, person);
    this.#options.guests.entered(session.id, context.clientAddress);
    this.#endAbsent(id, context.clientAddress);
    return this.#cookie(context, share, cookie);
  }

  /** The session whose cookie of this share a request carries. */
  identify(request: IncomingMessage, { scheme }: Pick<RequestContext, "scheme">, id: string): CookieVerdict {
    const values = cookiesNamed(cookieName(id, scheme), request.headers.cookie);
    if (values.length === 0) return { kind: "none" };
    if (values.length > 1) return { kind: "double" };
    const { table, storage } = this.#options;
    const session = table.sessionWith(id, values[0] ?? "");
    if (session === undefined && storage.isUnread) return { kind: "unread" };
    if (session === undefined || table.stateOf(id) !== "live") return { kind: "wrong" };
    if (!this.#isKnown(session)) return { kind: "wrong" };
    return { kind: "session", session };
  }

  /** Whether a session can still be used. */
  isLive(session: StoredSession): boolean {
    const { table } = this.#options;
    return table.session(session.id) !== undefined && table.stateOf(session.share) === "live" && this.#isKnown(session);
  }

  /** Whether a secret opens a share. */
  isSecretOf(id: string, secret: string): boolean {
    return this.#options.table.linkWith(id, secret) !== undefined;
  }

  /** For a cookie that cannot be judged now. */
  get unavailable(): GatewayError {
    return new GatewayError("SHARING_UNAVAILABLE", {
      reason: this.#options.storage.unavailable ?? "it is not ready yet",
    });
  }

  /** @throws GatewayError SHARE_FULL if other guests' pages take all places */
  requirePlace(share: StoredShare, own: Pick<StoredSession, "id" | "hubUser">): void {
    const { table, guests, maxGuestsOfShare } = this.#options;
    const others = presentGuests(
      table.sessionsOf(share.id).filter((session) => !isSameGuest(session, own)),
      guests,
    );
    const max = Math.min(share.maxGuests ?? maxGuestsOfShare, maxGuestsOfShare);
    if (others >= max) throw new GatewayError("SHARE_FULL", { most: max });
  }

  /** People with the link can enter any number of times: sessions without a page must cost nothing. */
  #endAbsent(id: string, address: string): void {
    const { table, guests } = this.#options;
    const absent = table.sessionsOf(id).filter((session) => guests.isAbsent(session.id));
    const neverOpened = absent.filter((session) => guests.enteredFrom(session.id) !== undefined);
    if (neverOpened.length > maxWithoutPage) {
      const ofSameAddress = neverOpened.find((session) => guests.enteredFrom(session.id) === address);
      this.#endUnused(ofSameAddress ?? neverOpened[0]);
    } else if (absent.length > maxAbsent) this.#endUnused(absent[0]);
  }

  #endUnused(session: StoredSession | undefined): void {
    if (session !== undefined) this.#options.records.leave(session);
  }

  /** The `Set-Cookie` value that makes a browser forget its session. */
  dropCookie({ scheme }: Pick<RequestContext, "scheme">, id: string): string {
    return this.#setCookie(scheme, id, "", 0);
  }

  /**
   * A session tied to a hub user stays valid only while the hub confirms that user. With hub-users-only there are no other
   * sessions.
   */
  #isKnown({ id, hubUser, share }: StoredSession): boolean {
    if (hubUser === null) return !this.needsHubUser;
    const person = this.#options.people?.find(id);
    return person !== undefined && this.#options.table.admits(share, person);
  }

  /** Whether the hub says who the guests of a share are. */
  namesGuests(share: StoredShare): boolean {
    return this.needsHubUser || isNamed(share);
  }

  #opens(share: StoredShare, secret: string | undefined, person: HubPerson | undefined): boolean {
    const { table } = this.#options;
    if (isNamed(share)) return person !== undefined && table.admits(share.id, person);
    return secret !== undefined && table.linkWith(share.id, secret) !== undefined;
  }

  /** A guest whom the owner lowered stays lowered: entering anew, or from another browser, is the same visit. */
  #loweredTo(id: string, own: StoredSession | undefined, person: HubPerson | undefined): StoredSession["level"] {
    const same = this.#options.table
      .sessionsOf(id)
      .filter((one) => one.id === own?.id || (person !== undefined && one.hubUser === person.name));
    return same.reduce<StoredSession["level"]>(
      (level, one) => (level === null ? one.level : lowerOf(level, one.level)),
      null,
    );
  }

  #linkOf({ id }: StoredShare, secret: string | undefined): string {
    const { table } = this.#options;
    return (secret === undefined ? table.linksOf(id)[0] : table.linkWith(id, secret))?.id ?? "";
  }

  #cookie({ scheme }: Pick<RequestContext, "scheme">, share: StoredShare, value: string): string {
    const left = this.#options.table.timeLeft(share);
    const life = left === null ? maxCookieLength : Math.ceil(left / 1_000);
    return this.#setCookie(scheme, share.id, value, Math.min(maxCookieLength, life));
  }

  #setCookie(scheme: RequestContext["scheme"], id: string, value: string, life: number): string {
    const path = `${this.#options.baseUrl}share/${id}/`;
    return setCookie({ name: cookieName(id, scheme), value, path, life, secure: scheme === "https" });
  }

  #colorFor(share: string): string {
    const taken = this.#options.table.sessionsOf(share).map(({ color }) => color);
    const free = guestColors.find((color) => !taken.includes(color));
    return free ?? (guestColors[taken.length % guestColors.length] as string);
  }
}

/** Browsers refuse `__Secure-` over plain HTTP; `__Host-` cannot be confined to a path. */
function cookieName(id: string, scheme: "http" | "https"): string {
  return scheme === "https" ? `__Secure-waiide-${id}` : `waiide-${id}`;
}
