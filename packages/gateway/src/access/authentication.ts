import type { IncomingMessage } from "node:http";
import type { GatewayError } from "../base/errors.ts";
import type { PageHolder } from "../http/page-proof.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { Recheck } from "./socket-watch.ts";

/** How a request was authenticated. Cookies need a check of the origin, since browsers add them by themselves (RULES R5). */
export type Credentials = "authorization" | "cookie";

/** The result of authenticating a request. */
export type Verdict =
  | {
      readonly kind: "admitted";
      /** `address`: a `token` parameter, which no browser adds by itself. */
      readonly by: Credentials | "address";
      /** Exchanges the token in the address for a login, if a person opened it. */
      readonly opensSession?: { readonly token: string; readonly cookie: () => string };
      /** The Authorization header holds a secret of ours and is removed (RULES R4). */
      readonly hidesAuthorization: boolean;
      /** Set for others than the owner: they cannot change anything through the API, and read it only with `readsApi`. */
      readonly visitor?: Visitor;
      readonly recheck?: Recheck;
      /** The person that pages of ours are made for (RULES R5). */
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

/** One way to log in: by the token of a standalone gateway, or at a hub. Only the gate uses it. */
export interface Authentication {
  /** Synchronous where possible: this runs for every request. */
  authenticate(request: IncomingMessage, context: RequestContext): Verdict | Promise<Verdict>;
  /** @param next the address after the login, below the base URL */
  beginLogin(request: IncomingMessage, context: RequestContext, next: string): LoginStart;
  /** Whether the browser has a login, of any person. */
  isLoggedIn(request: IncomingMessage): boolean;
  /**
   * Whether a token is one of ours, which no program gets (RULES R4); all others are an app's own. Called only after
   * authentication.
   * @param from the client's address
   */
  owns(token: string, from: string): boolean | Promise<boolean>;
  /** The person that this browser is logged in as, for public pages; undefined without a login. */
  loginOf?(request: IncomingMessage): PageHolder | undefined;
  /**
   * Whether a login of this browser, which began at this address, has just ended. Once for each: its way leads through other
   * sites where the hub does not log people in itself.
   */
  returnsFromLogin?(request: IncomingMessage, address: string): boolean;
  /** Exchanges a login link's `?token=` for a cookie; undefined if there are no such links. */
  exchange?(token: string, context: RequestContext): Promise<GatewayError | { readonly cookie: string }>;
}

/** A way to log in on a page of ours, without a hub. */
export interface LoginPageAuthentication extends Authentication {
  /** What the page asks for. */
  readonly asks: "token" | "password";
  /** @returns undefined if it is right. @param from the client's address */
  verify(secret: string, from: string): Promise<GatewayError | undefined>;
  /** A `Set-Cookie` value that logs the browser in. */
  loginCookie(scheme: "http" | "https"): string;
  /** Ends this browser's login. @returns the `Set-Cookie` value that makes the browser forget it */
  logoutCookie(request: IncomingMessage, scheme: "http" | "https"): string;
}

/** The token of `Authorization: token …` or `Bearer …`; other schemes are an app's own. */
export function tokenOfAuthorization(header: string | undefined): string | undefined {
  return header === undefined ? undefined : /^(?:token|bearer) +(\S+)$/i.exec(header)?.[1];
}
