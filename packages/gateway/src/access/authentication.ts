import type { IncomingMessage } from "node:http";
import type { GatewayError } from "../base/errors.ts";
import type { PageHolder } from "../http/page-proof.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { Recheck } from "./socket-watch.ts";

/** How a request proved whose it is. What only a browser adds by itself needs its origin checked (RULES R5). */
export type Credentials = "authorization" | "cookie";

/** What a way of logging in makes of a request. */
export type Verdict =
  | {
      readonly kind: "admitted";
      /** `address`: a `token` parameter, which no browser adds by itself. */
      readonly by: Credentials | "address";
      /** The token in the address becomes a login where a person opened it. */
      readonly opensSession?: { readonly token: string; readonly cookie: () => string };
      /** The Authorization header holds a secret of ours, and goes no further (RULES R4). */
      readonly hidesAuthorization: boolean;
      /** Somebody else than the owner: he changes nothing through the API, and reads it only where `readsApi` says so. */
      readonly visitor?: Visitor;
      readonly recheck?: Recheck;
      /** Whom pages of ours are made for (RULES R5). */
      readonly holder: PageHolder;
    }
  | { readonly kind: "unknown" }
  | { readonly kind: "refused"; readonly error: GatewayError };

export interface Visitor {
  readonly name: string;
  readonly owner: string;
  readonly readsApi: boolean;
}

/** Where to send a browser that has to log in. */
export interface LoginStart {
  readonly location: string;
  /** `Set-Cookie` values. */
  readonly cookies: readonly string[];
}

/** One way of telling who is there: the token of a standalone gateway, or a hub. The gate asks it, and nobody else does. */
export interface Authentication {
  /** Synchronous where it can be: this runs for every request. */
  authenticate(request: IncomingMessage, context: RequestContext): Verdict | Promise<Verdict>;
  /** @param next where to go on to, below the base URL */
  beginLogin(request: IncomingMessage, context: RequestContext, next: string): LoginStart;
  /** Whether the browser has a login, of whomever. */
  isLoggedIn(request: IncomingMessage): boolean;
  /**
   * Whether a token is one of ours, which goes no further (RULES R4); all others are an app's own. Asked for who is in.
   * @param from address of whoever sent it
   */
  owns(token: string, from: string): boolean | Promise<boolean>;
  /** Who is logged in at the hub with this browser, for pages that everybody gets; undefined: nobody. */
  loginOf?(request: IncomingMessage): PageHolder | undefined;
  /** Exchanges a login link's `?token=` for a cookie; undefined where there are no such links. */
  exchange?(token: string, context: RequestContext): Promise<GatewayError | { readonly cookie: string }>;
}

/** The token of `Authorization: token …` or `Bearer …`; other schemes are an app's own. */
export function tokenOfAuthorization(header: string | undefined): string | undefined {
  return header === undefined ? undefined : /^(?:token|bearer) +(\S+)$/i.exec(header)?.[1];
}

/** All values of a cookie: one name can have several, of different paths. */
export function cookiesNamed(name: string, header: string | undefined): string[] {
  if (header === undefined || !header.includes(name)) return [];
  return header
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}
