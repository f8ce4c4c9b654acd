import { createHmac, hash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { BoundedTable } from "../base/bounded-table.ts";
import { cookiesNamed, setCookie } from "../http/cookies.ts";

/** Logins that are remembered; people log in and out seldom. */
const maxLogins = 1_000;
const cookieLifetimeSeconds = 30 * 24 * 3600;

/** The cookie of a standalone login: when it was issued and a number of its own, signed. Another key ends every login. */
export class LoginCookie {
  readonly name: string;
  readonly #key: string | Buffer;
  readonly #path: string;
  /** Hashes of those that a person logged out of: a port's own name may still stand for one. */
  readonly #ended = new BoundedTable<string, true>(maxLogins);
  /** Hashes of those whose signature was right: every request of a browser has the same one, and signing takes long. */
  readonly #signed = new BoundedTable<string, true>(maxLogins);

  /**
   * @param port is part of the cookie's name, since browsers share cookies between the ports of a host
   * @param path the gateway's base URL
   */
  constructor(key: string | Buffer, port: number, path: string) {
    this.name = `waiide-login-${port}`;
    this.#key = key;
    this.#path = path;
  }

  /** Whether the browser has a valid one. */
  isIn(request: IncomingMessage): boolean {
    return cookiesNamed(this.name, request.headers.cookie).some((value) => this.#isValid(value));
  }

  /** A `Set-Cookie` value that logs the browser in. */
  login(scheme: "http" | "https"): string {
    // Each is another one: to log out of one ends no other.
    const content = `${Math.floor(Date.now() / 1000)}.${randomBytes(9).toString("base64url")}`;
    return this.#cookie(`${content}.${this.#sign(content)}`, cookieLifetimeSeconds, scheme);
  }

  /** @returns the `Set-Cookie` value that makes the browser forget it */
  logout(request: IncomingMessage, scheme: "http" | "https"): string {
    for (const value of cookiesNamed(this.name, request.headers.cookie)) {
      if (this.#isValid(value)) this.#ended.set(hashOf(value), true);
    }
    return this.#cookie("", 0, scheme);
  }

  #cookie(value: string, life: number, scheme: "http" | "https"): string {
    return setCookie({ name: this.name, value, path: this.#path, life, secure: scheme === "https" });
  }

  #isValid(value: string): boolean {
    const age = Date.now() / 1000 - Number(value.split(".", 1)[0]);
    if (!(age >= -60 && age < cookieLifetimeSeconds)) return false;
    const known = hashOf(value);
    return !this.#ended.has(known) && (this.#signed.has(known) || this.#isSigned(value, known));
  }

  #isSigned(value: string, known: string): boolean {
    const end = value.lastIndexOf(".");
    const isSigned = constantTimeEquals(value.slice(end + 1), this.#sign(value.slice(0, Math.max(end, 0))));
    if (isSigned) this.#signed.set(known, true);
    return isSigned;
  }

  #sign(content: string): string {
    return createHmac("sha256", this.#key).update(`waiide login ${content}`).digest("base64url");
  }
}

/** Compares hashes, so that the time it takes depends on neither content nor length. */
export function constantTimeEquals(left: string, right: string): boolean {
  return timingSafeEqual(hash("sha256", left, "buffer"), hash("sha256", right, "buffer"));
}

/** The time of a look-up by it tells nothing about the cookie. */
function hashOf(value: string): string {
  return hash("sha256", value, "base64");
}
