import { existsSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { userInfo } from "node:os";
import { join } from "node:path";
import type {
  Audit,
  ChangeShare,
  CreatedShare,
  CreateShare,
  Enter,
  GuestChanges,
  Landing,
  Look,
  Original,
  OwnerSave,
  OwnerSaveAnswer,
  Revoked,
  Share,
  Shared,
  ShareInfo,
  ShareOverview,
  SurvivorsEvent,
} from "@waiide/protocol";
import { levelWords, type StoppedEvent } from "@waiide/protocol";
import type { LoginStart } from "../access/authentication.ts";
import type { Ports } from "../apps/ports.ts";
import { GatewayError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { version } from "../base/version.ts";
import type { Config } from "../config/config.ts";
import { hiddenGroups } from "../config/names/hidden-names.ts";
import { groupsOf } from "../config/names/name-groups.ts";
import { protectedGroups } from "../config/names/protected-names.ts";
import { EventStreams } from "../http/event-streams.ts";
import type { PageProofs } from "../http/page-proof.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { Hub } from "../hub/hub.ts";
import type { HubPerson } from "../hub/hub-authentication.ts";
import type { Webviews } from "../webviews/webviews.ts";
import { guestChanges, type KeptContents, originalContent } from "./audit/guest-changes.ts";
import { GuestVersions } from "./audit/guest-versions.ts";
import { Originals } from "./audit/originals.ts";
import { ShareGate } from "./guests/gate.ts";
import { GuestSessions } from "./guests/guest-sessions.ts";
import { Guests } from "./guests/guests.ts";
import { HubPeople } from "./guests/hub-people.ts";
import { Workspaces } from "./guests/workspaces.ts";
import { Companions } from "./hub-link/companions.ts";
import { type Grants, grantsOf } from "./hub-link/grants.ts";
import { OwnerSaves } from "./owner-saves.ts";
import { SharePages } from "./page/pages.ts";
import type { WorkbenchFiles } from "./page/workbench-files.ts";
import { levelChoices, overviewOf, type PolicySettings } from "./records/policy.ts";
import { PublicOrigin } from "./records/public-origin.ts";
import { isNamed } from "./records/recipient.ts";
import { checkRequest } from "./records/request.ts";
import { type FreshLink, Shares } from "./records/shares.ts";
import { landingView, sharedView, shareView } from "./records/view.ts";
import { ShareFront } from "./share-front.ts";
import { ShareStore } from "./store/store.ts";
import { outsideOf } from "./terminal/outside.ts";
import { TerminalIdes } from "./terminal/terminal-ides.ts";

/** As the store names it, in the gateway's data folder. */
const storeFile = "shares.sqlite";

export interface SharingOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly runtimeFolder: string;
  /** Undefined without one. */
  readonly hub: Pick<Hub, "companionTokens" | "authentication" | "shares"> | undefined;
  readonly ports: Ports;
  readonly pages: PageProofs;
  readonly workbench: WorkbenchFiles;
  readonly webviews: Webviews;
  readonly onActivity: () => void;
}

type Origination = Pick<RequestContext, "scheme" | "clientAddress">;

/** Everything that sharing consists of. The gateway owns one; the API, the front and the gate use it. */
export class Sharing {
  readonly origin: PublicOrigin;
  readonly shares: Shares;
  readonly guestSessions: GuestSessions;
  readonly gate: ShareGate;
  readonly pages: SharePages;
  readonly front: ShareFront;
  readonly #options: SharingOptions;
  readonly #guests: Guests;
  readonly #workspaces: Workspaces;
  readonly #terminals: TerminalIdes;
  readonly #people = new HubPeople({
    isOpen: (session) => this.shares.table.session(session) !== undefined,
    mayStay: (session, person) => this.guestSessions.mayStay(this.shares.table.session(session)?.share ?? "", person),
    onGone: (session) => this.#logOut(session),
  });
  readonly #events = new EventStreams();
  readonly #originals: Originals;
  readonly #versions: GuestVersions;
  readonly #ownerSaves: OwnerSaves;
  readonly #owner: string;
  readonly #grants: Grants | undefined;
  #store: Promise<ShareStore | undefined> | undefined;
  #leftovers: Promise<void> | undefined;
  #closed = false;

  constructor(options: SharingOptions) {
    const { config, logger, runtimeFolder, ports, onActivity, hub, webviews } = options;
    const { sharing, baseUrl } = config;
    this.#options = options;
    this.#owner = config.hub?.user ?? ownName();
    this.origin = new PublicOrigin(sharing.publicOrigin);
    this.#guests = new Guests({ onChange: () => this.shares.emit("change") });
    const guests = this.#guests;
    const companions = hub && new Companions({ tokens: hub.companionTokens, logger });
    this.shares = new Shares({ policy: sharing, guests, owner: this.#owner, logger, companions });
    const { shares } = this;
    shares.hasEarlier = sharing.enabled && existsSync(join(config.gatewayFolder, storeFile));
    const people = hub && this.#people;
    this.#grants = hub && grantsOf(shares, hub.shares, logger);
    this.guestSessions = new GuestSessions({
      shares,
      guests,
      baseUrl,
      maxGuestsOfShare: sharing.limits.sessions,
      companions,
      people,
    });
    this.gate = new ShareGate(this.guestSessions, () => (shares.isUnread ? this.ready() : undefined));
    this.pages = new SharePages({
      guestSessions: this.guestSessions,
      shares,
      baseUrl,
      workbench: options.workbench,
      pages: options.pages,
      hub,
    });
    this.#workspaces = new Workspaces({ config, outside: outsideOf(config, runtimeFolder), logger });
    this.#terminals = new TerminalIdes({
      config,
      logger,
      runtimeFolder,
      folder: config.gatewayFolder,
      webviews,
      onKilled: (share, processes, rest) => {
        shares.audit.note("kill", share, "gateway", { processes, ...rest });
        const survivors: SurvivorsEvent = { id: share, ...rest };
        if (rest.left + rest.unjudged > 0) this.#events.send("survivors", survivors);
      },
    });
    this.#originals = new Originals(join(config.gatewayFolder, "originals"), logger);
    this.#versions = new GuestVersions(join(config.gatewayFolder, "guest-versions"), logger);
    this.#ownerSaves = new OwnerSaves({
      versions: this.#versions,
      open: (root) => this.#workspaces.open(root),
      onOverlap: (writer, path, version) => this.front.tellOverlap(writer, path, version),
    });
    const { limits } = sharing;
    this.front = new ShareFront({
      shares,
      guests,
      guestSessions: this.guestSessions,
      workspaces: this.#workspaces,
      originals: this.#originals,
      versions: this.#versions,
      terminals: this.#terminals,
      ports,
      limits: {
        read: Math.min(limits.read, limits.file),
        file: limits.file,
        requests: limits.requests,
        idle: limits.idle * 1_000,
      },
      owner: this.#owner,
      logger,
      onActivity,
      onWrite: (writer, write) => this.#ownerSaves.note(writer, write),
      onWritten: () => this.#events.written(),
    });
    shares.once("loaded", () => {
      this.#leftovers = this.#endLeftovers();
    });
    shares.on("ended", ({ id, level }) => this.#onEnded(id, level === "terminal"));
    shares.on("lowered", ({ id }) => this.#onEnded(id, true));
    shares.on("stopped", ({ id, level, scope }, by) => {
      const stopped: StoppedEvent = { id, by, permission: levelWords[level].name, scope };
      this.#events.send("stopped", stopped);
    });
    shares.on("change", () => this.#events.send("change", {}));
    shares.on("created", (share) => this.#events.send("created", { id: share.id, made_during: share.createdDuring }));
  }

  /** In the background: nothing of the IDE waits for it. Who has never shared anything needs no store. */
  start(): void {
    if (this.shares.hasEarlier) void this.#open();
  }

  /** Resolves once shares can be asked for, or it is known why not. */
  async ready(): Promise<void> {
    await this.#open();
    await this.#leftovers;
  }

  /** An administrator has changed what may be shared: it applies to what there is, at once (RULES R19). */
  useCeilings(policy: PolicySettings): void {
    this.shares.usePolicy(policy);
  }

  /** Whether guests may write files; true until it is known. */
  get mayBeEdited(): boolean {
    return this.shares.isUnread || this.shares.live().some(({ level }) => level === "edit");
  }

  async info(): Promise<ShareInfo> {
    await this.ready();
    const { config } = this.#options;
    const reason = this.#unavailable;
    return {
      sharing_available: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
      environment: config.mode,
      user: this.#owner,
      server_name: config.hub?.serverName ?? "",
      workspace: config.workspace,
      public_url: this.origin.value === undefined ? null : `${this.origin.value}${config.baseUrl}`,
      levels: levelChoices(this.shares.table.policy),
      most_shares: this.shares.table.policy.maxShares,
      links: this.shares.table.policy.links,
      hub_users_only: this.guestSessions.needsHubUser,
      hidden: [...config.sharing.hidden],
      protected: [...config.sharing.protected],
      hidden_groups: groupsOf(hiddenGroups, config.sharing.hidden),
      protected_groups: groupsOf(protectedGroups, config.sharing.protected),
      webviews: this.#options.webviews.state,
      ...(await this.#listing()),
    };
  }

  async list(): Promise<Share[]> {
    await this.ready();
    return this.shares.live().map((share) => shareView(share, this.shares.table, this.#guests));
  }

  /** Whoever has never shared anything is not made to open a store by being looked at. */
  async overview(): Promise<ShareOverview> {
    const isUnused = this.#store === undefined && !this.shares.hasEarlier;
    const shares = isUnused ? [] : await this.list();
    const reason = isUnused ? this.#impossible : this.#unavailable;
    const { policy } = this.shares.table;
    return { version, ...overviewOf(policy, reason), hub_users_only: this.guestSessions.needsHubUser, shares };
  }

  async auditPage(query: { before?: number; share?: string; limit?: number }): Promise<Audit> {
    const store = await this.#requireAvailable();
    const limit = query.limit ?? 100;
    const rows = await store.audit({ ...query, limit: limit + 1 });
    const entries = rows.slice(0, limit).map(({ at, ...rest }) => ({ ...rest, at: new Date(at).toISOString() }));
    return { entries, next: rows.length > limit ? (entries.at(-1)?.id ?? null) : null };
  }

  async create(request: CreateShare): Promise<CreatedShare> {
    await this.#requireAvailable();
    const { config, runtimeFolder } = this.#options;
    const origin = this.#requireOrigin();
    const checked = await checkRequest(request, {
      workspace: config.workspace,
      hasHub: config.hub !== undefined,
      roots: config.sharing.roots,
      outside: outsideOf(config, runtimeFolder),
      open: (root) => this.#workspaces.open(root),
    });
    if (request.with === undefined || this.#grants === undefined) {
      return this.#withLink(await this.shares.create(request, checked), origin);
    }
    return this.#grants.withAccess(request.with, async (hub_access) => {
      const made = await this.shares.create(request, checked);
      return { ...this.#withLink(made, origin), hub_access };
    });
  }

  async change(id: string, change: ChangeShare): Promise<Share> {
    await this.#requireAvailable();
    return shareView(await this.shares.change(id, change), this.shares.table, this.#guests);
  }

  async newLink(id: string, endOld: boolean): Promise<CreatedShare> {
    await this.#requireAvailable();
    const origin = this.#requireOrigin();
    return this.#withLink(await this.shares.newLink(id, endOld), origin);
  }

  async changesIn(id: string, offset: number): Promise<GuestChanges> {
    return guestChanges(id, await this.#requireAvailable(), this.#kept, offset);
  }

  /** @param version of a guest, in place of what was there before guests came */
  async originalOf(id: string, path: string, version?: string): Promise<Original> {
    await this.#requireAvailable();
    return originalContent(id, path, version, this.#kept);
  }

  /** The owner's editor is about to save a file. */
  saveForOwner(save: OwnerSave): Promise<OwnerSaveAnswer> {
    return this.#ownerSaves.save(save);
  }

  /** @param path absolute */
  isWrittenByGuests(path: string): Promise<boolean> {
    return this.#ownerSaves.isWritten(path);
  }

  async removeGuest(id: string, session: string): Promise<void> {
    await this.shares.removeGuest(id, session);
  }

  /**
   * @param who for the audit; default: the owner
   * @param alsoMadeDuring ends what guests of this Terminal Access share may have made as well
   */
  async revoke(id: string, who?: string, alsoMadeDuring = false): Promise<Revoked> {
    const made = this.shares.madeDuring(id).map((share) => share.id);
    const ending = alsoMadeDuring ? [id, ...made] : [id];
    const guests = await Promise.all(ending.map((one) => this.shares.revoke(one, who)));
    return {
      revoked: ending.length,
      guests: guests.reduce((sum, one) => sum + one, 0),
      ...(made.length > 0 && { made_during: made }),
    };
  }

  revokeAll(who?: string): Promise<Revoked> {
    return this.shares.revokeAll(who);
  }

  async look(request: IncomingMessage, origination: Origination, id: string, { secret }: Look): Promise<Landing> {
    const person = await this.#person(request, secret);
    const share = await this.guestSessions.look(id, secret, { ...origination, person });
    const hubUser = this.guestSessions.namesGuests(share) ? (person?.name ?? null) : null;
    return landingView(share, this.shares.table, this.#owner, hubUser);
  }

  /** @returns the `Set-Cookie` value */
  async enter(request: IncomingMessage, origination: Origination, id: string, entry: Enter): Promise<string> {
    const person = await this.#person(request, entry.secret);
    return this.guestSessions.enter(request, { ...origination, person }, id, entry);
  }

  /** To the hub's login and back to the share's page; without a hub, only back. */
  beginLogin(request: IncomingMessage, origination: Origination, id: string): LoginStart {
    const next = `${this.#options.config.baseUrl}share/${encodeURIComponent(id)}/`;
    return this.#options.hub?.authentication.beginLogin(request, origination, next) ?? { location: next, cookies: [] };
  }

  /** @throws GatewayError SHARE_LOGIN for who is in no longer */
  about(request: IncomingMessage, origination: Pick<RequestContext, "scheme">, id: string): Shared {
    const share = this.shares.table.find(id);
    const verdict = this.guestSessions.identify(request, origination, id);
    if (share === undefined || verdict.kind !== "session") throw new GatewayError("SHARE_LOGIN");
    return sharedView(share, this.shares.table, this.#owner, Date.now());
  }

  leave(request: IncomingMessage, origination: Pick<RequestContext, "scheme">, id: string): void {
    const verdict = this.guestSessions.identify(request, origination, id);
    if (verdict.kind === "session") this.shares.leave(verdict.session);
  }

  streamEvents(response: ServerResponse): void {
    this.#events.add(response);
  }

  /** Tells guests that the gateway stops. */
  dismiss(): void {
    this.#closed = true;
    this.#guests.close();
    this.front.close();
    this.#events.close();
  }

  /** Ends what guests have open and run. */
  async close(): Promise<void> {
    this.dismiss();
    await this.#store;
    await this.#leftovers;
    await Promise.all([this.#terminals.close(), this.#workspaces.close(), this.#people.close(), this.#grants?.close()]);
    await this.shares.close();
  }

  get #kept(): KeptContents {
    return { originals: this.#originals, versions: this.#versions };
  }

  /** Why nothing can be shared, in words; undefined: it can. */
  get #unavailable(): string | undefined {
    return this.#impossible ?? this.shares.unavailable;
  }

  /** The same, whatever the store does. */
  get #impossible(): string | undefined {
    if (process.platform !== "linux")
      return "it needs Linux, whose file system calls keep guests inside what is shared";
    if (!this.#options.config.sharing.enabled) return "an administrator has turned it off (--sharing)";
    return undefined;
  }

  /** Once, and in the background: a folder that cannot be used makes sharing unavailable, and nothing else. */
  #open(): Promise<ShareStore | undefined> {
    this.#store ??= this.#openStore();
    return this.#store;
  }

  async #openStore(): Promise<ShareStore | undefined> {
    const { config, logger } = this.#options;
    if (!config.sharing.enabled || process.platform !== "linux" || this.#closed) return undefined;
    const store = await ShareStore.open({ folder: config.gatewayFolder, logger });
    try {
      await this.shares.use(store);
      await this.#originals.prune(Date.now());
      await this.#versions.prune(Date.now());
    } catch (error) {
      logger.error({ err: error }, "what earlier shares left could not be taken up");
    }
    return store;
  }

  /** Only once the shares are read: until then all would look ended, and another gateway may hold them. */
  async #endLeftovers(): Promise<void> {
    try {
      await this.#terminals.endLeftovers((id) => this.#hasTerminal(id));
    } catch (error) {
      this.#options.logger.error({ err: error }, "what earlier shares left running could not be ended");
    }
  }

  /** @throws GatewayError SHARING_UNAVAILABLE */
  async #requireAvailable(): Promise<ShareStore> {
    const store = await this.#open();
    const reason = this.#unavailable;
    if (store === undefined || reason !== undefined) {
      throw new GatewayError("SHARING_UNAVAILABLE", { reason: reason ?? "it is not ready yet" });
    }
    return store;
  }

  /** Who asks, at the hub; only where that matters is it asked: links go on while it is down. */
  async #person(request: IncomingMessage, secret: string | undefined): Promise<HubPerson | undefined> {
    const matters = this.guestSessions.needsHubUser || secret === undefined;
    return matters ? this.#options.hub?.authentication.personOf(request) : undefined;
  }

  #logOut(id: string): void {
    const session = this.shares.table.session(id);
    if (session !== undefined) this.shares.leave(session);
  }

  /** Whether links get tokens at the hub, and why not. */
  async #listing(): Promise<Pick<ShareInfo, "hub_tokens">> {
    const { hub } = this.#options;
    if (hub === undefined) return {};
    try {
      const why = await hub.companionTokens.unavailable();
      return { hub_tokens: { available: why === undefined, ...(why && { reason: why.reason }) } };
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      return { hub_tokens: { available: false, reason: error.message } };
    }
  }

  #requireOrigin(): string {
    const { value } = this.origin;
    if (value === undefined) throw new GatewayError("PUBLIC_URL_UNKNOWN");
    return value;
  }

  #withLink({ share, secret }: FreshLink, origin: string): CreatedShare {
    const page = `${origin}${this.#options.config.baseUrl}share/${share.id}/`;
    const url = isNamed(share) ? page : `${page}#${secret}`;
    return { ...shareView(share, this.shares.table, this.#guests), url };
  }

  #hasTerminal(id: string): boolean {
    return this.shares.table.find(id)?.level === "terminal" && this.shares.stateOf(id) === "live";
  }

  #onEnded(id: string, hasTerminal: boolean): void {
    this.#workspaces.forget(id);
    if (!hasTerminal) return;
    this.#terminals.end(id).catch((error: unknown) => {
      this.#options.logger.error({ err: error, share: id }, "what ran in a share could not be ended");
    });
  }
}

/** A user without an entry in passwd has no name (`os.userInfo` throws). */
function ownName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SYSTEM_ERROR") throw error;
    return process.env.USER || "the owner";
  }
}
