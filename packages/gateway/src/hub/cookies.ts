import type { HubSettings } from "../config/hub-settings.ts";
import { cookieNames, setCookie } from "../http/cookies.ts";

type CookieSettings = Pick<HubSettings, "clientId" | "servicePrefix" | "cookieHostPrefix" | "cookieOptions">;

/**
 * Our cookies. Their names begin with the client's id, as in JupyterHub's own server, so that each server of a user has its own
 * (browsers send the default server's cookies to the named servers too), and R4 keeps them from the IDE and apps.
 */
export class HubCookies {
  readonly session: string;
  readonly #state: string;
  readonly #settings: CookieSettings;

  constructor(settings: CookieSettings) {
    const { clientId, cookieHostPrefix } = settings;
    // RFC 6265 §4.1.1: names are tokens.
    const id = clientId.replace(/[^\w!#$%&'*+.^`|~-]/g, (character) => encodeURIComponent(character));
    const ours = id.startsWith("jupyterhub-") ? id : `jupyterhub-${id}`;
    this.session = cookieHostPrefix ? `__Host-${ours}` : ours;
    this.#state = `${this.session}-oauth-state`;
    this.#settings = settings;
  }

  /** One for each pending login, so that tabs do not disturb each other. */
  stateName(id: string): string {
    return `${this.#state}-${id.slice(0, 8)}`;
  }

  /**
   * A `Set-Cookie` value.
   * @param life seconds; 0 deletes it
   */
  make(name: string, value: string, life: number, scheme: "http" | "https"): string {
    const { servicePrefix, cookieHostPrefix, cookieOptions } = this.#settings;
    const secure = cookieHostPrefix || cookieOptions.secure || scheme === "https";
    const path = cookieHostPrefix ? "/" : servicePrefix;
    return setCookie({ name, value, path, life, secure, sameSite: cookieOptions.sameSite });
  }

  /** The names of pending logins in this browser. */
  stateNames(header: string | undefined): string[] {
    return cookieNames(header).filter((name) => name.startsWith(`${this.#state}-`));
  }
}
