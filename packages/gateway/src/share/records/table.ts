import type { AccessScope, Actor, Scope, ShareState } from "@waiide/protocol";
import type { StoredLink, StoredSession, StoredShare } from "../store/stored.ts";
import { endOf, levelRefusal, type PolicySettings } from "./policy.ts";
import { isNamed } from "./recipient.ts";
import { hashOf, isSameHash } from "./secrets.ts";

/**
 * All shares that have not ended, with their links and guests' sessions, in memory. The running gateway trusts this and
 * not the file (RULES R16): a guest with a terminal can edit the file, but not our memory.
 */
export class ShareTable {
  readonly #shares = new Map<string, StoredShare>();
  readonly #links = new Map<string, StoredLink>();
  readonly #sessions = new Map<string, StoredSession>();
  /** Shares whose guests have entered since the gateway started, or were in before: a start ends what they left running. */
  readonly #entered = new Set<string>();
  policy: PolicySettings;

  constructor(policy: PolicySettings) {
    this.policy = policy;
  }

  load(stored: {
    readonly shares: readonly StoredShare[];
    readonly links: readonly StoredLink[];
    readonly sessions: readonly StoredSession[];
  }): void {
    this.clear();
    for (const share of stored.shares) this.#shares.set(share.id, share);
    for (const link of stored.links) this.#links.set(link.id, link);
    for (const session of stored.sessions) this.putSession(session);
  }

  clear(): void {
    this.#shares.clear();
    this.#links.clear();
    this.#sessions.clear();
    this.#entered.clear();
  }

  put(share: StoredShare): void {
    this.#shares.set(share.id, share);
  }

  putLink(link: StoredLink): void {
    if (link.endedAt === null) this.#links.set(link.id, link);
    else this.#links.delete(link.id);
  }

  putSession(session: StoredSession): void {
    this.#entered.add(session.share);
    if (session.endedAt === null) this.#sessions.set(session.id, session);
    else this.#sessions.delete(session.id);
  }

  /** Forgets a share with its links and sessions. */
  remove(id: string): void {
    this.#shares.delete(id);
    this.#entered.delete(id);
    for (const link of this.linksOf(id)) this.#links.delete(link.id);
    for (const session of this.sessionsOf(id)) this.#sessions.delete(session.id);
  }

  get shares(): StoredShare[] {
    return [...this.#shares.values()];
  }

  find(id: string): StoredShare | undefined {
    return this.#shares.get(id);
  }

  session(id: string): StoredSession | undefined {
    return this.#sessions.get(id);
  }

  linksOf(share: string): StoredLink[] {
    return [...this.#links.values()].filter((link) => link.share === share);
  }

  sessionsOf(share: string): StoredSession[] {
    return [...this.#sessions.values()].filter((session) => session.share === share);
  }

  /** Whether guests have been in a share, and may have left something running. */
  wasEntered(share: string): boolean {
    return this.#entered.has(share);
  }

  /** The live link of a share that a secret belongs to. */
  linkWith(share: string, secret: string): StoredLink | undefined {
    const hash = hashOf(secret);
    return this.linksOf(share).find((link) => isSameHash(link.secretHash, hash));
  }

  /** The session of a share that a cookie's value belongs to. */
  sessionWith(share: string, cookie: string): StoredSession | undefined {
    const hash = hashOf(cookie);
    return this.sessionsOf(share).find((session) => isSameHash(session.cookieHash, hash));
  }

  /** When a share ends under today's ceilings. Milliseconds since 1970; null: never. */
  endOf(share: StoredShare): number | null {
    return endOf(share, this.policy);
  }

  /** Where a share stands at this moment; one that is not here was revoked, or never was. */
  stateOf(id: string, now: number): ShareState {
    const share = this.#shares.get(id);
    if (share === undefined || share.endedAt !== null) return "revoked";
    const end = this.endOf(share);
    if (end !== null && end <= now) return "expired";
    return levelRefusal(share.level, this.policy, isNamed(share)) === undefined ? "live" : "revoked";
  }

  /** What `computeAccess` is asked about a guest; anew for each operation, since all of it can change. */
  actor(sessionId: string, now: number): Actor {
    const session = this.#sessions.get(sessionId);
    const share = session && this.#shares.get(session.share);
    if (session === undefined || share === undefined) {
      return { kind: "guest", level: "view", scope: { kind: "workspace" }, state: "removed" };
    }
    const state = this.stateOf(share.id, now);
    return { kind: "guest", level: share.level, scope: accessScope(share.scope), state };
  }
}

function accessScope(scope: Scope): AccessScope {
  const show = scope.show === undefined ? {} : { show: scope.show };
  return scope.kind === "workspace" ? { kind: "workspace", ...show } : { kind: scope.kind, path: scope.path, ...show };
}
