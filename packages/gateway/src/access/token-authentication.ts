import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { GatewayError } from "../base/errors.ts";
import { cookiesNamed, setCookie } from "../http/cookies.ts";
import type { RequestContext } from "../http/request-context.ts";
import { type Authentication, type LoginStart, tokenOfAuthorization, type Verdict } from "./authentication.ts";
import { WrongTries } from "./wrong-tries.ts";

const cookieLifetimeSeconds = 30 * 24 * 3600;

/** Standalone login with one token (`--auth token`): by header, by login link, or by the cookie that a login sets. */
export class TokenAuthentication implements Authentication {
  readonly cookieName: string;
  readonly #token: string;
  readonly #baseUrl: string;
  readonly #wrong = new WrongTries();

  /**
   * @param port is part of the cookie's name, since browsers share cookies between the ports of a host
   * @param baseUrl the cookie's path
   */
  constructor(token: string, port: number, baseUrl: string) {
    this.#token = token;
    this.cookieName = `waiide-login-${port}`;
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
    return cookiesNamed(this.cookieName, request.headers.cookie).some((value) => this.#cookieIsValid(value));
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
    const issued = Math.floor(Date.now() / 1000);
    return this.#cookie(`${issued}.${this.#sign(issued)}`, cookieLifetimeSeconds, scheme);
  }

  logoutCookie(scheme: "http" | "https"): string {
    return this.#cookie("", 0, scheme);
  }

  #cookie(value: string, life: number, scheme: "http" | "https"): string {
    return setCookie({ name: this.cookieName, value, path: this.#baseUrl, life, secure: scheme === "https" });
  }

  #cookieIsValid(value: string): boolean {
    const [issued = "", signature = ""] = value.split(".");
    const age = Date.now() / 1000 - Number(issued);
    return age >= -60 && age < cookieLifetimeSeconds && constantTimeEquals(signature, this.#sign(Number(issued)));
  }

  #sign(issued: number): string {
    return createHmac("sha256", this.#token).update(`waiide login ${issued}`).digest("base64url");
  }

  #equals(token: string): boolean {
    return constantTimeEquals(token, this.#token);
  }
}

/** Compares hashes, so that the time it takes depends on neither content nor length. */
function constantTimeEquals(left: string, right: string): boolean {
  const digest = (text: string) => createHmac("sha256", "compare").update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
