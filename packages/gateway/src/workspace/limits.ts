/** What guests may use of the machine (RULES R14). */
export interface FileLimits {
  /** The largest file that is written. Bytes. */
  readonly file: number;
  /** The largest content of one `read` or `write` over the socket. Bytes. */
  readonly read: number;
  /** Nothing is written where less would be left on the disk. Bytes, and part of the disk's size. */
  readonly minimumFree: number;
  readonly minimumFreePart: number;
  /** Entries of one page of a list. */
  readonly listPage: number;
  /** Folders watched; one object for all workspaces of a gateway. */
  readonly watchedFolders: Allowance;
  /** Searches of one share at once. */
  readonly searches: number;
  /** Milliseconds. */
  readonly searchTime: number;
}

export const defaultWatchedFolders = 5_000;

/** RULES R14; `watchedFolders` is the gateway's one object. */
export function defaultLimits(watchedFolders = new Allowance(defaultWatchedFolders)): FileLimits {
  return {
    file: 100 * 1024 * 1024,
    read: 8 * 1024 * 1024,
    minimumFree: 1_000_000_000,
    minimumFreePart: 0.05,
    listPage: 1_000,
    watchedFolders,
    searches: 2,
    searchTime: 10_000,
  };
}

/** A number of things that may exist at once, shared by whoever makes them. */
export class Allowance {
  readonly most: number;
  #used = 0;

  constructor(most: number) {
    this.most = most;
  }

  get used(): number {
    return this.#used;
  }

  /** @returns whether there was one left; then `give` it back */
  take(): boolean {
    if (this.#used >= this.most) return false;
    this.#used += 1;
    return true;
  }

  give(): void {
    this.#used -= 1;
  }
}
