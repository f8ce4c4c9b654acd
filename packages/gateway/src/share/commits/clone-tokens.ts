import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { CloneToken } from "@waiide/protocol";
import { hashOf } from "../records/secrets.ts";
import type { ShareTable } from "../records/table.ts";
import type { StoredSession } from "../store/stored.ts";

/** What programs that look for leaked secrets know it by (RULES R28). */
const prefix = "wgc_";
/** Milliseconds. */
const maxLife = 86_400_000;
/** Of one guest. */
const maxTokens = 8;

interface Known {
  readonly session: string;
  readonly share: string;
  readonly endsAt: number;
}

export interface CloneTokensOptions {
  readonly table: Pick<ShareTable, "session" | "timeLeft" | "shareFor">;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/**
 * Passwords with which git fetches from a share, in the name of one guest. Each ends with the guest's session, and with the
 * gateway: only hashes are kept, and in memory alone.
 */
export class CloneTokens {
  readonly #options: CloneTokensOptions;
  /** By hash, the oldest first. */
  readonly #known = new Map<string, Known>();

  constructor(options: CloneTokensOptions) {
    this.#options = options;
  }

  make(session: StoredSession, path: string): Omit<CloneToken, "propose"> {
    const { clock, table } = this.#options;
    this.#forgetEnded();
    const own = [...this.#known].filter(([, known]) => known.session === session.id);
    for (const [hash] of own.slice(0, Math.max(0, own.length - maxTokens + 1))) this.#known.delete(hash);
    const password = `${prefix}${randomBytes(32).toString("base64url")}`;
    const share = table.shareFor(session);
    const left = share === undefined ? 0 : (table.timeLeft(share) ?? maxLife);
    const endsAt = clock() + Math.min(maxLife, left);
    this.#known.set(hashOf(password), { session: session.id, share: session.share, endsAt });
    return { username: session.share, password, path, expires_at: new Date(endsAt).toISOString() };
  }

  /** The guest in whose name git asks for something of a share. @returns undefined: the password is none of that share */
  sessionOf({ headers }: Pick<IncomingMessage, "headers">, share: string): StoredSession | undefined {
    const [, basic] = /^basic +([a-z\d+/=]+)$/i.exec(headers.authorization ?? "") ?? [];
    if (basic === undefined) return undefined;
    const text = Buffer.from(basic, "base64").toString("utf8");
    const known = this.#known.get(hashOf(text.slice(text.indexOf(":") + 1)));
    if (known === undefined || known.share !== share || known.endsAt <= this.#options.clock()) return undefined;
    return this.#options.table.session(known.session);
  }

  #forgetEnded(): void {
    const { clock, table } = this.#options;
    for (const [hash, { session, endsAt }] of this.#known) {
      if (endsAt <= clock() || table.session(session) === undefined) this.#known.delete(hash);
    }
  }
}
