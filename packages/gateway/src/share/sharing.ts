import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AppNames } from "../access/app-names.ts";
import type { Apps } from "../apps/apps.ts";
import type { Ports } from "../apps/ports.ts";
import type { Logger } from "../base/log.ts";
import { Git } from "../git/git.ts";
import type { PageProofs } from "../http/page-proof.ts";
import type { Hub } from "../hub/hub.ts";
import { LiveDocuments, type LiveLimits } from "../live/live-documents.ts";
import { Leases } from "../live/windows/leases.ts";
import { OpenFiles } from "../live/windows/open-files.ts";
import type { ChildProcesses } from "../system/child-process.ts";
import { ownUser } from "../system/home-folder.ts";
import type { Webviews } from "../webviews/webviews.ts";
import { openApps } from "./apps/open-apps.ts";
import type { HostFront } from "./apps/own-host/host-front.ts";
import type { SealedFront } from "./apps/sealed-front.ts";
import { KeptContents } from "./audit/kept-contents.ts";
import { Comments } from "./comments/comments.ts";
import { OwnerComments } from "./comments/owner-comments.ts";
import { CloneTokens } from "./commits/clone-tokens.ts";
import { FollowedBranches } from "./commits/followed-branches.ts";
import { openCommits } from "./commits/open-commits.ts";
import { Proposals } from "./commits/proposals.ts";
import type { CopyEntry, CopyHubSettings } from "./copies/copy-entry.ts";
import { type CopyProfiles, createCopies } from "./copies/create-copies.ts";
import type { EnvironmentPreview } from "./copies/environment-preview.ts";
import { GuestEntry } from "./guests/entry.ts";
import { ShareGate } from "./guests/gate.ts";
import { GuestSessions } from "./guests/guest-sessions.ts";
import { HubPeople } from "./guests/hub-people.ts";
import type { SessionLimits } from "./guests/session.ts";
import { Workspaces, type WorkspacesOptions } from "./guests/workspaces.ts";
import { grantsOf } from "./hub-link/grants.ts";
import { GuestWindows } from "./live/guest-windows.ts";
import { LiveRecords } from "./live/live-records.ts";
import { OwnerPresence } from "./live/owner-presence.ts";
import { OwnerWindows } from "./live/owner-windows.ts";
import { OwnerEvents } from "./owner-events.ts";
import { OwnerSaves } from "./owner-saves.ts";
import { type OwnerSettings, OwnerShares } from "./owner-shares.ts";
import { SharePages } from "./page/pages.ts";
import type { WorkbenchFiles } from "./page/workbench-files.ts";
import type { PolicySettings } from "./records/policy.ts";
import { PublicOrigin } from "./records/public-origin.ts";
import { createRecords, type ShareRecords } from "./records/records.ts";
import { ShareFront } from "./share-front.ts";
import { ShareLifecycle } from "./share-lifecycle.ts";
import { ShownTerminals } from "./shown-terminals/shown-terminals.ts";
import { ShareStore } from "./store/store.ts";
import type { StoredShare } from "./store/stored.ts";
import { MessageRate } from "./talk/message-rate.ts";
import { Talk } from "./talk/talk.ts";
import { outsideOf } from "./terminal/outside.ts";
import { TerminalIdes, type TerminalIdesOptions } from "./terminal/terminal-ides.ts";

/** The store's file in the gateway's data folder. */
const storeFile = "shares.sqlite";

/** What an administrator decides about shares. */
interface SharingPolicy
  extends PolicySettings,
    CopyProfiles,
    Pick<WorkspacesOptions, "hidden" | "protected" | "limits"> {
  readonly enabled: boolean;
  /** Of links; undefined: where the owner last opened the IDE. */
  readonly publicOrigin: string | undefined;
  /** Folders that may be shared, with what lies in them. */
  readonly roots: readonly string[];
}

/** What sharing must know of the server that it is part of. */
export interface SharingSettings extends Pick<OwnerSettings, "environment" | "workspace" | "baseUrl"> {
  readonly policy: SharingPolicy;
  /** The server's owner and name at the hub; undefined without a hub. */
  readonly hub: ({ readonly user: string; readonly serverName: string } & CopyHubSettings) | undefined;
  /** The gateway's own data. */
  readonly gatewayFolder: string;
  /** The data of the IDE. */
  readonly dataFolder: string;
  /** Folder of the IDE server. */
  readonly ideServer: string;
}

export interface SharingOptions {
  readonly settings: SharingSettings;
  /** Of the owner's IDE: Terminal Access shares get servers like it. */
  readonly ide: TerminalIdesOptions["config"];
  readonly logger: Logger;
  /** A private (0700) folder for sockets. */
  readonly runtimeFolder: string;
  readonly children: ChildProcesses;
  /** Undefined without one. */
  readonly hub: Pick<Hub, "companionTokens" | "authentication" | "shares"> | undefined;
  readonly ports: Ports;
  readonly apps: Apps;
  readonly pages: PageProofs;
  readonly workbench: WorkbenchFiles;
  readonly webviews: Webviews;
  /** Of shared apps. */
  readonly appNames: AppNames;
  /** A guest did something that counts as activity (RULES R20). */
  readonly onActivity: () => void;
}

/** For guests: who they are, their way in, their page, and everything behind it. */
export interface GuestSharing {
  readonly gate: ShareGate;
  readonly entry: GuestEntry;
  readonly copies: CopyEntry;
  readonly pages: SharePages;
  readonly front: ShareFront;
  /** The apps that are shared. */
  readonly apps: SealedFront;
  /** The same, on hosts of their own. */
  readonly appHosts: HostFront;
}

export interface Sharing {
  readonly owner: OwnerShares;
  readonly guests: GuestSharing;
  readonly lifecycle: ShareLifecycle;
  readonly environment: EnvironmentPreview;
  /** The files that several people write in at once. */
  readonly live: LiveDocuments;
  readonly shownTerminals: ShownTerminals;
  /** The owner's IDE takes part in them. */
  readonly windows: OwnerWindows;
}

/** Builds sharing bottom-up; the parts get what stands below them, and notify each other by `records.events`. */
export function createSharing(options: SharingOptions): Sharing {
  const { settings, logger, runtimeFolder, hub, webviews, ports, onActivity, appNames: names } = options;
  const { policy, baseUrl, gatewayFolder } = settings;
  const owner = settings.hub?.user ?? ownName();
  const records = openRecords(options, owner);
  const { events, table } = records;
  const people = hub && new HubPeople({ table, events });
  const grants = hub && grantsOf(records, hub.shares, logger);
  const outside = outsideOf([settings.dataFolder, gatewayFolder, runtimeFolder]);
  const kept: KeptContents = new KeptContents(gatewayFolder, logger, (...asked) => workspaces.merge(...asked));
  const ownerSaves = new OwnerSaves({
    versions: kept.versions,
    open: (root) => workspaces.open(root),
    events,
    isSavedByWindow: (file) => live.get(file)?.disk.saver !== undefined,
  });
  const live = new LiveDocuments({
    ...new LiveRecords({ ...records, kept, ownerSaves, logger }),
    folder: join(gatewayFolder, "live"),
    limits: liveLimits(policy),
    logger,
    open: async (root, path) => (await workspaces.open(root)).file(path),
  });
  const leases = new Leases();
  const openedFiles = new OpenFiles();
  const workspaces = new Workspaces({ ...policy, ideServer: settings.ideServer, outside, logger, live });
  const git = new Git({ children: options.children, logger, environment: process.env });
  const commits = openCommits({ ...settings, git, outside, logger });
  const { proposals: open, proposal_size: size } = policy.limits;
  const proposals = new Proposals({ ...records, commits, git, owner, limits: { open, size } });
  const tokens = new CloneTokens({ table, clock: Date.now });
  const terminals = openTerminals(options, records);
  const ownerEvents = new OwnerEvents(events);
  const origin = new PublicOrigin(policy.publicOrigin);
  const { limits } = policy;
  const appSide = openApps({ ...options, ...settings, records, origin: () => origin.value, names, limits });
  const { apps } = appSide;
  const rate = new MessageRate();
  const talk = new Talk({ ...records, owner, rate, max: policy.limits.messages, clock: Date.now });
  const comments = new Comments({
    ...records,
    documents: live,
    open: (root) => workspaces.open(root),
    max: policy.limits.comments,
    clock: Date.now,
    logger,
  });
  const ownerComments = new OwnerComments({
    ...records,
    comments,
    documents: live,
    workspaces,
    owner,
    tell: (event) => ownerEvents.thread(event),
  });
  const guestSessions = new GuestSessions({
    ...records,
    records: records.sessions,
    baseUrl,
    maxGuestsOfShare: policy.limits.sessions,
    people,
    owner,
  });
  const shownTerminals: ShownTerminals = new ShownTerminals({
    ...records,
    limits: policy.limits,
    owner,
    ready: () => lifecycle.ready(),
  });
  const ownerPresence = new OwnerPresence();
  const openFiles = (share: Pick<StoredShare, "id" | "root" | "shownCommit">) =>
    share.shownCommit === null ? workspaces.open(share.root) : workspaces.openCopy(commits.filesOf(share));
  const shared = createCopies({
    ...options,
    records,
    guestSessions,
    commits,
    proposals,
    git,
    origin,
    openFiles,
    owner,
  });
  const front = new ShareFront({
    ...records,
    shownTerminals,
    guestSessions,
    workspaces,
    live,
    windows: new GuestWindows({
      documents: live,
      leases,
      openFiles: openedFiles,
      guests: records.guests,
      onActivity,
      largest: liveLimits(policy).read,
      conversations: { talk, comments, rate, events: records.events },
      mayTalk: () => records.table.policy.talk,
      logger,
    }),
    kept,
    ownerSaves,
    copies: shared.front,
    answers: { versions: kept.versions, talk, commits },
    comments,
    rate,
    openFiles,
    terminals,
    ports,
    appPages: appSide.pages,
    limits: sessionLimits(policy),
    owner,
    ownerPresence,
    logger,
    onActivity,
  });
  const lifecycle = new ShareLifecycle({
    records,
    shownTerminals,
    workspaces,
    commits,
    copies: shared.copies,
    comments,
    branches: new FollowedBranches({ ...records, commits, logger }),
    live,
    terminals,
    kept,
    front,
    apps,
    ownerEvents,
    people,
    grants,
    logger,
  });
  return {
    lifecycle,
    environment: shared.preview,
    live,
    shownTerminals,
    windows: new OwnerWindows({
      documents: live,
      leases,
      openFiles: openedFiles,
      owner,
      presence: ownerPresence,
      largest: liveLimits(policy).read,
      logger,
    }),
    guests: {
      front,
      apps: appSide.sealed,
      appHosts: appSide.hosts,
      gate: new ShareGate(guestSessions, tokens, shared.tickets, () =>
        records.storage.isUnread ? lifecycle.ready() : undefined,
      ),
      entry: new GuestEntry({
        table,
        records: records.sessions,
        guestSessions,
        tokens,
        baseUrl,
        owner,
        authentication: hub?.authentication,
      }),
      copies: shared.entry,
      pages: new SharePages({ ...options, guestSessions, table, baseUrl, origin, names }),
    },
    owner: new OwnerShares({
      records,
      lifecycle,
      origin,
      apps,
      commits,
      proposals,
      ownerSaves,
      ownerEvents,
      kept,
      talk,
      comments: ownerComments,
      webviews,
      requests: {
        workspace: settings.workspace,
        hasHub: settings.hub !== undefined,
        roots: policy.roots,
        outside,
        open: (root) => workspaces.open(root),
        checkApp: (app, isConfirmed) => apps.check(app, isConfirmed),
      },
      grants,
      tokens: hub?.companionTokens,
      owner,
      settings: {
        environment: settings.environment,
        serverName: settings.hub?.serverName ?? "",
        workspace: settings.workspace,
        baseUrl,
        hidden: policy.hidden,
        protected: policy.protected,
      },
    }),
  };
}

function openRecords({ settings, hub, logger }: SharingOptions, owner: string): ShareRecords {
  const { policy, gatewayFolder } = settings;
  return createRecords({
    policy,
    owner,
    hubOwner: settings.hub?.user,
    logger,
    tokens: hub?.companionTokens,
    hasEarlier: policy.enabled && existsSync(join(gatewayFolder, storeFile)),
    impossible: whyImpossible(policy),
    waiting: { max: policy.limits.waiting, timeout: policy.limits.waiting_time * 1_000 },
    openStore: () => ShareStore.open({ folder: gatewayFolder, logger }),
  });
}

function openTerminals(
  { ide, children, logger, runtimeFolder, settings, webviews }: SharingOptions,
  { events, audit }: ShareRecords,
): TerminalIdes {
  events.on("killed", (share, processes, rest) => audit.note("kill", share, "gateway", { processes, ...rest }));
  return new TerminalIdes({
    config: ide,
    children,
    logger,
    runtimeFolder,
    folder: settings.gatewayFolder,
    webviews,
    onKilled: (share, processes, rest) => events.emit("killed", share, processes, rest),
  });
}

/** Why this server can never share anything, in words; undefined: it can. */
function whyImpossible({ enabled }: SharingPolicy): string | undefined {
  if (process.platform !== "linux") return "it needs Linux, whose file system calls keep guests inside what is shared";
  if (!enabled) return "an administrator has turned it off (--sharing)";
  return undefined;
}

function sessionLimits({ limits }: SharingPolicy): SessionLimits {
  return {
    read: Math.min(limits.read, limits.file),
    file: limits.file,
    requests: limits.requests,
    idle: limits.idle * 1_000,
  };
}

function liveLimits({ limits }: SharingPolicy): LiveLimits {
  return {
    files: limits.live_files,
    participants: limits.live_participants,
    changes: limits.live_changes,
    change: limits.live_change,
    read: Math.min(limits.read, limits.file),
  };
}

/** A user without an entry in passwd has no name. */
function ownName(): string {
  return ownUser()?.username ?? (process.env.USER || "the owner");
}
