import type { IncomingMessage } from "node:http";
import { GatewayError } from "../base/errors.ts";
import type { RequestContext } from "../http/request-context.ts";
import { type LoginPageAuthentication, type LoginStart, tokenOfAuthorization, type Verdict } from "./authentication.ts";
import { constantTimeEquals, LoginCookie } from "./login-cookie.ts";
import { WrongTries } from "./wrong-tries.ts";

/** Standalone login with one token (`--auth token`): by header, by login link, or by the cookie that a login sets. */
export class TokenAuthentication implements LoginPageAuthentication {
  readonly asks = "token";
  readonly #cookie: LoginCookie;
  readonly #token: string;
  readonly #baseUrl: string;
  readonly #wrong = new WrongTries();

  /** @param port of the cookie's name. @param baseUrl the cookie's path */
  constructor(token: string, port: number, baseUrl: string) {
    this.#token = token;
    this.#cookie = new LoginCookie(token, port, baseUrl);
    this.#baseUrl = baseUrl;
  }

  authenticate(request: IncomingMessage, { clientAddress }: RequestContext): Verdict | Promise<Verdict> {
    const token = tokenOfAuthorization(request.headers.authorization);
    if (this.isLoggedIn(request)) {
      const hidesAuthorization = token !== undefined && this.#equals(token);
      const by = hidesAuthorization ? "authorization" : "cookie";
      return { kind: "admitted", by, hidesAuthorization, holder: "owner" };
    }
    return token === undefined ? { kind: "unknown" } : this.#judge(token, clientAddress);
  }

  async #judge(token: string, clientAddress: string): Promise<Verdict> {
    const error = await this.verify(token, clientAddress);
    return error === undefined
      ? { kind: "admitted", by: "authorization", hidesAuthorization: true, holder: "owner" }
      : { kind: "refused", error };
  }

  beginLogin(_request: IncomingMessage, _context: RequestContext, next: string): LoginStart {
    return { location: `${this.#baseUrl}login?next=${encodeURIComponent(next)}`, cookies: [] };
  }

  async exchange(
    token: string,
    { clientAddress, scheme }: RequestContext,
  ): Promise<GatewayError | { readonly cookie: string }> {
    return (await this.verify(token, clientAddress)) ?? { cookie: this.loginCookie(scheme) };
  }

  owns(token: string): boolean {
    return this.#equals(token);
  }

  /** Whether the browser has a valid cookie. */
  isLoggedIn(request: IncomingMessage): boolean {
    return this.#cookie.isIn(request);
  }

  /**
   * Checks a token. The right one always passes, however many wrong ones came from its address.
   * @returns undefined if it is right, else TOKEN_WRONG or TOO_MANY_ATTEMPTS
   */
  async verify(token: string, clientAddress: string): Promise<GatewayError | undefined> {
    if (this.#equals(token)) return undefined;
    const seconds = await this.#wrong.count(clientAddress);
    return seconds === undefined ? new GatewayError("TOKEN_WRONG") : new GatewayError("TOO_MANY_ATTEMPTS", { seconds });
  }

  /** A `Set-Cookie` value that logs the browser in. It is valid until a restart with another token. */
  loginCookie(scheme: "http" | "https"): string {
    return this.#cookie.login(scheme);
  }

  logoutCookie(request: IncomingMessage, scheme: "http" | "https"): string {
    return this.#cookie.logout(request, scheme);
  }

  #equals(token: string): boolean {
    return constantTimeEquals(token, this.#token);
  }
}
