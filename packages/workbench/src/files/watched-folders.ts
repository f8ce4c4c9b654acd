/** What watching needs of the session. */
export interface WatchingSession {
  watch(path: string): () => void;
  isTold(path: string): Promise<boolean>;
}

/** So many at once; a gateway watches 5,000 folders for all its guests (RULES R14). */
const max = 100;

/**
 * The workbench believes that who watches a workspace watches all that is in it; a session watches the entries of single
 * folders. So the folders that were listed, or read from, last are watched, from before they are looked at: no change can
 * fall in between.
 */
export class WatchedFolders {
  readonly #session: WatchingSession;
  readonly #isOpen: (folder: string) => boolean;
  readonly #onEnd: (folder: string) => void;
  /** By path, the longest unused first; each value ends it. */
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

  /** Resolves when the folder may be looked at: its changes are told from now on, or cannot be (false). */
  async use(path: string): Promise<boolean> {
    const stop = this.#watched.get(path) ?? this.#session.watch(path);
    this.#watched.delete(path);
    this.#watched.set(path, stop);
    this.#endOldest();
    // What was refused is asked for again the next time.
    const isTold = await this.#session.isTold(path);
    if (!isTold) this.forget(path);
    return isTold;
  }

  /** The folder, if it is one, is gone. */
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

/** Path of the folder that something is in; of the root, the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}
