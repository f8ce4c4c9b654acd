import { hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import {
  type Authentication,
  cookiesNamed,
  type LoginStart,
  tokenOfAuthorization,
  type Verdict,
  type Visitor,
} from "../access/authentication.ts";
import { GatewayError } from "../base/errors.ts";
import type { HubSettings } from "../config/hub-settings.ts";
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

export interface HubAuthenticationParts {
  readonly hub: HubSettings;
  readonly identities: Identities;
  readonly sessions: Sessions;
  readonly logins: Logins;
  /** The owner has logged in: from now on there is a token for what is done in his name. */
  readonly onOwnerLogin?: () => void;
}

/** Somebody who is logged in at the hub, and for how long he is. */
export interface HubPerson {
  /** In the hub's spelling. */
  readonly name: string;
  readonly groups: readonly string[];
  /** Of his login here; none before JupyterHub 2. */
  readonly scopes: readonly string[];
  /** Asks the hub again. `gone`: logged out, or the hub knows him no more; `unknown`: it cannot be asked. */
  recheck(): Promise<HubPerson | "gone" | "unknown">;
}

/** The hub gives it to each browser, and another one after a logout. */
const hubSessionCookie = "jupyterhub-session-id";
/** Tokens of the hub have 32 hexadecimal digits, or 30 letters and digits from a login. */
const hubToken = /^[0-9A-Za-z]{30,32}$/;
/** The hub takes no shorter ones from administrators. */
const minTokenLength = 8;
/** While the hub does not answer, it is not asked about parameters of apps more often than this. Milliseconds. */
const pauseWhenSilent = 5_000;

/** More logins under way than this are forgotten by the browser: their cookies would make its requests too long. */
const maxStateCookies = 8;

interface BrowserSession {
  /** What the cookie holds. */
  readonly id: string;
  readonly session: Session;
  /** The browser's session at the hub. */
  readonly atHub: string;
}

/** Login at the hub (RULES R2, R3): a cookie that names a session here, or a token of the hub's in `Authorization`. */
export class HubAuthentication implements Authentication {
  readonly #parts: HubAuthenticationParts;
  readonly #cookies: HubCookies;
  #silentUntil = 0;

  constructor(parts: HubAuthenticationParts) {
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
    // Beside a cookie it may well be an app's own, which the hub need not be asked about each time.
    const known =
      found === undefined ? identities.identify(token, clientAddress) : identities.classify(token, clientAddress);
    const judge = (who: Known) => this.#judgeToken(who, token, found);
    return known instanceof Promise ? known.then(judge) : judge(known);
  }

  /**
   * A token in the address, as HubAuth takes it: for WebSockets, whose headers pages cannot choose, and for all else where the
   * administrator says so. Asked only for those who show nothing else; what the hub does not know is an app's own.
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
   * Whether it is a token of the hub's, be it for this server or not. The hub is asked once about what it does not know: that
   * is an app's own, and never becomes the hub's.
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

  /** This browser's login, whoever it is. */
  loginOf(request: IncomingMessage): PageHolder | undefined {
    const id = this.#session(request)?.id;
    return id === undefined ? undefined : `login:${hash("sha256", id, "base64url")}`;
  }

  /** The browser's session at the hub, for what is remembered of its login; empty: none. */
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
   * The login that the hub sent a browser back from. `stale`: it is over, or unknown here, but the browser did begin one
   * and keeps cookies, so that another one can succeed.
   */
  resumeLogin(request: IncomingMessage, id: string): LoginState | "stale" | undefined {
    const values = cookiesNamed(this.#cookies.stateName(id), request.headers.cookie);
    const state = this.#parts.logins.find(id);
    if (state !== undefined && !state.used && values.includes(state.browser)) return state;
    return state === undefined && values.length > 0 ? "stale" : undefined;
  }

  /** Whether the browser has a session, for logins that come back late. */
  isLoggedIn(request: IncomingMessage): boolean {
    return this.#session(request) !== undefined;
  }

  /**
   * Who a browser's user is at the hub, whether he may enter this server or not; undefined: not logged in.
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

  /** The token of the owner's newest login, for what is done at the hub in his name; undefined: he is not logged in. */
  ownerToken(): string | undefined {
    return this.#parts.sessions.live().find(({ token }) => this.#isOwners(token))?.token;
  }

  /** @returns the `Set-Cookie` value that logs the browser in */
  openSession(token: string, life: number, scheme: Scheme): string {
    const id = this.#parts.sessions.open(token, life);
    if (this.#isOwners(token)) this.#parts.onOwnerLogin?.();
    return this.#cookies.make(this.#cookies.session, id, life, scheme);
  }

  /** Forgets this browser's login, and what is known of its token. @returns `Set-Cookie` values */
  closeSession(request: IncomingMessage, scheme: Scheme): string[] {
    const { sessions, identities } = this.#parts;
    for (const id of cookiesNamed(this.#cookies.session, request.headers.cookie)) {
      const ended = sessions.end(id);
      if (ended !== undefined) identities.forget(ended.token);
    }
    return [this.#cookies.make(this.#cookies.session, "", 0, scheme)];
  }

  /** @returns the `Set-Cookie` value that forgets a login under way */
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
    // Revoked, expired or logged out at the hub: a new login is what helps.
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
