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
    return this.#once(root, () => this.#open(root));
  }

  #once(root: string, open: () => Promise<Workspace>): Promise<Workspace> {
    const known = this.#opened.get(root);
    if (known !== undefined) return known;
    const opening = open();
    this.#opened.set(root, opening);
    // A folder that could not be opened may be there the next time.
    opening.catch(() => this.#opened.delete(root));
    return opening;
  }

  /**
   * A folder of ours with files that guests may see, all of them: where it lies says nothing about them.
   * @param folder absolute, without links
   */
  openCopy(folder: string): Promise<Workspace> {
    const { hidden, protected: kept } = this.#options;
    const rules = new FileRules({ hidden, protected: kept, isHome: false });
    return this.#once(folder, () => this.#openWith(folder, rules, new Set()));
  }

  /** A folder of ours is removed. */
  async closeCopy(folder: string): Promise<void> {
    const opened = this.#opened.get(folder);
    this.#opened.delete(folder);
    const [one] = await Promise.allSettled([opened]);
    if (one.status === "fulfilled") await one.value?.close();
  }

  async #open(root: string): Promise<Workspace> {
    const homes = await homesFor(root);
    return this.#openWith(root, this.#rulesOf(root, homes), homes.identities);
  }

  async #openWith(root: string, rules: FileRules, homes: ReadonlySet<string>): Promise<Workspace> {
    const { outside, logger, ideServer, live } = this.#options;
    this.#ripgrep ??= findRipgrep(ideServer, process.env);
    const ripgrep = await this.#ripgrep;
    const { limits } = this;
    const work = this.#work;
    return Workspace.open({ root, rules, homes, outside, limits, ripgrep, logger, work, live });
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

  /** Both changes of one base. @param turn whose time it takes. @returns undefined where they overlap */
  merge(turn: string, base: string, mine: string, theirs: string): Promise<string | undefined> {
    return this.#work.merger.merge(turn, base, mine, theirs);
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
