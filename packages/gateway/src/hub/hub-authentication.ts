import { hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import {
  type Authentication,
  type LoginStart,
  tokenOfAuthorization,
  type Verdict,
  type Visitor,
} from "../access/authentication.ts";
import { GatewayError } from "../base/errors.ts";
import type { HubSettings } from "../config/hub-settings.ts";
import { cookiesNamed } from "../http/cookies.ts";
import type { PageHolder } from "../http/page-proof.ts";
import type { RequestContext } from "../http/request-context.ts";
import { safeNext } from "../pages/login-routes.ts";
import { tokenParameters } from "../proxy/token-parameters.ts";
import type { Identity } from "./access.ts";
import { HubCookies } from "./cookies.ts";
import type { Identities, Known } from "./identities.ts";
import { type LoginState, type Logins, loginLife } from "./oauth.ts";
import { defaultSessionLife, type Session, type Sessions } from "./sessions.ts";

type Scheme = RequestContext["scheme"];

export interface HubAuthenticationOptions {
  readonly hub: HubSettings;
  readonly identities: Identities;
  readonly sessions: Sessions;
  readonly logins: Logins;
  /** Called when the owner has logged in: there is a token now to act in their name. */
  readonly onOwnerLogin?: () => void;
}

/** A person who is logged in at the hub. */
export interface HubPerson {
  /** As the hub spells it. */
  readonly name: string;
  readonly groups: readonly string[];
  /** Of their login here; none before JupyterHub 2. */
  readonly scopes: readonly string[];
  /** Asks the hub again. `gone`: logged out, or no longer a user; `unknown`: the hub does not answer. */
  recheck(): Promise<HubPerson | "gone" | "unknown">;
}

/** The hub's own cookie: one value for each browser, and a new one after a logout. */
const hubSessionCookie = "jupyterhub-session-id";
/** Hub tokens have 32 hexadecimal digits, or 30 letters and digits if they come from a login. */
const hubToken = /^[0-9A-Za-z]{30,32}$/;
/** The hub accepts no shorter ones from administrators. */
const minTokenLength = 8;
/** While the hub does not answer, tokens in addresses are checked at most this often. Milliseconds. */
const pauseWhenSilent = 5_000;

/** Pending logins per browser; the cookies of more would make its requests too long. */
const maxStateCookies = 8;

interface BrowserSession {
  /** The cookie's value. */
  readonly id: string;
  readonly session: Session;
  /** The browser's session at the hub. */
  readonly atHub: string;
}

/** Login at the hub (RULES R2, R3): by a cookie that names a session here, or by a hub token in `Authorization`. */
export class HubAuthentication implements Authentication {
  readonly #parts: HubAuthenticationOptions;
  readonly #cookies: HubCookies;
  #silentUntil = 0;

  constructor(parts: HubAuthenticationOptions) {
    this.#parts = parts;
    this.#cookies = new HubCookies(parts.hub);
  }

  authenticate(
    request: IncomingMessage,
    context: Pick<RequestContext, "clientAddress" | "query" | "scheme">,
  ): Verdict | Promise<Verdict> {
    const { identities } = this.#parts;
    const { clientAddress } = context;
    const token = tokenOfAuthorization(request.headers.authorization);
    const found = this.#session(request);
    if (token === undefined) {
      return found === undefined ? this.#byAddress(request, context) : this.#whenKnown(found, false);
    }
    // Beside a cookie the token may be an app's own; the hub is not asked about that each time.
    const known =
      found === undefined ? identities.identify(token, clientAddress) : identities.classify(token, clientAddress);
    const judge = (who: Known) => this.#judgeToken(who, token, found);
    return known instanceof Promise ? known.then(judge) : judge(known);
  }

  /**
   * A token in the address, as HubAuth accepts it: for WebSockets, whose headers pages cannot set, and for other requests if an
   * administrator permits it. Used only without other credentials; a token that the hub does not know is an app's own.
   */
  #byAddress(
    request: IncomingMessage,
    { clientAddress, query, scheme }: Pick<RequestContext, "clientAddress" | "query" | "scheme">,
  ): Verdict | Promise<Verdict> {
    const { hub, identities } = this.#parts;
    const isSocket = request.method === "GET" && request.headers.upgrade?.toLowerCase() === "websocket";
    const token = isSocket || hub.allowTokenInUrl ? tokenParameters(query)[0] : undefined;
    if (token === undefined || token.length < minTokenLength) return { kind: "unknown" };
    const judge = (known: Known): Verdict => {
      if (known.kind === "invalid") return { kind: "unknown" };
      if (known.kind !== "admitted") return this.#refusal(known);
      return {
        kind: "admitted",
        by: "address",
        hidesAuthorization: false,
        recheck: () => this.#recheck(token, () => true),
        opensSession: { token, cookie: () => this.openSession(token, defaultSessionLife, scheme) },
        ...this.#visitor(known.identity),
      };
    };
    const known = identities.identify(token, clientAddress);
    return known instanceof Promise ? known.then(judge) : judge(known);
  }

  /**
   * Whether it is a hub token, for this server or another. The hub is asked only once about one that it does not know: that
   * is an app's own and never becomes a hub token.
   */
  owns(token: string, from: string): boolean | Promise<boolean> {
    const { hub, sessions, identities } = this.#parts;
    if (token.length < minTokenLength) return false;
    if (token === hub.apiToken || sessions.live().some((session) => session.token === token)) return true;
    if (performance.now() < this.#silentUntil) return hubToken.test(token);
    const judge = ({ kind }: Known) => {
      if (kind !== "unavailable") return kind !== "invalid";
      this.#silentUntil = performance.now() + pauseWhenSilent;
      return hubToken.test(token);
    };
    const known = identities.classify(token, from);
    return known instanceof Promise ? known.then(judge) : judge(known);
  }

  /** This browser's login, of any person. */
  loginOf(request: IncomingMessage): PageHolder | undefined {
    const id = this.#session(request)?.id;
    return id === undefined ? undefined : `login:${hash("sha256", id, "base64url")}`;
  }

  /** The browser's session at the hub, part of the cache key of its login; empty without one. */
  sessionAtHub(request: IncomingMessage): string {
    return cookiesNamed(hubSessionCookie, request.headers.cookie).join(";");
  }

  beginLogin(request: IncomingMessage, { scheme }: Pick<RequestContext, "scheme">, next: string): LoginStart {
    const { hub, logins } = this.#parts;
    const { state, location } = logins.begin(safeNext(next, hub.servicePrefix));
    const stale = this.#cookies.stateNames(request.headers.cookie);
    const dropped = stale.length < maxStateCookies ? [] : stale.map((name) => this.#cookies.make(name, "", 0, scheme));
    const own = this.#cookies.make(this.#cookies.stateName(state.id), state.browser, loginLife / 1_000, scheme);
    return { location, cookies: [...dropped, own] };
  }

  /**
   * The login that the hub sent a browser back from. `stale`: it has ended or is unknown here, but the browser began one and
   * keeps cookies, so that a new one can succeed.
   */
  resumeLogin(request: IncomingMessage, id: string): LoginState | "stale" | undefined {
    const values = cookiesNamed(this.#cookies.stateName(id), request.headers.cookie);
    const state = this.#parts.logins.find(id);
    if (state !== undefined && !state.used && values.includes(state.browser)) return state;
    return state === undefined && values.length > 0 ? "stale" : undefined;
  }

  /** Whether the browser has a session by now, for logins that come back late. */
  isLoggedIn(request: IncomingMessage): boolean {
    return this.#session(request) !== undefined;
  }

  returnsFromLogin(request: IncomingMessage, address: string): boolean {
    const session = this.#session(request)?.session;
    if (session?.returnsTo !== address) return false;
    session.returnsTo = undefined;
    return true;
  }

  /**
   * The hub user of a browser, whether they may enter this server or not; undefined if they are not logged in.
   * @throws GatewayError HUB_UNREACHABLE
   */
  async personOf(request: IncomingMessage): Promise<HubPerson | undefined> {
    const found = this.#session(request);
    if (found === undefined) return undefined;
    const { session, atHub } = found;
    const known = await this.#parts.identities.identify(session.token, "", atHub);
    if (known.kind === "unavailable") throw new GatewayError("HUB_UNREACHABLE", { reason: known.reason });
    return this.#person(known, session);
  }

  /** The token of the owner's newest login, to act in their name at the hub; undefined if they are not logged in. */
  ownerToken(): string | undefined {
    return this.#parts.sessions.live().find(({ token }) => this.#isOwners(token))?.token;
  }

  /** @returns the `Set-Cookie` value that logs the browser in */
  openSession(token: string, life: number, scheme: Scheme, returnsTo?: string): string {
    const id = this.#parts.sessions.open(token, life, returnsTo);
    if (this.#isOwners(token)) this.#parts.onOwnerLogin?.();
    return this.#cookies.make(this.#cookies.session, id, life, scheme);
  }

  /** Forgets this browser's login and the cached answer about its token. @returns `Set-Cookie` values */
  closeSession(request: IncomingMessage, scheme: Scheme): string[] {
    const { sessions, identities } = this.#parts;
    for (const id of cookiesNamed(this.#cookies.session, request.headers.cookie)) {
      const ended = sessions.end(id);
      if (ended !== undefined) identities.forget(ended.token);
    }
    return [this.#cookies.make(this.#cookies.session, "", 0, scheme)];
  }

  /** @returns the `Set-Cookie` value that forgets a pending login */
  dropState(id: string, scheme: Scheme): string {
    return this.#cookies.make(this.#cookies.stateName(id), "", 0, scheme);
  }

  #isOwners(token: string): boolean {
    const user = this.#parts.identities.userOf(token);
    return user?.kind === "user" && user.name === this.#parts.hub.user;
  }

  #person(known: Known, session: Session): HubPerson | undefined {
    const user = this.#parts.identities.userOf(session.token);
    if (known.kind === "invalid" || user?.kind !== "user" || !this.#parts.sessions.holds(session)) return undefined;
    const recheck = async (): Promise<HubPerson | "gone" | "unknown"> => {
      const now = await this.#parts.identities.check(session.token);
      return now.kind === "unavailable" ? "unknown" : (this.#person(now, session) ?? "gone");
    };
    return { name: user.name, groups: user.groups, scopes: user.scopes ?? [], recheck };
  }

  #session(request: IncomingMessage): BrowserSession | undefined {
    for (const id of cookiesNamed(this.#cookies.session, request.headers.cookie)) {
      const session = this.#parts.sessions.find(id);
      if (session !== undefined) return { id, session, atHub: this.sessionAtHub(request) };
    }
    return undefined;
  }

  #whenKnown({ session, atHub }: BrowserSession, hidesAuthorization: boolean): Verdict | Promise<Verdict> {
    const known = this.#parts.identities.identify(session.token, "", atHub);
    const judge = (who: Known) => this.#judgeSession(who, session, hidesAuthorization);
    return known instanceof Promise ? known.then(judge) : judge(known);
  }

  #judgeSession(known: Known, session: Session, hidesAuthorization: boolean): Verdict {
    // Revoked, expired or logged out at the hub: only a new login helps.
    if (known.kind === "invalid") return { kind: "unknown" };
    if (known.kind !== "admitted") return this.#refusal(known);
    const recheck = () => this.#recheck(session.token, () => this.#parts.sessions.holds(session));
    return { kind: "admitted", by: "cookie", hidesAuthorization, recheck, ...this.#visitor(known.identity) };
  }

  #judgeToken(known: Known, token: string, session: BrowserSession | undefined): Verdict | Promise<Verdict> {
    if (known.kind === "admitted") {
      const recheck = () => this.#recheck(token, () => true);
      return {
        kind: "admitted",
        by: "authorization",
        hidesAuthorization: true,
        recheck,
        ...this.#visitor(known.identity),
      };
    }
    if (session === undefined) return this.#refusal(known);
    const isHubs = known.kind === "denied" || (known.kind === "unavailable" && hubToken.test(token));
    return this.#whenKnown(session, isHubs);
  }

  #refusal(known: Exclude<Known, { kind: "admitted" }>): Verdict {
    const { user, servicePrefix } = this.#parts.hub;
    switch (known.kind) {
      case "invalid":
        return { kind: "refused", error: new GatewayError("HUB_TOKEN_REFUSED") };
      case "unavailable":
        return { kind: "refused", error: new GatewayError("HUB_UNREACHABLE", { reason: known.reason }) };
      case "denied": {
        const details = { user: known.name, owner: user, base: servicePrefix };
        if (known.reason === "share level") {
          return { kind: "refused", error: new GatewayError("HUB_SHARE_LEVEL", { ...details, scopes: known.holds }) };
        }
        return { kind: "refused", error: new GatewayError("HUB_ACCESS_DENIED", details) };
      }
    }
  }

  #visitor({ kind, name }: Identity): { visitor?: Visitor; holder: PageHolder } {
    if (kind === "owner") return { holder: "owner" };
    const holder: PageHolder = `hub:${kind}:${name}`;
    return { holder, visitor: { name, owner: this.#parts.hub.user, readsApi: kind !== "guest" } };
  }

  async #recheck(token: string, stands: () => boolean): Promise<"ok" | "refused" | "unknown"> {
    if (!stands()) return "refused";
    const known = await this.#parts.identities.check(token);
    if (known.kind === "unavailable") return "unknown";
    return known.kind === "admitted" && stands() ? "ok" : "refused";
  }
}
