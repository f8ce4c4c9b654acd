// Decides which folders of the share a page watches.

/** What watching needs from the session. */
export interface WatchingSession {
  watch(path: string): () => void;
  isTold(path: string): Promise<boolean>;
}

/** Maximum number of watched folders; a gateway watches 5,000 for all its guests (RULES R14). */
const max = 100;

/**
 * The workbench watches a workspace as a whole; a session watches the entries of single folders. So the folders that were
 * listed or read last are watched, beginning before they are read: no change goes unnoticed in between.
 */
export class WatchedFolders {
  readonly #session: WatchingSession;
  readonly #isOpen: (folder: string) => boolean;
  readonly #onEnd: (folder: string) => void;
  /** By path, the least recently used first; each value stops the watch. */
  readonly #watched = new Map<string, () => void>();

  /**
   * @param isOpen whether an editor shows a file of the folder: then it stays watched
   * @param onEnd called with a folder whose changes are told no longer
   */
  constructor(session: WatchingSession, isOpen: (folder: string) => boolean, onEnd: (folder: string) => void) {
    this.#session = session;
    this.#isOpen = isOpen;
    this.#onEnd = onEnd;
  }

  /** Resolves when the folder can be read: the session reports its changes from now on, or cannot (false). */
  async use(path: string): Promise<boolean> {
    const stop = this.#watched.get(path) ?? this.#session.watch(path);
    this.#watched.delete(path);
    this.#watched.set(path, stop);
    this.#endOldest();
    // A refused watch is requested again the next time.
    const isTold = await this.#session.isTold(path);
    if (!isTold) this.forget(path);
    return isTold;
  }

  /** The path is gone, and the folder with it if it was one. */
  forget(path: string): void {
    this.#watched.get(path)?.();
    this.#watched.delete(path);
    this.#onEnd(path);
  }

  #endOldest(): void {
    for (const path of [...this.#watched.keys()].slice(0, -1)) {
      if (this.#watched.size <= max) return;
      if (!this.#isOpen(path)) this.forget(path);
    }
  }
}

/** Path of the containing folder; for the root, the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}
