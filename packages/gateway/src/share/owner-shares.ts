import type { ServerResponse } from "node:http";
import {
  type AcceptedProposal,
  type AcceptProposal,
  type Audit,
  auditFields,
  type ChangeShare,
  type CreatedShare,
  type CreateShare,
  type GuestChanges,
  type HistorySurvey,
  levelOf,
  type Original,
  type OwnerSave,
  type OwnerSaveAnswer,
  type Permission,
  type Proposal,
  type Revoked,
  type Share,
  type ShareInfo,
  type ShareOverview,
  type SurveyRequest,
  type TalkMessage,
  type TalkPage,
  viewOf,
  type WithoutGuests,
  type WithoutGuestsQuestion,
} from "@waiide/protocol";
import { GatewayError } from "../base/errors.ts";
import { version } from "../base/version.ts";
import { hiddenGroups } from "../config/names/hidden-names.ts";
import { groupsOf } from "../config/names/name-groups.ts";
import { protectedGroups } from "../config/names/protected-names.ts";
import type { CompanionTokens } from "../hub/companion-tokens.ts";
import type { Webviews } from "../webviews/webviews.ts";
import type { SharedApps } from "./apps/shared-apps.ts";
import { guestChanges, originalContent, withoutGuests } from "./audit/guest-changes.ts";
import type { KeptContents } from "./audit/kept-contents.ts";
import type { OwnerComments } from "./comments/owner-comments.ts";
import { checkCommitRequest, surveyCommit } from "./commits/commit-request.ts";
import type { Commits } from "./commits/commits.ts";
import type { Proposals } from "./commits/proposals.ts";
import type { Grants } from "./hub-link/grants.ts";
import type { OwnerEvents } from "./owner-events.ts";
import type { OwnerSaves } from "./owner-saves.ts";
import { overviewOf } from "./records/policy.ts";
import type { PublicOrigin } from "./records/public-origin.ts";
import { isNamed } from "./records/recipient.ts";
import type { ShareRecords } from "./records/records.ts";
import { type CheckedShare, checkRequest, type RequestCheckContext } from "./records/request.ts";
import type { FreshLink } from "./records/shares.ts";
import { shareView } from "./records/view.ts";
import type { ShareLifecycle } from "./share-lifecycle.ts";
import type { StoredShare } from "./store/stored.ts";
import type { Talk } from "./talk/talk.ts";

/** The settings that the owner's pages show. */
export interface OwnerSettings {
  readonly environment: ShareInfo["environment"];
  readonly serverName: string;
  readonly workspace: string;
  /** Path prefix of the gateway, begins and ends with `/`. */
  readonly baseUrl: string;
  readonly hidden: readonly string[];
  readonly protected: readonly string[];
}

export interface OwnerSharesParts {
  readonly records: ShareRecords;
  readonly lifecycle: Pick<ShareLifecycle, "ready">;
  readonly origin: PublicOrigin;
  readonly commits: Commits;
  readonly proposals: Proposals;
  readonly ownerSaves: OwnerSaves;
  readonly ownerEvents: OwnerEvents;
  readonly kept: KeptContents;
  readonly talk: Talk;
  readonly apps: Pick<SharedApps, "conditionOf" | "rebound">;
  readonly comments: OwnerComments;
  readonly webviews: Pick<Webviews, "state">;
  /** What a new share is checked against. */
  readonly requests: RequestCheckContext;
  /** Undefined without a hub. */
  readonly grants: Grants | undefined;
  readonly tokens: Pick<CompanionTokens, "unavailable"> | undefined;
  /** Name of the owner. */
  readonly owner: string;
  readonly settings: OwnerSettings;
}

/** What the owner's API does with shares (`/api/share/*`). */
export class OwnerShares {
  readonly #parts: OwnerSharesParts;

  constructor(parts: OwnerSharesParts) {
    this.#parts = parts;
  }

  /** Where links point to. */
  get origin(): PublicOrigin {
    return this.#parts.origin;
  }

  /** On lines of files. */
  get comments(): OwnerComments {
    return this.#parts.comments;
  }

  /** Whether guests may write files; true while earlier shares are not read. */
  get mayBeEdited(): boolean {
    const { storage, table } = this.#parts.records;
    return storage.isUnread || table.live().some(({ level }) => level === "edit");
  }

  async info(): Promise<ShareInfo> {
    await this.#parts.lifecycle.ready();
    const { settings, owner, origin, webviews } = this.#parts;
    const { policy } = this.#parts.records.table;
    const { sharing_available, reason, ...permitted } = overviewOf(policy, this.#unavailable);
    return {
      sharing_available,
      ...(reason === undefined ? {} : { reason }),
      environment: settings.environment,
      user: owner,
      server_name: settings.serverName,
      workspace: settings.workspace,
      public_url: origin.value === undefined ? null : `${origin.value}${settings.baseUrl}`,
      ...permitted,
      terminals: policy.terminals,
      hidden: [...settings.hidden],
      protected: [...settings.protected],
      hidden_groups: groupsOf(hiddenGroups, settings.hidden),
      protected_groups: groupsOf(protectedGroups, settings.protected),
      webviews: webviews.state,
      ...(await this.#listing()),
    };
  }

  async list(): Promise<Share[]> {
    await this.#parts.lifecycle.ready();
    return this.#parts.records.table.live().map((share) => this.#view(share));
  }

  /** Opens no store on a server that has never shared anything. */
  async overview(): Promise<ShareOverview> {
    const { table, storage } = this.#parts.records;
    const { isUnused } = storage;
    const shares = isUnused ? [] : await this.list();
    const reason = isUnused ? storage.impossible : this.#unavailable;
    return { version, ...overviewOf(table.policy, reason), shares };
  }

  async auditPage(query: { before?: number; share?: string; limit?: number }): Promise<Audit> {
    const store = await this.#parts.records.storage.requireStore();
    const limit = query.limit ?? 100;
    const rows = await store.audit({ ...query, limit: limit + 1 });
    const entries = rows.slice(0, limit).map((row) => viewOf(auditFields, row));
    return { entries, next: rows.length > limit ? (entries.at(-1)?.id ?? null) : null };
  }

  async create(request: CreateShare): Promise<CreatedShare> {
    const { records, grants } = this.#parts;
    await records.storage.requireStore();
    const origin = this.#requireOrigin();
    const checked = await this.#check(request);
    try {
      if (request.with === undefined || grants === undefined) {
        return this.#withLink(await records.shares.create(request, checked), origin);
      }
      return await grants.withAccess(request.with, async (hub_access) => {
        const made = await records.shares.create(request, checked);
        return { ...this.#withLink(made, origin), hub_access };
      });
    } catch (error) {
      if (checked.commit !== undefined) await this.#parts.commits.remove(checked.commit.id);
      throw error;
    }
  }

  #check(request: CreateShare): Promise<CheckedShare> {
    const { requests, commits } = this.#parts;
    const { commit } = request;
    return commit === undefined
      ? checkRequest(request, requests)
      : checkCommitRequest({ ...request, commit }, requests, commits);
  }

  /** What the history of a commit holds, before it is shared. */
  async survey(request: SurveyRequest): Promise<HistorySurvey> {
    const { records, requests, commits } = this.#parts;
    await records.storage.requireStore();
    return surveyCommit(request, requests, commits);
  }

  async change(id: string, change: ChangeShare): Promise<Share> {
    const { storage, shares } = this.#parts.records;
    await storage.requireStore();
    const changed = await shares.change(id, change);
    if (change.get !== undefined) await this.#parts.commits.keepLess(changed);
    return this.#view(changed);
  }

  /** Guests of a branch see what it holds now, whether it is followed or not. @throws GatewayError SHARE_UNKNOWN, SHARE_INVALID */
  async refreshCommit(id: string): Promise<Share> {
    const share = await this.#live(id);
    const { table, shares } = this.#parts.records;
    const moved = await this.#parts.commits.refreshForOwner(share, () => table.findLive(id) !== undefined);
    if (moved !== undefined) shares.changeCommit(id, moved);
    return this.#view(table.require(id));
  }

  async proposalsOf(id: string): Promise<Proposal[]> {
    return this.#parts.proposals.list(await this.#live(id));
  }

  async patchOf(id: string, proposal: string): Promise<string> {
    return this.#parts.proposals.patch(await this.#live(id), proposal);
  }

  async acceptProposal(id: string, proposal: string, { branch }: AcceptProposal): Promise<AcceptedProposal> {
    return this.#parts.proposals.accept(await this.#live(id), proposal, branch);
  }

  async declineProposal(id: string, proposal: string): Promise<void> {
    await this.#parts.proposals.decline(await this.#live(id), proposal);
  }

  async #live(id: string): Promise<StoredShare> {
    await this.#parts.records.storage.requireStore();
    return this.#parts.records.table.require(id);
  }

  /** The program that listens now on the port of a shared app is meant. @throws GatewayError SHARE_UNKNOWN, SHARE_INVALID */
  async resumeApp(id: string): Promise<Share> {
    const { records, apps } = this.#parts;
    await records.storage.requireStore();
    const app = await apps.rebound(records.table.require(id));
    return this.#view(await records.shares.keepApp(id, app));
  }

  async newLink(id: string, endOld: boolean): Promise<CreatedShare> {
    const { storage, shares } = this.#parts.records;
    await storage.requireStore();
    const origin = this.#requireOrigin();
    return this.#withLink(await shares.newLink(id, endOld), origin);
  }

  async changesIn(id: string, offset: number): Promise<GuestChanges> {
    const { records, kept } = this.#parts;
    return guestChanges(id, await records.storage.requireStore(), kept, offset);
  }

  /** @param version as the route describes it */
  async originalOf(id: string, path: string, version?: string): Promise<Original> {
    const { records, kept } = this.#parts;
    await records.storage.requireStore();
    return originalContent(id, path, version, kept);
  }

  async withoutGuests(id: string, question: WithoutGuestsQuestion): Promise<WithoutGuests> {
    const { records, kept } = this.#parts;
    return withoutGuests(id, question, await records.storage.requireStore(), kept);
  }

  /** The owner's editor is about to save a file. */
  saveForOwner(save: OwnerSave): Promise<OwnerSaveAnswer> {
    return this.#parts.ownerSaves.save(save);
  }

  /** @param path absolute */
  isWrittenByGuests(path: string): Promise<boolean> {
    return this.#parts.ownerSaves.isWritten(path);
  }

  /** Lets somebody in who waits. @throws GatewayError SHARE_REQUEST_UNKNOWN */
  accept(request: string): void {
    this.#parts.records.waiting.accept(request);
  }

  /** @throws GatewayError SHARE_REQUEST_UNKNOWN */
  decline(request: string): Promise<void> {
    return this.#parts.records.waiting.decline(request);
  }

  /** The newest messages of a share's conversation. @param before only older ones than this */
  async talk(id: string, before?: number): Promise<TalkPage> {
    await this.#parts.records.storage.requireStore();
    return this.#parts.talk.read(id, before);
  }

  async say(id: string, text: string): Promise<TalkMessage> {
    await this.#parts.records.storage.requireStore();
    return this.#parts.talk.sayAsOwner(id, text);
  }

  /** For the rest of the guest's visit. */
  lowerGuest(id: string, session: string, permission: Permission): Promise<void> {
    return this.#parts.records.sessions.lower(id, session, levelOf(permission));
  }

  removeGuest(id: string, session: string): Promise<void> {
    return this.#parts.records.sessions.remove(id, session);
  }

  /**
   * @param administrator for the audit; default: the owner
   * @param alsoMadeDuring also ends what guests of this Terminal Access share may have made
   */
  async revoke(id: string, administrator?: string, alsoMadeDuring = false): Promise<Revoked> {
    const { table, endings } = this.#parts.records;
    const made = table.madeDuring(id).map((share) => share.id);
    const revoked = await endings.revoke(alsoMadeDuring ? [id, ...made] : [id], administrator);
    return { ...revoked, ...(made.length > 0 && { made_during: made }) };
  }

  revokeAll(administrator?: string): Promise<Revoked> {
    return this.#parts.records.endings.revokeAll(administrator);
  }

  streamEvents(response: ServerResponse): void {
    this.#parts.ownerEvents.stream(response);
  }

  get #unavailable(): string | undefined {
    return this.#parts.records.storage.unavailable;
  }

  /** Whether links get tokens at the hub, and why not. */
  async #listing(): Promise<Pick<ShareInfo, "hub_tokens">> {
    const { tokens } = this.#parts;
    if (tokens === undefined) return {};
    try {
      const why = await tokens.unavailable();
      return { hub_tokens: { available: why === undefined, ...(why && { reason: why.reason }) } };
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      return { hub_tokens: { available: false, reason: error.message } };
    }
  }

  #requireOrigin(): string {
    const { value } = this.#parts.origin;
    if (value === undefined) throw new GatewayError("PUBLIC_URL_UNKNOWN");
    return value;
  }

  #withLink({ share, secret }: FreshLink, origin: string): CreatedShare {
    const page = `${origin}${this.#parts.settings.baseUrl}share/${share.id}/`;
    return { ...this.#view(share), url: isNamed(share) ? page : `${page}#${secret}` };
  }

  #view(share: FreshLink["share"]): Share {
    return shareView(share, this.#parts.records, (one) => this.#parts.apps.conditionOf(one));
  }
}
