import { hash } from "node:crypto";
import { BoundedTable } from "../base/bounded-table.ts";
import { secret } from "./oauth.ts";

/** A browser's login here. Its cookie names it; the hub's token never leaves this process. */
export interface Session {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
  ended: boolean;
  /** The address where the login began, until the browser is back there. */
  returnsTo?: string | undefined;
}

/** The hub's default lifetime of tokens (`oauth_token_expires_in`). Seconds. */
export const defaultSessionLife = 14 * 24 * 3600;
/** Each login creates one; the oldest are dropped first. */
const maxSessions = 1_000;

/** The sessions, in memory: after a restart browsers log in at the hub again, without a click. */
export class Sessions {
  readonly #clock: () => number;
  /** By the hash of the cookie's value, so that the time of a look-up tells nothing about it. */
  readonly #sessions = new BoundedTable<string, Session>(maxSessions);

  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
  }

  /**
   * @param life seconds
   * @param returnsTo the address after a login
   * @returns the cookie's value
   */
  open(token: string, life: number, returnsTo?: string): string {
    const id = secret(32);
    this.#sessions.set(keyOf(id), { token, endsAt: this.#clock() + life * 1_000, ended: false, returnsTo });
    return id;
  }

  find(id: string): Session | undefined {
    const session = this.#sessions.get(keyOf(id));
    return session !== undefined && this.#clock() < session.endsAt ? session : undefined;
  }

  /** Sessions that have not ended, the newest first. */
  live(): Session[] {
    return [...this.#sessions.values()].filter((session) => this.holds(session)).reverse();
  }

  /** Whether this session has not ended. */
  holds(session: Session): boolean {
    return this.#clock() < session.endsAt && !session.ended;
  }

  /** @returns the session that ended, if there was one */
  end(id: string): Session | undefined {
    const session = this.#sessions.get(keyOf(id));
    if (session !== undefined) session.ended = true;
    this.#sessions.delete(keyOf(id));
    return session;
  }
}

function keyOf(id: string): string {
  return hash("sha256", id, "base64");
}
