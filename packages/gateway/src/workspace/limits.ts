import { limitDefaults } from "../config/limit-defaults.ts";

/** What guests may use of the machine (RULES R14). */
export interface FileLimits {
  /** The largest file that guests can read or write. Bytes. */
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

/** Entries of one page of a list. */
const listPage = 1_000;

/** The setting `share-limits`. */
export type FileLimitSettings = { readonly [Name in keyof typeof limitDefaults]: number };

/** RULES R14; called once for a gateway, since `watchedFolders` is its one object. */
export function fileLimitsOf(settings: FileLimitSettings = limitDefaults): FileLimits {
  return {
    file: settings.file,
    read: Math.min(settings.read, settings.file),
    minimumFree: settings.free,
    minimumFreePart: settings.free_percent / 100,
    listPage,
    watchedFolders: new Allowance(settings.watched_folders),
    searches: settings.searches,
    searchTime: settings.search_time * 1_000,
  };
}

/** A limited number of things, shared by all who make them. */
export class Allowance {
  readonly max: number;
  #used = 0;

  constructor(max: number) {
    this.max = max;
  }

  get used(): number {
    return this.#used;
  }

  /** @returns whether there was one left; then `give` it back */
  take(): boolean {
    if (this.#used >= this.max) return false;
    this.#used += 1;
    return true;
  }

  give(): void {
    this.#used -= 1;
  }
}
