import {
  askedValues,
  type ChangeShare,
  type CreateShare,
  defaultLife,
  getKinds,
  isWithin,
  levelOf,
  levelWords,
  type StoredApp,
  setDurationWords,
  shareFields,
} from "@waiide/protocol";
import { GatewayError } from "../../base/errors.ts";
import { type AuditLog, describe } from "../audit/audit-log.ts";
import { requireCopyable } from "../copies/copy-choice.ts";
import type { Guests } from "../guests/guests.ts";
import type { ShareEvents } from "../share-events.ts";
import type { StoreChange, StoredLink, StoredShare } from "../store/stored.ts";
import type { ShareEndings } from "./endings.ts";
import type { Links } from "./links.ts";
import { countedLevel, defaultLifeFor, lifeRefusal, maxLifeOf, shareRefusal } from "./policy.ts";
import { isNamed, storedRecipient } from "./recipient.ts";
import { type CheckedShare, invalid } from "./request.ts";
import { newId } from "./secrets.ts";
import type { SessionRecords } from "./sessions.ts";
import type { ShareStorage } from "./storage.ts";
import type { ShareTable } from "./table.ts";
import type { ShareWriter } from "./writer.ts";

export interface SharesOptions {
  readonly table: ShareTable;
  readonly writer: ShareWriter;
  readonly storage: Pick<ShareStorage, "requireAvailable">;
  readonly links: Links;
  readonly sessions: SessionRecords;
  readonly endings: ShareEndings;
  readonly audit: AuditLog;
  readonly guests: Guests;
  readonly events: ShareEvents;
  /** Name of the owner, for the audit. */
  readonly owner: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** A share with the secret of a link that was just made. The secret is kept nowhere else. */
export interface FreshLink {
  readonly share: StoredShare;
  readonly secret: string;
}

/** Makes and changes shares. What gives rights is written before it applies, so that no crash can lose it (RULES R21). */
export class Shares {
  readonly #options: SharesOptions;

  constructor(options: SharesOptions) {
    this.#options = options;
  }

  /** @throws GatewayError SHARING_UNAVAILABLE, SHARE_CEILING, SHARE_INVALID, HUB_LISTING */
  async create(request: CreateShare, checked: CheckedShare): Promise<FreshLink> {
    const { table, storage, links, endings, events, audit, owner, clock } = this.#options;
    storage.requireAvailable();
    const { policy } = table;
    const { level, app = null } = checked;
    const refusal = shareRefusal({ level, app }, policy, request.with !== undefined);
    if (refusal !== undefined) throw new GatewayError("SHARE_CEILING", { reason: refusal });
    if (table.live().length >= policy.maxShares) {
      throw new GatewayError("SHARE_CEILING", { reason: `there are ${policy.maxShares} shares already` });
    }
    const wanted = request.expires_in;
    const counted = countedLevel({ level, app });
    const life = wanted === undefined ? defaultLifeFor(counted, defaultLife, policy) : wanted;
    const tooLong = lifeRefusal(counted, life, policy);
    if (tooLong !== undefined) throw invalid("expires_in", tooLong);
    const now = clock();
    const share: StoredShare = {
      id: checked.commit?.id ?? newId(),
      level,
      root: checked.root,
      scope: checked.scope,
      shownCommit: checked.commit?.shown ?? null,
      selection: checked.selection?.serialize() ?? null,
      app,
      ...askedValues(shareFields, request),
      createdAt: now,
      createdBy: owner,
      createdDuring: this.#terminalShareInUse(),
      expiresAt: life === null ? null : now + life * 1_000,
      ...storedRecipient(request.with),
      endedAt: null,
      endReason: null,
    };
    requireCopyable(share, policy);
    const made = await links.make(share, now);
    const entry = audit.entry("create", share.id, owner, describe(share));
    await links.write(made, [{ type: "share", share }], [entry]);
    table.put(share);
    links.put(made);
    endings.armExpiry();
    events.emit("created", share);
    events.emit("change");
    return { share, secret: made.secret };
  }

  /** The level can only be lowered. @throws GatewayError SHARE_UNKNOWN, SHARE_INVALID, SHARING_UNAVAILABLE */
  async change(id: string, change: ChangeShare): Promise<StoredShare> {
    const { table, storage, writer, endings, events, audit, owner } = this.#options;
    storage.requireAvailable();
    const before = table.require(id);
    const level = change.permission === undefined ? before.level : levelOf(change.permission);
    if (level !== before.level && (level === "app" || before.level === "app")) {
      throw invalid("permission", "“Use the App” cannot be changed into another level, nor another level into it");
    }
    if (!isWithin(level, before.level)) {
      throw invalid("permission", `the level can only be lowered; create a new share for ${levelWords[level].name}`);
    }
    if (before.scope.kind === "selection" && level === "terminal") throw invalid("permission", "it is a selection");
    const share: StoredShare = {
      ...before,
      level,
      shownCommit: withLess(before.shownCommit, change.get),
      ...askedValues(shareFields, change, before),
      expiresAt: change.expires_in === undefined ? before.expiresAt : this.#newExpiry(before, level, change.expires_in),
    };
    if (change.copy !== undefined) requireCopyable(share, table.policy);
    const lowered = level !== before.level;
    const takesLess = share.shownCommit?.get !== before.shownCommit?.get;
    const shorter = (share.expiresAt ?? Number.POSITIVE_INFINITY) < (before.expiresAt ?? Number.POSITIVE_INFINITY);
    // Fewer rights apply at once, more rights once they are written.
    if (lowered || shorter || takesLess) {
      table.put({ ...share, expiresAt: shorter ? share.expiresAt : before.expiresAt });
      endings.armExpiry();
    }
    if (lowered) {
      endings.closeParts(id, "changed");
      events.emit("lowered", share);
    }
    const entry = audit.entry("change", id, owner, describe(share));
    await writer.write([{ type: "share", share }, entry]);
    if (table.find(id) !== undefined) table.put(share);
    endings.armExpiry();
    events.emit("change");
    return share;
  }

  /** @param endOld ends the earlier links, and the sessions of their guests */
  async newLink(id: string, endOld: boolean): Promise<FreshLink> {
    const { table, storage, links, sessions, events, audit, owner, clock } = this.#options;
    storage.requireAvailable();
    if (isNamed(table.require(id))) throw invalid("id", "it is for named people, who need no link");
    const now = clock();
    const made = await links.make(table.require(id), now);
    const share = table.require(id);
    const old = endOld ? table.linksOf(id).map((one): StoredLink => ({ ...one, endedAt: now })) : [];
    const ended = endOld ? table.sessionsOf(id) : [];
    for (const one of old) table.putLink(one);
    const endings = ended.flatMap((session) => sessions.end(session, "removed", "removed"));
    const entry = audit.entry("link", id, owner, { ended: old.length });
    const changes = old.map((one): StoreChange => ({ type: "link", link: one }));
    await links.write(made, changes, [...endings, entry]);
    links.put(made);
    events.emit("change");
    return { share, secret: made.secret };
  }

  /** Keeps where a selection is now, so that a restart finds it again. */
  keepSelection(id: string, selection: string): void {
    const { table, writer } = this.#options;
    const share = table.find(id);
    if (share === undefined || share.selection === selection) return;
    const moved = { ...share, selection };
    table.put(moved);
    writer.keepLater([{ type: "share", share: moved }]);
  }

  /** A followed branch has moved, or is gone. */
  changeCommit(id: string, shownCommit: StoredShare["shownCommit"]): void {
    const { table, writer, events } = this.#options;
    const share = table.find(id);
    if (share === undefined) return;
    const changed = { ...share, shownCommit };
    table.put(changed);
    writer.keepLater([{ type: "share", share: changed }]);
    events.emit("change");
  }

  /** The owner says which program a shared app is. @throws GatewayError SHARE_UNKNOWN, SHARING_UNAVAILABLE */
  async keepApp(id: string, app: StoredApp): Promise<StoredShare> {
    const { table, writer, events, audit, owner } = this.#options;
    const share: StoredShare = { ...table.require(id), app };
    await writer.write([{ type: "share", share }, audit.entry("resume-app", id, owner)]);
    if (table.find(id) !== undefined) table.put(share);
    events.emit("change");
    return share;
  }

  #newExpiry(share: StoredShare, level: StoredShare["level"], life: number | null): number | null {
    const { table, clock } = this.#options;
    const longest = maxLifeOf(countedLevel({ ...share, level }), table.policy);
    const end = life === null ? null : clock() + life * 1_000;
    if (longest !== null && (end === null || end > share.createdAt + longest * 1_000)) {
      throw invalid(
        "expires_in",
        `a share of this level expires at most ${setDurationWords(longest * 1_000)} after it was created`,
      );
    }
    return end;
  }

  /**
   * The Terminal Access share whose guests may have made a share that is made now: in person, or by something that they
   * left running, as long as the share lives (RULES R16).
   */
  #terminalShareInUse(): string | null {
    const { table, guests } = this.#options;
    const used = table.live().filter(({ id, level }) => level === "terminal" && table.wasEntered(id));
    const isOccupied = ({ id }: StoredShare) => table.sessionsOf(id).some((one) => guests.isIn(one.id));
    return (used.find(isOccupied) ?? used[0])?.id ?? null;
  }
}

/** What guests may take of a commit; a proposal needs something to clone. @throws GatewayError SHARE_INVALID if it is more than before */
function withLess(commit: StoredShare["shownCommit"], get: ChangeShare["get"]): StoredShare["shownCommit"] {
  if (get === undefined || commit?.get === get) return commit;
  if (commit === null) throw invalid("get", "it is no share of a commit");
  if (getKinds.indexOf(get) > getKinds.indexOf(commit.get)) {
    throw invalid("get", "it can only become less; create a new share for more");
  }
  return { ...commit, get, propose: get !== "none" && commit.propose === true };
}
