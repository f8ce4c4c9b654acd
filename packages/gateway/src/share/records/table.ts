import { type AccessScope, type Actor, isWithin, type Level, type Scope, type ShareState } from "@waiide/protocol";
import { GatewayError } from "../../base/errors.ts";
import type { StoredLink, StoredSession, StoredShare } from "../store/stored.ts";
import { endOf, type PolicySettings, shareRefusal } from "./policy.ts";
import { type HubIdentity, isMeant, isNamed } from "./recipient.ts";
import { hashOf, isSameHash } from "./secrets.ts";

/**
 * All shares that have not ended, with their links and guests' sessions. The running gateway trusts this table and not the
 * store's file (RULES R16), which a guest with a terminal can edit.
 */
export class ShareTable {
  readonly #shares = new Map<string, StoredShare>();
  readonly #links = new Map<string, StoredLink>();
  readonly #sessions = new Map<string, StoredSession>();
  /** Shares that guests have entered: they may have left something running. */
  readonly #entered = new Set<string>();
  readonly #clock: () => number;
  readonly #hubOwner: string | undefined;
  #policy: PolicySettings;

  /** @param hubOwner the owner as the hub names them; undefined without a hub */
  constructor(policy: PolicySettings, clock: () => number = Date.now, hubOwner?: string) {
    this.#policy = policy;
    this.#clock = clock;
    this.#hubOwner = hubOwner;
  }

  /** The ceilings that apply now. */
  get policy(): PolicySettings {
    return this.#policy;
  }

  changePolicy(policy: PolicySettings): void {
    this.#policy = policy;
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

  /** Whether a link has not ended. */
  hasLink(id: string): boolean {
    return this.#links.has(id);
  }

  linksOf(share: string): StoredLink[] {
    return [...this.#links.values()].filter((link) => link.share === share);
  }

  sessionsOf(share: string): StoredSession[] {
    return [...this.#sessions.values()].filter((session) => session.share === share);
  }

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

  /** When a share ends under the current ceilings. Milliseconds since 1970; null: never. */
  endOf(share: StoredShare): number | null {
    return endOf(share, this.#policy);
  }

  /** Milliseconds until a share ends; null: it never does. */
  timeLeft(share: StoredShare): number | null {
    const end = this.endOf(share);
    return end === null ? null : Math.max(0, end - this.#clock());
  }

  /** A share that is not in the table was revoked, or never existed. */
  stateOf(id: string): ShareState {
    const share = this.#shares.get(id);
    if (share === undefined || share.endedAt !== null) return "revoked";
    const end = this.endOf(share);
    if (end !== null && end <= this.#clock()) return "expired";
    return shareRefusal(share, this.#policy, isNamed(share)) === undefined ? "live" : "revoked";
  }

  /** Shares that guests can use, the newest first. */
  live(): StoredShare[] {
    return this.shares
      .filter(({ id }) => this.stateOf(id) === "live")
      .sort((one, other) => other.createdAt - one.createdAt);
  }

  /** A share that guests can use now. */
  findLive(id: string): StoredShare | undefined {
    return this.stateOf(id) === "live" ? this.#shares.get(id) : undefined;
  }

  /** @throws GatewayError SHARE_UNKNOWN */
  require(id: string): StoredShare {
    const share = this.#shares.get(id);
    if (share === undefined || share.endedAt !== null || this.stateOf(id) === "expired") {
      throw new GatewayError("SHARE_UNKNOWN");
    }
    return share;
  }

  /** Live shares that guests of a Terminal Access share may have made, and those that guests of these may have made. */
  madeDuring(id: string): StoredShare[] {
    const found = new Set([id]);
    const shares = this.live().reverse();
    for (const share of shares) if (share.createdDuring !== null && found.has(share.createdDuring)) found.add(share.id);
    return shares.filter((share) => share.id !== id && found.has(share.id));
  }

  /**
   * Whether a person of the hub may be in a share. Owners may be in that of an app, which is safe for them only as guests see
   * it (RULES R31).
   */
  admits(id: string, person: HubIdentity): boolean {
    const share = this.#shares.get(id);
    if (share === undefined) return false;
    const isPreview = share.level === "app" && this.isOwner(person);
    return !isNamed(share) || isMeant(share, person.name, person.groups) || isPreview;
  }

  /** Whether a person of the hub owns this server. */
  isOwner({ name }: Pick<HubIdentity, "name">): boolean {
    return name === this.#hubOwner;
  }

  /** Whether the owner accepts each guest of a share before they join. */
  needsApproval(share: StoredShare): boolean {
    return share.approve || this.#policy.approval === "always";
  }

  /** A share as one guest has it: at most at the level that the owner lowered them to. */
  shareFor(session: StoredSession): StoredShare | undefined {
    const share = this.findLive(session.share);
    return share && { ...share, level: lowerOf(share.level, this.#sessions.get(session.id)?.level ?? session.level) };
  }

  /** Any guest of a share, as `computeAccess` judges them. */
  shareActor(id: string): Actor {
    const share = this.#shares.get(id);
    const scope: AccessScope = share === undefined ? { kind: "workspace" } : accessScope(share.scope);
    return { kind: "guest", level: "view", scope, state: this.stateOf(id) };
  }

  /** The guest as `computeAccess` judges them; asked anew for each operation, since all of it can change. */
  actor(sessionId: string): Actor {
    const session = this.#sessions.get(sessionId);
    const share = session && this.#shares.get(session.share);
    if (session === undefined || share === undefined) {
      return { kind: "guest", level: "view", scope: { kind: "workspace" }, state: "removed" };
    }
    const state = this.stateOf(share.id);
    return { kind: "guest", level: lowerOf(share.level, session.level), scope: accessScope(share.scope), state };
  }
}

/** @param lowered null: not at all */
export function lowerOf(level: Level, lowered: Level | null): Level {
  return lowered !== null && isWithin(lowered, level) ? lowered : level;
}

function accessScope(scope: Scope): AccessScope {
  if (scope.kind === "app") return { kind: "app" };
  const show = scope.show === undefined ? {} : { show: scope.show };
  return scope.kind === "workspace" ? { kind: "workspace", ...show } : { kind: scope.kind, path: scope.path, ...show };
}
