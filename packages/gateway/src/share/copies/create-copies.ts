import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "../../base/log.ts";
import type { ShareLimits } from "../../config/settings/share-limits.ts";
import type { Git } from "../../git/git.ts";
import type { PageProofs } from "../../http/page-proof.ts";
import { unlessMissing } from "../../system/missing-file.ts";
import { fileLimitsOf } from "../../workspace/limits.ts";
import type { Workspace } from "../../workspace/workspace.ts";
import { CommitCopies } from "../commits/commit-copies.ts";
import type { Commits } from "../commits/commits.ts";
import type { Proposals } from "../commits/proposals.ts";
import type { GuestSessions } from "../guests/guest-sessions.ts";
import type { PublicOrigin } from "../records/public-origin.ts";
import type { ShareRecords } from "../records/records.ts";
import type { StoredShare } from "../store/stored.ts";
import { outsideOf } from "../terminal/outside.ts";
import { Copies } from "./copies.ts";
import { CopyEntry, type CopyHubSettings } from "./copy-entry.ts";
import { CopyFront } from "./copy-front.ts";
import { CopyTickets } from "./copy-tickets.ts";
import { EnvironmentPreview } from "./environment-preview.ts";

/** Profiles of the hub's spawn page. */
export interface CopyProfiles {
  /** With which this server was started; undefined: unknown. */
  readonly copyProfile: string | undefined;
  /** Those that others may take over with a copy. */
  readonly copyProfiles: readonly string[];
}

export interface CreateCopiesOptions {
  readonly records: Pick<ShareRecords, "table" | "audit">;
  readonly guestSessions: GuestSessions;
  readonly commits: Commits;
  readonly proposals: Proposals;
  readonly git: Git;
  readonly pages: PageProofs;
  readonly origin: PublicOrigin;
  readonly openFiles: (share: Pick<StoredShare, "id" | "root" | "shownCommit">) => Promise<Workspace>;
  readonly owner: string;
  readonly settings: {
    readonly baseUrl: string;
    readonly gatewayFolder: string;
    /** Of the IDE. */
    readonly dataFolder: string;
    readonly workspace: string;
    readonly hub: CopyHubSettings | undefined;
    readonly policy: CopyProfiles & { readonly roots: readonly string[]; readonly limits: ShareLimits };
  };
  readonly runtimeFolder: string;
  readonly logger: Logger;
}

/** What others may copy, and how they get it. */
export interface SharedCopies {
  readonly copies: Copies;
  readonly tickets: CopyTickets;
  readonly entry: CopyEntry;
  readonly front: CopyFront;
  readonly preview: EnvironmentPreview;
}

export function createCopies(options: CreateCopiesOptions): SharedCopies {
  const { records, commits, proposals, git, openFiles, settings, owner, logger } = options;
  const { baseUrl, gatewayFolder, dataFolder, policy, hub } = settings;
  const { limits, roots, copyProfile: profile, copyProfiles } = policy;
  const tickets = new CopyTickets({ ...records, clock: Date.now });
  const server = { dataFolder, variables: process.env, profile, settings: () => ownerSettings(dataFolder) };
  const carried = profile !== undefined && copyProfiles.includes(profile) ? profile : undefined;
  const ofWalk = { files: limits.copy_files, size: limits.copy_size, file: limits.file };
  const copies = new Copies({
    ...records,
    folder: join(gatewayFolder, "copies"),
    openFiles,
    server,
    owner,
    limits: { ...ofWalk, archive: limits.copy_archive },
    space: fileLimitsOf(limits),
    logger,
  });
  const front = new CopyFront({
    ...records,
    copies,
    commits: new CommitCopies({ commits, git, proposals }),
    tickets,
    downloads: limits.copy_downloads,
  });
  const preview = new EnvironmentPreview({
    places: {
      workspace: settings.workspace,
      roots,
      outside: outsideOf([dataFolder, gatewayFolder, options.runtimeFolder]),
    },
    open: (root) => openFiles({ id: "", root, shownCommit: null }),
    server,
    limits: ofWalk,
  });
  const entry = new CopyEntry({ ...options, ...records, tickets, baseUrl, hub, profile: carried });
  return { copies, tickets, entry, front, preview };
}

/** Settings that the owner made in the IDE, where its server keeps them. */
function ownerSettings(dataFolder: string): Promise<(string | undefined)[]> {
  const places = ["User", "Machine"].map((kind) => join(dataFolder, "data", kind, "settings.json"));
  return Promise.all(places.map((place) => unlessMissing(readFile(place, "utf8"))));
}
