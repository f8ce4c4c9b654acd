import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { cookiesNamed, setCookie } from "../http/cookies.ts";

const cookieLifetimeSeconds = 30 * 24 * 3600;

/** The cookie of a standalone login: when it was issued, signed. Another key ends every login. */
export class LoginCookie {
  readonly name: string;
  readonly #key: string | Buffer;
  readonly #path: string;

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
    const issued = Math.floor(Date.now() / 1000);
    return this.#cookie(`${issued}.${this.#sign(issued)}`, cookieLifetimeSeconds, scheme);
  }

  logout(scheme: "http" | "https"): string {
    return this.#cookie("", 0, scheme);
  }

  #cookie(value: string, life: number, scheme: "http" | "https"): string {
    return setCookie({ name: this.name, value, path: this.#path, life, secure: scheme === "https" });
  }

  #isValid(value: string): boolean {
    const [issued = "", signature = ""] = value.split(".");
    const age = Date.now() / 1000 - Number(issued);
    return age >= -60 && age < cookieLifetimeSeconds && constantTimeEquals(signature, this.#sign(Number(issued)));
  }

  #sign(issued: number): string {
    return createHmac("sha256", this.#key).update(`waiide login ${issued}`).digest("base64url");
  }
}

/** Compares hashes, so that the time it takes depends on neither content nor length. */
export function constantTimeEquals(left: string, right: string): boolean {
  const digest = (text: string) => createHmac("sha256", "compare").update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
