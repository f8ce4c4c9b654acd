import { createHash, randomBytes } from "node:crypto";
import type { HubSettings } from "../config/hub-settings.ts";
import type { HubAnswer, HubClient } from "./client.ts";

/** A login that has begun. */
export interface LoginState {
  readonly id: string;
  /** The address after the login. */
  readonly next: string;
  /** PKCE (RFC 7636). */
  readonly verifier: string;
  /** Known only to one browser, by a cookie, so that the callback of another browser is refused. */
  readonly browser: string;
  readonly begunAt: number;
  used: boolean;
}

/** RULES R3. The same as in the hub's own single-user server. Milliseconds. */
export const loginLife = 600_000;
/** Strangers can begin logins, so their number is limited. */
const maxLogins = 5_000;

type OauthSettings = Pick<HubSettings, "host" | "baseUrl" | "clientId" | "apiToken" | "oauthCallbackUrl">;

/** Begins logins at the hub and finishes them (OAuth 2, RFC 6749 §4.1, with PKCE). */
export class Logins {
  readonly #settings: OauthSettings;
  readonly #authorizeUrl: string;
  readonly #clock: () => number;
  readonly #states = new Map<string, LoginState>();

  constructor(settings: OauthSettings, clock: () => number = Date.now) {
    this.#settings = settings;
    this.#clock = clock;
    const { host, baseUrl, clientId, oauthCallbackUrl } = settings;
    const query = new URLSearchParams({ client_id: clientId, redirect_uri: oauthCallbackUrl, response_type: "code" });
    this.#authorizeUrl = `${host}${baseUrl}hub/api/oauth2/authorize?${query}`;
  }

  /** @returns the state, and the hub's address for the browser */
  begin(next: string): { state: LoginState; location: string } {
    this.#dropOld();
    const state: LoginState = {
      id: secret(16),
      next,
      verifier: secret(32),
      browser: secret(16),
      begunAt: this.#clock(),
      used: false,
    };
    this.#states.set(state.id, state);
    const challenge = createHash("sha256").update(state.verifier).digest("base64url");
    const query = new URLSearchParams({
      state: state.id,
      code_challenge: challenge,
      code_challenge_method: "S256",
    });
    return { state, location: `${this.#authorizeUrl}&${query}` };
  }

  /** A login that began here and is not too old; it may have been used. */
  find(id: string): LoginState | undefined {
    const state = this.#states.get(id);
    return state !== undefined && this.#clock() - state.begunAt < loginLife ? state : undefined;
  }

  /** Exchanges code and secret for a token: the response's `access_token` (RFC 6749 §4.1.3). */
  exchange(client: HubClient, code: string, { verifier }: LoginState): Promise<HubAnswer> {
    const { clientId, apiToken, oauthCallbackUrl } = this.#settings;
    const body = new URLSearchParams({
      client_id: clientId,
      client_secret: apiToken,
      grant_type: "authorization_code",
      code,
      redirect_uri: oauthCallbackUrl,
      code_verifier: verifier,
    });
    return client.request("POST", "/oauth2/token", { body });
  }

  /** The oldest come first. */
  #dropOld(): void {
    const oldest = this.#clock() - loginLife;
    for (const [id, { begunAt }] of this.#states) {
      if (begunAt > oldest && this.#states.size < maxLogins) return;
      this.#states.delete(id);
    }
  }
}

/** @param bytes of randomness */
export function secret(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}
