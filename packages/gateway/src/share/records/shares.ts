import { EventEmitter } from "node:events";
import {
  type ChangeShare,
  type CreateShare,
  defaultLife,
  isWithin,
  levelOf,
  levelWords,
  type SessionCloseReason,
  type ShareState,
  setDurationWords,
} from "@waiide/protocol";
import { GatewayError, reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { Timer } from "../../base/timer.ts";
import { AuditLog, describe, whoIs } from "../audit/audit-log.ts";
import type { Guests } from "../guests/guests.ts";
import type { Companions } from "../hub-link/companions.ts";
import type { ShareStore } from "../store/store.ts";
import type { StoreChange, StoredGrant, StoredLink, StoredSession, StoredShare } from "../store/stored.ts";
import { Links } from "./links.ts";
import { isSameGuest, presentGuests } from "./one-guest.ts";
import { defaultLifeFor, levelRefusal, lifeRefusal, maxLifeOf, type PolicySettings } from "./policy.ts";
import { isNamed, storedRecipient } from "./recipient.ts";
import { type CheckedShare, invalid } from "./request.ts";
import { newId } from "./secrets.ts";
import { ShareTable } from "./table.ts";
import { ShareWriter } from "./writer.ts";

export interface SharesOptions {
  readonly policy: PolicySettings;
  readonly guests: Guests;
  /** Name of the owner, for the audit. */
  readonly owner: string;
  readonly logger: Logger;
  /** Behind a hub that may list the links. */
  readonly companions?: Companions | undefined;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/** A share with the secret of a link that was just made. It is kept nowhere else. */
export interface FreshLink {
  readonly share: StoredShare;
  readonly secret: string;
}

/** How a share's end reaches its guests, and by whom it came. */
type Ending = Extract<SessionCloseReason, "expired" | "revoked" | "administrator" | "hub">;
/** The owner learns of these from the gateway alone. */
type EndingByOthers = Exclude<Ending, "expired" | "revoked">;

interface Events {
  /** A share was made, changed or ended, or its guests did: whoever shows the list looks again. */
  change: [];
  created: [share: StoredShare];
  ended: [share: StoredShare];
  /** It can no longer be used, and not because of its owner or its time. */
  stopped: [share: StoredShare, by: EndingByOthers];
  /** Its level was lowered: what only the old one permitted must end. */
  lowered: [share: StoredShare];
  /** The store was read: what of the hub's own shares was made here. */
  loaded: [grants: readonly StoredGrant[]];
}

/**
 * The shares of this server: made, changed and ended here alone. What takes rights away acts in memory first, so that it
 * holds at once whatever the disk does; what gives rights is written first, so that no crash can lose it (RULES R21).
 */
export class Shares extends EventEmitter<Events> {
  readonly table: ShareTable;
  readonly audit: AuditLog;
  /** Earlier gateways may have left shares, whether they can be read or not. */
  hasEarlier = false;
  readonly #options: SharesOptions;
  readonly #clock: () => number;
  readonly #expiry = new Timer();
  readonly #writer: ShareWriter;
  readonly #links: Links;
  #store: ShareStore | undefined;
  /** Which opening of the store the table was read from; 0: none. */
  #loaded = 0;
  #closed = false;

  constructor(options: SharesOptions) {
    super();
    this.setMaxListeners(0);
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    this.table = new ShareTable(options.policy);
    this.#writer = new ShareWriter(options.logger);
    const keep = (changes: readonly StoreChange[]) => this.#writer.keepLater(changes);
    this.audit = new AuditLog(keep, this.#clock);
    const { companions } = options;
    this.#links = new Links({ table: this.table, writer: this.#writer, companions });
    companions?.use({ table: this.table, keep, onGone: (id) => this.#endAtHub(id) });
    if (companions !== undefined) this.on("change", () => companions.follow());
  }

  /** Reads what earlier gateways left. Until then, and where the store cannot be used, there are no shares. */
  async use(store: ShareStore): Promise<void> {
    this.#store = store;
    this.#writer.use(store);
    store.on("change", () => this.#follow());
    store.on("late", (changes) => this.#undo(changes));
    await this.#load();
  }

  /** Why there is no sharing at the moment, in words. */
  get unavailable(): string | undefined {
    const status = this.#store?.status;
    if (status === undefined) return "it is not ready yet";
    if (status.kind === "unavailable") return status.reason;
    return this.#loaded === status.opening ? undefined : "it is not ready yet";
  }

  /** There are earlier shares, and whom they let in cannot be known now: as the server starts, or while its disk fails. */
  get isUnread(): boolean {
    return this.hasEarlier && this.unavailable !== undefined;
  }

  /** @throws GatewayError SHARING_UNAVAILABLE with the reason */
  requireAvailable(): void {
    const reason = this.unavailable;
    if (reason !== undefined) throw new GatewayError("SHARING_UNAVAILABLE", { reason });
  }

  stateOf(id: string): ShareState {
    return this.table.stateOf(id, this.#clock());
  }

  /** Shares that guests can use, the newest first. */
  live(): StoredShare[] {
    return this.table.shares
      .filter(({ id }) => this.stateOf(id) === "live")
      .sort((one, other) => other.createdAt - one.createdAt);
  }

  /** Live shares that guests of a Terminal Access share may have made, and those that guests of these may have made. */
  madeDuring(id: string): StoredShare[] {
    const found = new Set([id]);
    const shares = this.live().reverse();
    for (const share of shares) if (share.createdDuring !== null && found.has(share.createdDuring)) found.add(share.id);
    return shares.filter((share) => share.id !== id && found.has(share.id));
  }

  /** @throws GatewayError SHARING_UNAVAILABLE, SHARE_CEILING, SHARE_INVALID, HUB_LISTING */
  async create(request: CreateShare, checked: CheckedShare): Promise<FreshLink> {
    this.requireAvailable();
    const { policy } = this.table;
    const refusal = levelRefusal(checked.level, policy, request.with !== undefined);
    if (refusal !== undefined) throw new GatewayError("SHARE_CEILING", { reason: refusal });
    if (this.live().length >= policy.maxShares) {
      throw new GatewayError("SHARE_CEILING", { reason: `there are ${policy.maxShares} shares already` });
    }
    const wanted = request.expires_in;
    const life = wanted === undefined ? defaultLifeFor(checked.level, defaultLife, policy) : wanted;
    const tooLong = lifeRefusal(checked.level, life, policy);
    if (tooLong !== undefined) throw invalid("expires_in", tooLong);
    const now = this.#clock();
    const share: StoredShare = {
      id: newId(),
      level: checked.level,
      root: checked.root,
      scope: checked.scope,
      selection: checked.selection?.serialize() ?? null,
      note: request.note ?? "",
      createdAt: now,
      createdBy: this.#options.owner,
      createdDuring: this.#terminalShareInUse(),
      expiresAt: life === null ? null : now + life * 1_000,
      maxGuests: request.max_guests ?? null,
      ...storedRecipient(request.with),
      endedAt: null,
      endReason: null,
    };
    const made = await this.#links.make(share, now);
    const entry = this.audit.entry("create", share.id, this.#options.owner, describe(share));
    await this.#links.write(made, [{ type: "share", share }], [entry]);
    this.table.put(share);
    this.#links.put(made);
    this.#armExpiry();
    this.emit("created", share);
    this.emit("change");
    return { share, secret: made.secret };
  }

  /** Only ever lowers the level. @throws GatewayError SHARE_UNKNOWN, SHARE_INVALID, SHARING_UNAVAILABLE */
  async change(id: string, change: ChangeShare): Promise<StoredShare> {
    this.requireAvailable();
    const before = this.require(id);
    const level = change.permission === undefined ? before.level : levelOf(change.permission);
    if (!isWithin(level, before.level)) {
      throw invalid("permission", `the level can be lowered only; make a new share for ${levelWords[level].name}`);
    }
    if (before.scope.kind === "selection" && level === "terminal") throw invalid("permission", "it is a selection");
    const share: StoredShare = {
      ...before,
      level,
      note: change.note ?? before.note,
      maxGuests: change.max_guests === undefined ? before.maxGuests : change.max_guests,
      expiresAt: change.expires_in === undefined ? before.expiresAt : this.#newExpiry(before, level, change.expires_in),
    };
    const lowered = level !== before.level;
    const shorter = (share.expiresAt ?? Number.POSITIVE_INFINITY) < (before.expiresAt ?? Number.POSITIVE_INFINITY);
    // Less acts at once; more only when it is written.
    if (lowered || shorter) this.table.put({ ...share, expiresAt: shorter ? share.expiresAt : before.expiresAt });
    if (lowered) this.#endParts(id, "changed");
    if (lowered) this.emit("lowered", share);
    const entry = this.audit.entry("change", id, this.#options.owner, describe(share));
    await this.#writer.write([{ type: "share", share }, entry]);
    if (this.table.find(id) !== undefined) this.table.put(share);
    this.#armExpiry();
    this.emit("change");
    return share;
  }

  /** @param endOld ends the links made before, and puts out who came by them */
  async newLink(id: string, endOld: boolean): Promise<FreshLink> {
    this.requireAvailable();
    if (isNamed(this.require(id))) throw invalid("id", "it is for named people, who need no link");
    const now = this.#clock();
    const made = await this.#links.make(this.require(id), now);
    const share = this.require(id);
    const old = endOld ? this.table.linksOf(id).map((one): StoredLink => ({ ...one, endedAt: now })) : [];
    const ended = endOld ? this.table.sessionsOf(id) : [];
    for (const one of old) this.table.putLink(one);
    const endings = ended.flatMap((session) => this.#endSession(session, "removed", "removed"));
    const entry = this.audit.entry("link", id, this.#options.owner, { ended: old.length });
    const changes = old.map((one): StoreChange => ({ type: "link", link: one }));
    await this.#links.write(made, changes, [...endings, entry]);
    this.#links.put(made);
    this.emit("change");
    return { share, secret: made.secret };
  }

  /** @param administrator for the audit; undefined: the owner does. @returns how many guests were in. @throws GatewayError SHARE_UNKNOWN */
  async revoke(id: string, administrator?: string): Promise<number> {
    const share = this.require(id);
    const { guests, changes } = this.#end(share, reasonFor(administrator), administrator ?? this.#options.owner);
    await this.#writer.keep(changes);
    return guests;
  }

  async revokeAll(administrator?: string): Promise<{ revoked: number; guests: number }> {
    const shares = this.live();
    const who = administrator ?? this.#options.owner;
    const ends = shares.map((share) => this.#end(share, reasonFor(administrator), who));
    await this.#writer.keep(ends.flatMap(({ changes }) => changes));
    return { revoked: shares.length, guests: ends.reduce((sum, { guests }) => sum + guests, 0) };
  }

  /** Puts a guest out. With the link he may come again: `newLink` ends that too. @throws GatewayError SHARE_UNKNOWN */
  async removeGuest(id: string, sessionId: string): Promise<void> {
    this.require(id);
    const session = this.table.session(sessionId);
    if (session?.share !== id) throw new GatewayError("SHARE_UNKNOWN");
    const sessions = this.table.sessionsOf(id).filter((one) => isSameGuest(one, session));
    const changes = sessions.flatMap((one) => this.#endSession(one, "removed", "removed"));
    const entry = this.audit.entry("remove-guest", id, this.#options.owner, { guest: whoIs(session) });
    this.emit("change");
    await this.#writer.keep([...changes, entry]);
  }

  /** A guest's own farewell, or his coming in anew. */
  leave(session: StoredSession): void {
    const changes = this.#endSession(session, "left", "login");
    this.emit("change");
    this.#writer.keepLater([...changes, this.audit.entry("leave", session.share, whoIs(session))]);
  }

  /** Writes a guest's entry. @throws GatewayError SHARING_UNAVAILABLE */
  async addSession(session: StoredSession): Promise<void> {
    const entry = this.audit.entry("enter", session.share, whoIs(session), { session: session.id });
    await this.#writer.write([{ type: "session", session }, entry]);
    this.table.putSession(session);
    this.emit("change");
  }

  /** Keeps where a selection is now, so that a restart finds it again. */
  keepSelection(id: string, selection: string): void {
    const share = this.table.find(id);
    if (share === undefined || share.selection === selection) return;
    const moved = { ...share, selection };
    this.table.put(moved);
    this.#writer.keepLater([{ type: "share", share: moved }]);
  }

  /** Writes entries that a guest's answer waits for. @throws GatewayError SHARING_UNAVAILABLE */
  async record(changes: readonly StoreChange[]): Promise<void> {
    await this.#writer.write(changes);
  }

  /** Ceilings that were changed apply to what there is, at once (RULES R19). */
  usePolicy(policy: PolicySettings): void {
    const before = this.live();
    this.table.policy = policy;
    // What is over by a ceiling has been ended by who set it, not by the owner or its time.
    const stopped = before.filter(({ id }) => this.stateOf(id) !== "live");
    for (const { id } of this.table.shares) {
      if (this.stateOf(id) === "revoked") this.#endParts(id, "administrator");
      if (!policy.hubUsersOnly) continue;
      const unknown = this.table.sessionsOf(id).filter(({ hubUser }) => hubUser === null);
      this.#writer.keepLater(unknown.flatMap((session) => this.#endSession(session, "removed", "login")));
    }
    for (const share of stopped) {
      if (this.stateOf(share.id) === "revoked") this.emit("stopped", share, "administrator");
      else this.#writer.keepLater(this.#end(share, "administrator", "administrator").changes);
    }
    this.#expire();
    this.emit("change");
  }

  /** @throws GatewayError SHARE_UNKNOWN */
  require(id: string): StoredShare {
    const share = this.table.find(id);
    if (share === undefined || share.endedAt !== null || this.stateOf(id) === "expired") {
      throw new GatewayError("SHARE_UNKNOWN");
    }
    return share;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#expiry.stop();
    this.audit.flush();
    await this.#options.companions?.close();
    await this.#writer.close();
    await this.#store?.close();
  }

  async #load(): Promise<void> {
    const status = this.#store?.status;
    if (this.#store === undefined || status?.kind !== "ready" || status.opening === this.#loaded) return;
    const stored = await this.#store.load();
    this.table.load(stored);
    // What was ended here while the store could not take it stays ended.
    for (const change of this.#writer.waiting) if (change.type === "share") this.table.remove(change.share.id);
    this.#loaded = status.opening;
    this.#options.companions?.load(stored.companions);
    this.emit("loaded", stored.grants);
    this.#expire();
    this.emit("change");
  }

  #follow(): void {
    const status = this.#store?.status;
    if (status?.kind === "unavailable" && status.trouble === "lost") this.#giveUp();
    this.#load().catch((error: unknown) => {
      this.#options.logger.error({ reason: reasonOf(error) }, "shares could not be read");
    });
    this.emit("change");
  }

  /** Another gateway decides about these shares now: what it ends we would not see. */
  #giveUp(): void {
    for (const { id } of this.table.shares) this.#endParts(id, "stopped");
    this.table.clear();
    this.#loaded = 0;
  }

  /** A share whose creation was answered with an error has reached the disk all the same: nobody has its link. */
  #undo(changes: readonly StoreChange[]): void {
    const lost = changes.filter((change) => change.type === "share" && change.share.endedAt === null);
    const endedAt = this.#clock();
    this.#writer.keepLater(
      lost.flatMap((change) =>
        change.type !== "share" || this.table.find(change.share.id) !== undefined
          ? []
          : [{ type: "share", share: { ...change.share, endedAt, endReason: "revoked" } }],
      ),
    );
  }

  /** Whoever may do so has deleted a link's token at the hub. */
  #endAtHub(id: string): void {
    const share = this.table.find(id);
    if (share !== undefined) this.#writer.keepLater(this.#end(share, "hub", "hub").changes);
  }

  #newExpiry(share: StoredShare, level: StoredShare["level"], life: number | null): number | null {
    const now = this.#clock();
    const longest = maxLifeOf(level, this.table.policy);
    const end = life === null ? null : now + life * 1_000;
    if (longest !== null && (end === null || end > share.createdAt + longest * 1_000)) {
      throw invalid(
        "expires_in",
        `a share of this level ends at most ${setDurationWords(longest * 1_000)} after it was made`,
      );
    }
    return end;
  }

  /** Ends in memory, at once. @returns what is to be written */
  #end(share: StoredShare, reason: Ending, who: string): { guests: number; changes: StoreChange[] } {
    const sessions = this.table.sessionsOf(share.id);
    const guests = presentGuests(sessions, this.#options.guests);
    const now = this.#clock();
    this.table.remove(share.id);
    const endings = sessions.flatMap((session) => this.#endSession(session, "share", reason));
    const ended: StoredShare = { ...share, endedAt: now, endReason: reason === "expired" ? reason : "revoked" };
    this.emit("ended", ended);
    if (reason === "administrator" || reason === "hub") this.emit("stopped", ended, reason);
    this.emit("change");
    const entry = this.audit.entry(reason === "expired" ? "expire" : "revoke", share.id, who, { guests });
    return { guests, changes: [{ type: "share", share: ended }, ...endings, entry] };
  }

  #endSession(
    session: StoredSession,
    endReason: NonNullable<StoredSession["endReason"]>,
    close: SessionCloseReason,
  ): StoreChange[] {
    const { guests } = this.#options;
    const ended: StoredSession = { ...session, endedAt: this.#clock(), endReason };
    this.table.putSession(ended);
    guests.end(session.id, close);
    guests.forget(session.id);
    return [{ type: "session", session: ended }];
  }

  #endParts(id: string, reason: SessionCloseReason): void {
    for (const session of this.table.sessionsOf(id)) this.#options.guests.end(session.id, reason);
  }

  #expire(): void {
    const expired = this.table.shares.filter(({ id }) => this.stateOf(id) === "expired");
    this.#writer.keepLater(expired.flatMap((share) => this.#end(share, "expired", "gateway").changes));
    this.#armExpiry();
  }

  /** The clock is asked again each time: machines sleep, and clocks are set (RULES R22). */
  #armExpiry(): void {
    if (this.#closed) return;
    const ends = this.table.shares.map((share) => this.table.endOf(share)).filter((end) => end !== null);
    if (ends.length === 0) this.#expiry.stop();
    else this.#expiry.set(Math.max(0, Math.min(...ends) - this.#clock()), () => this.#expire());
  }

  /**
   * The Terminal Access share whose guests may have made what is made now: in person, or by something that they left
   * running, as long as the share lives (RULES R16).
   */
  #terminalShareInUse(): string | null {
    const used = this.live().filter(({ id, level }) => level === "terminal" && this.table.wasEntered(id));
    const isOccupied = ({ id }: StoredShare) =>
      this.table.sessionsOf(id).some((one) => this.#options.guests.isIn(one.id));
    return (used.find(isOccupied) ?? used[0])?.id ?? null;
  }
}

function reasonFor(administrator: string | undefined): Ending {
  return administrator === undefined ? "revoked" : "administrator";
}
