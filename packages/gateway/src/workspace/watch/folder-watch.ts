import { type FSWatcher, watch } from "node:fs";
import { errorCodeOf } from "../../base/error-code.ts";
import { Timer } from "../../base/timer.ts";
import type { Rights } from "../rules/rights.ts";
import type { Found, Tree } from "../tree/tree.ts";
import { FolderState, type StateChange } from "./folder-state.ts";

/** Changes within this time are checked together. Milliseconds. */
const coalescing = 100;

/** Between checks where the system sends no events. Milliseconds. */
const polling = 3_000;

export interface FolderWatchOptions {
  /** Of the folder, after links. */
  readonly path: string;
  readonly tree: Tree;
  /** Sees everything: a guest's rights are checked when a change is reported. */
  readonly rights: Rights;
  readonly onChanges: (changes: readonly StateChange[]) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/**
 * Watches the direct entries of one folder. Events of the system are only hints: each one causes a new check along the
 * folder's path, so that a folder that was moved away reports nothing more. Where the system has no watches left, the folder
 * is checked every few seconds.
 */
export class FolderWatch {
  readonly #options: FolderWatchOptions;
  readonly #state: FolderState;
  readonly #timer = new Timer();
  #watcher: FSWatcher | undefined;
  /** Device and inode of the folder that is watched. */
  #identity: string | undefined;
  #hints = new Set<string>();
  /** The time of the next check, which further hints do not delay. */
  #next: "soon" | "later" | "now" | undefined;
  #closed = false;

  private constructor(options: FolderWatchOptions) {
    this.#options = options;
    this.#state = new FolderState(options);
  }

  /** @throws FileError NOT_FOUND */
  static async start(options: FolderWatchOptions): Promise<FolderWatch> {
    const started = new FolderWatch(options);
    await using found = await options.tree.find(options.path, options.rights);
    // First the watch, then the check: nothing is missed in between.
    started.#watch(found);
    await started.#state.begin(found.folder, !started.isNotified);
    started.#plan();
    return started;
  }

  /** Whether the system reports changes; otherwise they are polled. */
  get isNotified(): boolean {
    return this.#watcher !== undefined;
  }

  /** Something may have happened to an entry. */
  hint(name: string): void {
    this.#hints.add(name);
    this.#plan();
  }

  close(): void {
    this.#closed = true;
    this.#timer.stop();
    this.#stopWatching();
  }

  #watch(found: Found): void {
    this.#stopWatching();
    this.#identity = identityOf(found);
    try {
      this.#watcher = watch(found.place, { persistent: false, encoding: "utf8" });
    } catch (error) {
      // None left (ENOSPC, EMFILE), or none on this file system.
      if (errorCodeOf(error) === undefined) throw error;
      return;
    }
    this.#watcher.on("change", (_, name) => this.hint(String(name ?? "")));
    this.#watcher.on("error", () => {
      this.#stopWatching();
      this.#plan();
    });
  }

  #stopWatching(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#identity = undefined;
  }

  /** Soon after a hint; without events, after a while. */
  #plan(): void {
    const isHinted = this.#hints.size > 0;
    if (this.#closed || this.#next === "now" || this.#next === "soon") return;
    if (!isHinted && (this.isNotified || this.#next === "later")) return;
    this.#next = isHinted ? "soon" : "later";
    this.#timer.set(isHinted ? coalescing : polling, () => void this.#look());
  }

  async #look(): Promise<void> {
    this.#next = "now";
    try {
      const changes = await this.#findChanges();
      if (!this.#closed && changes.length > 0) await this.#options.onChanges(changes);
    } catch (error) {
      this.#options.onError(error);
    }
    this.#next = undefined;
    if (this.#closed) this.#stopWatching();
    else this.#plan();
  }

  async #findChanges(): Promise<StateChange[]> {
    const hints = this.#hints;
    this.#hints = new Set();
    const { tree, path, rights } = this.#options;
    await using found = await tree.look(path, rights);
    if (this.#closed) return [];
    // Gone for now: checked until it is back.
    if (found?.kind !== "folder" || found.path !== path) {
      this.#stopWatching();
      return this.#state.lose();
    }
    if (this.#identity === identityOf(found)) return await this.#state.look(found.folder, [...hints]);
    this.#watch(found);
    return await this.#state.lookAtAll(found.folder);
  }
}

function identityOf({ stats }: Found): string {
  return `${stats.dev}:${stats.ino}`;
}
