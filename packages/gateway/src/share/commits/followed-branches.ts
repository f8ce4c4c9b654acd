import type { SharedCommit } from "@waiide/protocol";
import type { Logger } from "../../base/log.ts";
import { GitError } from "../../git/git-error.ts";
import type { Shares } from "../records/shares.ts";
import type { ShareTable } from "../records/table.ts";
import type { ShareEvents } from "../share-events.ts";
import type { StoredShare } from "../store/stored.ts";
import type { Commits } from "./commits.ts";

/** Milliseconds between two looks at the branches. */
const interval = 5_000;

export interface FollowedBranchesOptions {
  readonly commits: Commits;
  readonly table: ShareTable;
  readonly shares: Pick<Shares, "changeCommit">;
  readonly events: ShareEvents;
  readonly logger: Logger;
}

type Followed = StoredShare & { readonly shownCommit: SharedCommit & { readonly branch: string } };

/** Shows guests each new commit of the branches that shares follow. */
export class FollowedBranches {
  readonly #options: FollowedBranchesOptions;
  /** What could not be shown, by the share: it is tried once. */
  readonly #refused = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: FollowedBranchesOptions) {
    this.#options = options;
    options.events.on("loaded", () => this.#start());
    options.events.on("created", () => this.#start());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#looking;
  }

  /** Runs only while something is followed. */
  #start(): void {
    if (this.#timer !== undefined || this.#followed().length === 0) return;
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
      });
    }, interval).unref();
  }

  async #look(): Promise<void> {
    const followed = this.#followed();
    if (followed.length === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    for (const share of followed) await this.#lookAt(share);
  }

  async #lookAt(share: Followed): Promise<void> {
    const { commits, logger } = this.#options;
    try {
      const id = await commits.tipOf(share, share.shownCommit.branch);
      if (id === undefined) this.#become(share, { state: "gone" });
      else if (id !== share.shownCommit.id && id !== this.#refused.get(share.id)) await this.#show(share, id);
      else if (share.shownCommit.state === "gone") this.#become(share, { state: "current" });
    } catch (error) {
      logger.error({ err: error, share: share.id }, "a followed branch could not be looked at");
    }
  }

  async #show(share: Followed, id: string): Promise<void> {
    const { commits, logger, table } = this.#options;
    const isLive = () => table.findLive(share.id) !== undefined;
    try {
      const moved = await commits.refresh(share, isLive);
      if (moved === undefined) return;
      this.#refused.delete(share.id);
      this.#become(share, moved);
    } catch (error) {
      // The gateway stops, and git with it.
      if (this.#isClosed) return;
      this.#refused.set(share.id, id);
      const reason = error instanceof GitError ? error.message : "WAIIDE failed";
      logger.warn({ err: error, share: share.id }, "the newest commit of a followed branch is not shown");
      this.#become(share, { state: "held", reason });
    }
  }

  #become(share: Followed, change: Partial<SharedCommit>): void {
    const { reason: _, ...before } = share.shownCommit;
    const after = { ...before, ...change };
    if (JSON.stringify(after) === JSON.stringify(share.shownCommit)) return;
    this.#options.shares.changeCommit(share.id, after);
  }

  #followed(): Followed[] {
    return this.#options.table.live().filter((share): share is Followed => {
      const { shownCommit } = share;
      return shownCommit?.follow === true && shownCommit.branch !== null;
    });
  }
}
