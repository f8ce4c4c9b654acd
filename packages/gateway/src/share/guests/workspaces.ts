import type { Logger } from "../../base/log.ts";
import type { ShareLimits } from "../../config/settings/share-limits.ts";
import type { LiveTexts } from "../../workspace/documents/live-texts.ts";
import { FileWork } from "../../workspace/file-work.ts";
import { type FileLimits, fileLimitsOf } from "../../workspace/limits.ts";
import { type Homes, homesFor } from "../../workspace/rules/homes.ts";
import { FileRules } from "../../workspace/rules/rules.ts";
import { findRipgrep } from "../../workspace/search/find-ripgrep.ts";
import { SelectionTracker } from "../../workspace/selection/selection.ts";
import { Workspace } from "../../workspace/workspace.ts";
import type { StoredShare } from "../store/stored.ts";

export interface WorkspacesOptions {
  /** Names (globs) that guests never see. */
  readonly hidden: readonly string[];
  /** Names (globs) that guests never write. */
  readonly protected: readonly string[];
  readonly limits: ShareLimits;
  /** Folder of the IDE server, which brings ripgrep. */
  readonly ideServer: string;
  /** Absolute paths that lie outside every scope. */
  readonly outside: readonly string[];
  readonly logger: Logger;
  /** The files that several people write in at once. */
  readonly live?: LiveTexts;
}

/** The shared folders, each opened once for all of its shares, with their selections. */
export class Workspaces {
  readonly limits: FileLimits;
  readonly #options: WorkspacesOptions;
  readonly #opened = new Map<string, Promise<Workspace>>();
  #ripgrep: Promise<string | undefined> | undefined;
  readonly #selections = new Map<string, SelectionTracker>();
  readonly #work = new FileWork();

  constructor(options: WorkspacesOptions) {
    this.#options = options;
    this.limits = fileLimitsOf(options.limits);
  }

  #rulesOf(root: string, { paths: homes }: Homes): FileRules {
    const { hidden, protected: kept } = this.#options;
    return new FileRules({ hidden, protected: kept, isHome: homes.includes(root), root, homes });
  }

  /** @param root absolute, without links */
  open(root: string): Promise<Workspace> {
    const known = this.#opened.get(root);
    if (known !== undefined) return known;
    const opening = this.#open(root);
    this.#opened.set(root, opening);
    // A folder that could not be opened may be there the next time.
    opening.catch(() => this.#opened.delete(root));
    return opening;
  }

  async #open(root: string): Promise<Workspace> {
    const { outside, logger, ideServer, live } = this.#options;
    this.#ripgrep ??= findRipgrep(ideServer, process.env);
    const ripgrep = await this.#ripgrep;
    const homes = await homesFor(root);
    const rules = this.#rulesOf(root, homes);
    const { limits } = this;
    const work = this.#work;
    return Workspace.open({ root, rules, homes: homes.identities, outside, limits, ripgrep, logger, work, live });
  }

  /** The tracker of a selection share: all of its guests see the same place (RULES R12). */
  selectionOf(share: StoredShare, onMoved: (serialized: string) => void): SelectionTracker | undefined {
    if (share.selection === null) return undefined;
    const known = this.#selections.get(share.id);
    if (known !== undefined) return known;
    const tracker = SelectionTracker.restore(share.selection);
    tracker.onMoved = () => onMoved(tracker.serialize());
    this.#selections.set(share.id, tracker);
    return tracker;
  }

  /** A share has ended. */
  forget(share: string): void {
    this.#selections.delete(share);
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#opened.values());
    this.#opened.clear();
    await Promise.all(opened.map((one) => (one.status === "fulfilled" ? one.value.close() : undefined)));
    this.#work.close();
  }
}
