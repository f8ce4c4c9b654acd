import { createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { GatewayError } from "../base/errors.ts";
import { SerialQueue } from "../base/serial-queue.ts";
import { isPassword } from "../system/password-hash.ts";
import type { LoginPageAuthentication, LoginStart, Verdict } from "./authentication.ts";
import { LoginCookie } from "./login-cookie.ts";
import { WrongTries } from "./wrong-tries.ts";

/** Each check takes much memory on purpose; what waits is bounded. */
const maxWaiting = 20;

export interface PasswordOptions {
  /** An Argon2 hash. */
  readonly hash: string;
  /** Signs the cookies together with the hash, which others may know from a configuration file. */
  readonly key: Buffer;
  readonly port: number;
  readonly baseUrl: string;
}

/** Standalone login with one password (`--auth password`). A person's password can be guessed, so wrong ones are limited. */
export class PasswordAuthentication implements LoginPageAuthentication {
  readonly asks = "password";
  readonly #hash: string;
  readonly #baseUrl: string;
  readonly #cookie: LoginCookie;
  readonly #wrong = new WrongTries();
  readonly #checks = new SerialQueue();

  constructor({ hash, key, port, baseUrl }: PasswordOptions) {
    this.#hash = hash;
    this.#baseUrl = baseUrl;
    this.#cookie = new LoginCookie(createHmac("sha256", key).update(hash).digest(), port, baseUrl);
  }

  authenticate(request: IncomingMessage): Verdict {
    if (!this.isLoggedIn(request)) return { kind: "unknown" };
    return { kind: "admitted", by: "cookie", hidesAuthorization: false, holder: "owner" };
  }

  beginLogin(_request: IncomingMessage, _context: unknown, next: string): LoginStart {
    return { location: `${this.#baseUrl}login?next=${encodeURIComponent(next)}`, cookies: [] };
  }

  owns(): boolean {
    return false;
  }

  isLoggedIn(request: IncomingMessage): boolean {
    return this.#cookie.isIn(request);
  }

  /** After too many wrong passwords from an address none is checked for a while: unlike a token, it can be guessed. */
  async verify(password: string, from: string): Promise<GatewayError | undefined> {
    // Counted before it is checked: of many at once all would be checked otherwise.
    const wait = (await this.#wrong.count(from)) ?? (this.#checks.size >= maxWaiting ? 60 : undefined);
    if (wait !== undefined) return new GatewayError("PASSWORD_PAUSED", { seconds: wait });
    if (!(await this.#checks.run(() => isPassword(password, this.#hash)))) return new GatewayError("PASSWORD_WRONG");
    await this.#wrong.forget(from);
    return undefined;
  }

  loginCookie(scheme: "http" | "https"): string {
    return this.#cookie.login(scheme);
  }

  logoutCookie(request: IncomingMessage, scheme: "http" | "https"): string {
    return this.#cookie.logout(request, scheme);
  }
}
