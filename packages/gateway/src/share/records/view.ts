import { basename } from "node:path";
import {
  type Guest,
  type Landing,
  levelWords,
  type Person,
  type Scope,
  type Share,
  type Shared,
  type SharedApp,
  type SharedAppState,
  type SharedCommit,
  type StoredApp,
  scopeFacts,
  shareFields,
  viewOf,
} from "@waiide/protocol";
import { copyOf } from "../copies/copy-choice.ts";
import type { Guests } from "../guests/guests.ts";
import type { WaitingRoom } from "../guests/waiting-room.ts";
import type { StoredSession, StoredShare } from "../store/stored.ts";
import { guestOf, presentGuests } from "./one-guest.ts";
import { recipientOf } from "./recipient.ts";
import { lowerOf, type ShareTable } from "./table.ts";

/** What a shared app does now. */
export interface AppCondition {
  readonly state: SharedAppState;
  /** In words; empty where it is ready. */
  readonly reason: string;
}

interface ShareViewParts {
  readonly table: ShareTable;
  readonly guests: Guests;
  readonly waiting: Pick<WaitingRoom, "requestsOf">;
}

/** A share as its owner sees it, by the API. @param stateOfApp of “Use the App”: what its app does now */
export function shareView(
  share: StoredShare,
  { table, guests, waiting }: ShareViewParts,
  stateOfApp: (share: StoredShare) => AppCondition,
): Share {
  // The ceilings may end it sooner than its record says, and demand an approval.
  const shown = { ...share, expiresAt: table.endOf(share), approve: table.needsApproval(share) };
  return {
    ...viewOf(shareFields, shown),
    with: recipientOf(share),
    ...(share.app === null ? {} : { app: sharedAppView(share.app, share.scope, stateOfApp(share)) }),
    guests: [...Map.groupBy(table.sessionsOf(share.id), guestOf).values()].map((sessions) =>
      guestView(sessions, share, guests),
    ),
    requests: waiting.requestsOf(share.id),
  };
}

function sharedAppView(
  { port, name, path, runsCode, guestsStart, keepsServer, names }: StoredApp,
  scope: Scope,
  { state, reason }: AppCondition,
): SharedApp {
  return {
    ...(port === null ? {} : { port }),
    ...(name === null ? {} : { name }),
    title: scopeFacts(scope).name,
    path,
    runs_code: runsCode,
    guests_start: guestsStart,
    keeps_server: keepsServer,
    names,
    state,
    reason,
  };
}

/** @param sessions of one guest; the oldest one names them */
function guestView(sessions: readonly StoredSession[], share: StoredShare, guests: Guests): Guest {
  const [session] = sessions as [StoredSession];
  const level = lowerOf(share.level, session.level);
  return {
    session: session.id,
    name: session.name,
    entered_at: iso(session.enteredAt),
    present: presentGuests(sessions, guests) > 0,
    permission: levelWords[level].name,
    level,
    hub_user: session.hubUser,
  };
}

/**
 * A share as its guests see it: without its place on the machine, and without the file to begin with. They may no longer see
 * that file, so each welcome checks it (`openingFile`).
 */
export function sharedView(share: StoredShare, table: ShareTable, owner: string): Shared {
  return {
    id: share.id,
    owner,
    level: share.level,
    permission: levelWords[share.level].name,
    promise: levelWords[share.level].guestPromise,
    scope: withoutOpens(share.scope),
    root_name: share.scope.kind === "app" ? "" : basename(share.root),
    expires_at: isoOrNever(table.endOf(share)),
    time_left: table.timeLeft(share),
    ...(share.shownCommit !== null && { commit: withoutReason(share.shownCommit) }),
    talk: table.policy.talk,
    ...(copyOf(share, table.policy) !== null && { copies: true }),
  };
}

/** Why a branch cannot be shown concerns its owner. */
function withoutReason({ reason: _, ...commit }: SharedCommit): SharedCommit {
  return commit;
}

function withoutOpens(scope: Scope): Scope {
  if (scope.kind === "app") return scope;
  const show = scope.show === undefined ? {} : { show: scope.show };
  if (scope.kind === "workspace") return { kind: "workspace", ...show };
  return scope.kind === "folder" ? { kind: "folder", path: scope.path, ...show } : scope;
}

/** A share on its landing page. */
export function landingView(share: StoredShare, table: ShareTable, owner: string, hubUser: string | null): Landing {
  const { level, permission, promise, expires_at } = sharedView(share, table, owner);
  const approval = table.needsApproval(share);
  return { owner, what: whatIsShared(share), level, permission, promise, expires_at, hub_user: hubUser, approval };
}

function whatIsShared({ scope, root, shownCommit }: StoredShare): string {
  if (shownCommit !== null) {
    return `the ${shownCommit.branch === null ? "commit" : "branch"} “${shownCommit.name}” of “${basename(root)}”`;
  }
  const { name, lines } = scopeFacts(scope, basename(root));
  if (lines === undefined) return `the ${scope.kind} “${name}”`;
  return lines.isOne ? `line ${lines.first} of “${name}”` : `lines ${lines.first} to ${lines.last} of “${name}”`;
}

export function personView(session: StoredSession, share: StoredShare, path: string | null): Person {
  return { session: session.id, name: session.name, color: session.color, level: share.level, path };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function isoOrNever(time: number | null): string | null {
  return time === null ? null : iso(time);
}
