import type { Logger } from "../base/log.ts";
import type { LiveDocuments } from "../live/live-documents.ts";
import type { SharedApps } from "./apps/shared-apps.ts";
import type { KeptContents } from "./audit/kept-contents.ts";
import type { Comments } from "./comments/comments.ts";
import type { Commits } from "./commits/commits.ts";
import type { FollowedBranches } from "./commits/followed-branches.ts";
import type { Copies } from "./copies/copies.ts";
import type { HubPeople } from "./guests/hub-people.ts";
import type { Workspaces } from "./guests/workspaces.ts";
import type { Grants } from "./hub-link/grants.ts";
import type { OwnerEvents } from "./owner-events.ts";
import type { PolicySettings } from "./records/policy.ts";
import type { ShareRecords } from "./records/records.ts";
import type { ShareFront } from "./share-front.ts";
import type { ShownTerminals } from "./shown-terminals/shown-terminals.ts";
import type { StoredShare } from "./store/stored.ts";
import type { TerminalIdes } from "./terminal/terminal-ides.ts";

export interface ShareLifecycleParts {
  readonly records: ShareRecords;
  readonly workspaces: Workspaces;
  readonly commits: Commits;
  readonly copies: Copies;
  readonly branches: FollowedBranches;
  readonly live: LiveDocuments;
  readonly comments: Pick<Comments, "close">;
  readonly terminals: TerminalIdes;
  readonly kept: KeptContents;
  readonly front: ShareFront;
  readonly apps: Pick<SharedApps, "close">;
  readonly ownerEvents: OwnerEvents;
  readonly shownTerminals: ShownTerminals;
  /** Undefined without a hub. */
  readonly people: HubPeople | undefined;
  readonly grants: Grants | undefined;
  readonly logger: Logger;
}

/** Starts and ends sharing, and ends what a share leaves open and running. */
export class ShareLifecycle {
  readonly #parts: ShareLifecycleParts;
  #leftovers: Promise<void> | undefined;
  #recovered: Promise<void> | undefined;

  constructor(parts: ShareLifecycleParts) {
    this.#parts = parts;
    const { events } = parts.records;
    // Only once the shares are read: before, all would look ended, and another gateway may hold them.
    events.once("loaded", () => {
      this.#leftovers = this.#endLeftovers();
      this.#recovered = this.#recover();
    });
    events.on("ended", (share) => {
      this.#onEnded(share.id, share.level === "terminal");
      if (share.shownCommit !== null) this.#removeCommit(share);
      if (share.copy !== null) this.#removeCopy(share);
    });
    events.on("lowered", ({ id }) => this.#onEnded(id, true));
    events.on("terminalGuestEnded", (id) => this.#endPrograms(id, this.#hasTerminalGuests(id)));
  }

  /** Reads earlier shares in the background. A server that has never shared anything opens no store. */
  start(): void {
    if (this.#parts.records.storage.hasEarlier) void this.ready();
  }

  /** Resolves once the shares are read, or cannot be, and what earlier shares left running has ended. */
  async ready(): Promise<void> {
    await this.#parts.records.storage.open();
    await this.#leftovers;
    await this.#recovered;
  }

  /** An administrator changed the ceilings: they apply to existing shares at once (RULES R19). */
  changeCeilings(policy: PolicySettings): void {
    this.#parts.records.endings.changePolicy(policy);
  }

  /** Notifies guests that the gateway stops. */
  dismiss(): void {
    const { records, front, ownerEvents, shownTerminals } = this.#parts;
    shownTerminals.close();
    records.dismiss();
    records.guests.close();
    front.close();
    ownerEvents.close();
  }

  /** Ends what guests have open and run. */
  async close(): Promise<void> {
    const { records, live, comments, terminals, workspaces, commits, copies, branches, people, grants, apps } =
      this.#parts;
    this.dismiss();
    await records.storage.settled();
    await this.#leftovers;
    await this.#recovered;
    await comments.close();
    await live.close();
    await Promise.all([commits.close(), copies.close(), branches.close()]);
    await Promise.all([terminals.close(), workspaces.close(), people?.close(), grants?.close(), apps.close()]);
    await records.close();
  }

  async #endLeftovers(): Promise<void> {
    const { records, terminals, commits, copies, kept, logger } = this.#parts;
    const hasTerminal = (id: string) => records.table.findLive(id)?.level === "terminal";
    const failed = (what: string) => (error: unknown) => logger.error({ err: error }, what);
    await terminals.endLeftovers(hasTerminal).catch(failed("processes of earlier shares could not be ended"));
    await copies.recover().catch(failed("archives of earlier copies could not be removed"));
    await commits.recover(records.table.live()).catch(failed("files of shared commits could not be put in order"));
    await kept.prune(Date.now()).catch(failed("old contents of files that guests changed could not be removed"));
  }

  /** What people wrote together before the last end, however that came. */
  async #recover(): Promise<void> {
    const { live, logger } = this.#parts;
    await live.recover().catch((error: unknown) => {
      logger.error({ err: error }, "what people wrote together before the last end could not be read");
    });
  }

  #onEnded(id: string, hasTerminal: boolean): void {
    this.#parts.workspaces.forget(id);
    if (hasTerminal) this.#endPrograms(id, false);
  }

  #removeCommit(share: StoredShare): void {
    const { workspaces, commits, logger } = this.#parts;
    const removed = workspaces.closeCopy(commits.filesOf(share)).then(() => commits.remove(share.id));
    removed.catch((error: unknown) => {
      logger.error({ err: error, share: share.id }, "the files of a shared commit could not be removed");
    });
  }

  #removeCopy({ id }: StoredShare): void {
    const { copies, logger } = this.#parts;
    copies.remove(id).catch((error: unknown) => {
      logger.error({ err: error, share: id }, "the archives of a copy could not be removed");
    });
  }

  /** Guests who still have Terminal Access work on in a new IDE server with the same data. */
  #hasTerminalGuests(id: string): boolean {
    const { table } = this.#parts.records;
    return table.sessionsOf(id).some((session) => table.shareFor(session)?.level === "terminal");
  }

  #endPrograms(id: string, keepsData: boolean): void {
    const { terminals, logger } = this.#parts;
    terminals.end(id, keepsData).catch((error: unknown) => {
      logger.error({ err: error, share: id }, "processes of a share could not be ended");
    });
  }
}
