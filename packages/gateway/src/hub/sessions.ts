import { hash } from "node:crypto";
import { secret } from "./oauth.ts";

/** A browser's login here. Its cookie names it; the hub's token never leaves this process. */
export interface Session {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
  ended: boolean;
}

/** How long the hub's tokens live unless it says otherwise (`oauth_token_expires_in`). Seconds. */
export const defaultSessionLife = 14 * 24 * 3600;
/** Each login makes one; the oldest go first. */
const maxSessions = 1_000;

/** Who is logged in, in memory: after a restart the hub is asked again, which needs no click. */
export class Sessions {
  readonly #clock: () => number;
  /** By the hash of what the cookie holds, so that finding one tells nothing by the time it takes. */
  readonly #sessions = new Map<string, Session>();

  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
  }

  /**
   * @param life seconds
   * @returns what the cookie is to hold
   */
  open(token: string, life: number): string {
    const id = secret(32);
    this.#sessions.set(keyOf(id), { token, endsAt: this.#clock() + life * 1_000, ended: false });
    if (this.#sessions.size > maxSessions) {
      const [oldest = ""] = this.#sessions.keys();
      this.#sessions.delete(oldest);
    }
    return id;
  }

  find(id: string): Session | undefined {
    const session = this.#sessions.get(keyOf(id));
    return session !== undefined && this.#clock() < session.endsAt ? session : undefined;
  }

  /** Those that have not ended, the newest first. */
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
