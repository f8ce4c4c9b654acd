import { hash, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { BoundedTable } from "../base/bounded-table.ts";
import { GatewayError } from "../base/errors.ts";
import { cookieNames, cookiesNamed, setCookie } from "../http/cookies.ts";
import { hostnameOf } from "../http/hosts.ts";
import type { RequestContext } from "../http/request-context.ts";
import { sameHostAddress } from "../http/request-target.ts";
import { ourCookies } from "../proxy/cookies.ts";
import type { LoginStart } from "./authentication.ts";
import type { PortNames } from "./port-names.ts";
import { portEntryPath } from "./routes.ts";

/** Below the base URL of the IDE: where a login is handed out. */
const portLoginPath = "port-login";

/** From the first request to the login on the IDE's page, which may ask for a password. Milliseconds. */
const pendingLife = 600_000;
/** From there back to the port's name, which is one redirect. Milliseconds. */
const codeLife = 30_000;
/** Seconds. The login that it stands for may end earlier. */
const sessionLife = 14 * 24 * 3600;
/** Strangers can begin logins. */
const maxPending = 5_000;
const maxSessions = 1_000;
/** More cookies would make a browser's requests too long. */
const maxPendingCookies = 8;

/** A login on its way: it began in one browser, at one name. */
interface Pending {
  /** As the browser wrote it, with its port. */
  readonly host: string;
  readonly scheme: "http" | "https";
  /** Path and query. */
  readonly next: string;
  /** Known to that browser alone, by a cookie. */
  readonly browser: string;
  readonly cookie: string;
  readonly endsAt: number;
}

/** A pending login that the person who is logged in has confirmed by coming along. */
interface Code extends Pending {
  readonly login: string;
}

interface PortSession {
  readonly hostname: string | undefined;
  /** The cookies of the login that it stands for. They are judged at each request, so that it ends with that login. */
  readonly login: string;
  readonly endsAt: number;
}

export interface PortLoginsOptions {
  readonly names: Pick<PortNames, "mainOf" | "fault">;
  readonly baseUrl: string;
  /** Tells the cookies of gateways on one host apart; empty behind a hub. */
  readonly suffix: string;
  /** Called when a login was carried over to a name. */
  readonly onEntry?: (host: string) => void;
  readonly clock?: () => number;
}

/**
 * Carries a login from the IDE's page to a port's own name (RULES R32): the browser goes to the IDE's host, where its login counts,
 * and comes back with a code that is good once, for half a minute, for that name and that browser. No address is read from a
 * request on the way. The name's cookie stands for the login's own, which never leaves its host.
 */
export class PortLogins {
  readonly #options: PortLoginsOptions;
  readonly #clock: () => number;
  readonly #pending = new BoundedTable<string, Pending>(maxPending);
  readonly #codes = new BoundedTable<string, Code>(maxPending);
  readonly #sessions = new BoundedTable<string, PortSession>(maxSessions);

  constructor(options: PortLoginsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
  }

  /**
   * Sends a browser to the login.
   * @throws GatewayError PORT_NAME_NO_LOGIN, PORT_NAMES_REFUSED
   */
  begin(request: IncomingMessage, context: RequestContext): LoginStart {
    const { names, baseUrl } = this.#options;
    this.requireServed();
    const { host, scheme, path, query } = context;
    const main = names.mainOf(context);
    if (main === undefined) throw new GatewayError("PORT_NAME_NO_LOGIN", { host });
    const state = secret();
    const cookie = `${this.#name("entry", scheme)}-${state.slice(0, 8)}`;
    const browser = secret();
    const next = `${path}${query}`;
    this.#pending.set(keyOf(state), { host, scheme, next, browser, cookie, endsAt: this.#clock() + pendingLife });
    const begun = cookieNames(request.headers.cookie).filter((name) => name.startsWith(this.#name("entry", scheme)));
    const stale = begun.length < maxPendingCookies ? [] : begun.map((name) => cookieOf(name, "", 0, scheme));
    const location = `${main}${baseUrl}${portLoginPath}?state=${state}`;
    return { location, cookies: [...stale, cookieOf(cookie, browser, pendingLife / 1_000, scheme)] };
  }

  /** @throws GatewayError PORT_NAMES_REFUSED */
  requireServed(): void {
    const reason = this.#options.names.fault();
    if (reason !== undefined) throw new GatewayError("PORT_NAMES_REFUSED", { reason });
  }

  /**
   * On the IDE's host, for a person that the gate let in.
   * @returns where the browser goes on: to the name where this login began, and nowhere else
   * @throws GatewayError PORT_LOGIN_STALE
   */
  handOut(request: IncomingMessage, query: string): string {
    const key = keyOf(new URLSearchParams(query).get("state") ?? "");
    const pending = this.#take(this.#pending, key);
    const login = ourCookies(request.headers.cookie);
    if (login === "") throw new GatewayError("PORT_LOGIN_STALE");
    const code = secret();
    this.#codes.set(keyOf(code), { ...pending, login, endsAt: this.#clock() + codeLife });
    return `${pending.scheme}://${pending.host}${portEntryPath}?code=${code}`;
  }

  /**
   * On the port's name: exchanges the code for a cookie of that host. Whatever the outcome, the code is used up.
   * @throws GatewayError PORT_LOGIN_STALE
   */
  enter(request: IncomingMessage, { host, scheme, query }: RequestContext): LoginStart {
    const code = this.#take(this.#codes, keyOf(new URLSearchParams(query).get("code") ?? ""));
    const isSame = cookiesNamed(code.cookie, request.headers.cookie).includes(code.browser);
    if (!isSame || code.host !== host || code.scheme !== scheme) throw new GatewayError("PORT_LOGIN_STALE");
    const id = secret();
    const { login, next } = code;
    const endsAt = this.#clock() + sessionLife * 1_000;
    this.#sessions.set(keyOf(id), { hostname: hostnameOf(host), login, endsAt });
    this.#options.onEntry?.(host);
    const cookies = [
      cookieOf(this.#name("port", scheme), id, sessionLife, scheme),
      cookieOf(code.cookie, "", 0, scheme),
    ];
    return { location: sameHostAddress(next), cookies };
  }

  /** The login cookies that a request on a port's name stands for; empty without a session of that name. */
  loginOf(request: IncomingMessage, context: RequestContext): string {
    return this.#session(request, context)?.login ?? "";
  }

  #session(request: IncomingMessage, { host, scheme }: RequestContext): PortSession | undefined {
    const hostname = hostnameOf(host);
    return cookiesNamed(this.#name("port", scheme), request.headers.cookie)
      .map((id) => this.#sessions.get(keyOf(id)))
      .find((session) => session?.hostname === hostname && session !== undefined && this.#clock() < session.endsAt);
  }

  #take<Entry extends Pending>(table: BoundedTable<string, Entry>, key: string): Entry {
    const entry = table.get(key);
    table.delete(key);
    if (entry === undefined || this.#clock() >= entry.endsAt) throw new GatewayError("PORT_LOGIN_STALE");
    return entry;
  }

  /** With HTTPS no other host of the domain can set a cookie of such a name (RFC 6265bis §4.1.3.2). */
  #name(kind: "entry" | "port", scheme: "http" | "https"): string {
    return `${scheme === "https" ? "__Host-" : ""}waiide-${kind}${this.#options.suffix}`;
  }
}

function cookieOf(name: string, value: string, life: number, scheme: "http" | "https"): string {
  return setCookie({ name, value, path: "/", life, secure: scheme === "https" });
}

function secret(): string {
  return randomBytes(32).toString("base64url");
}

/** Tables are searched by a hash, so that the time of a look-up tells nothing. */
function keyOf(text: string): string {
  return hash("sha256", text, "base64");
}
