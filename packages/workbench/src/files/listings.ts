import type { EntryKind, Method, Params, Result } from "@waiide/protocol";
import { SessionError } from "../session/session-error.ts";
import { folderOf } from "./watched-folders.ts";

/** What listing needs from the session. */
export interface ListingSession {
  request<M extends Method>(method: M, params: Params<M>): Promise<Result<M>>;
}

/** How long after a change the workbench refreshes what it shows. Milliseconds. */
const becauseOfChange = 5_000;

/** How long a folder may be out of date where another machine writes to a network file system, which reports no change. */
const keptFor = 60_000;

/** With more names to ask about, the whole folder is listed. */
const maxDoubts = 50;

interface Listing {
  readonly beganAt: number;
  readonly entries: Map<string, EntryKind>;
  /** Names with changes since they were last read. */
  readonly doubts: Set<string>;
  /** Resolves when `entries` are complete and up to date. */
  ready: Promise<void>;
}

/**
 * The entries of the watched folders. When a file is created or deleted, VS Code lists every folder in its explorer again; for
 * a folder with 20,000 files that would be twenty requests for one new name. So a list after a change comes from the one
 * before, and only reported names are requested.
 */
export class Listings {
  readonly #session: ListingSession;
  readonly #clock: () => number;
  readonly #known = new Map<string, Listing>();
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(session: ListingSession, clock = () => performance.now()) {
    this.#session = session;
    this.#clock = clock;
  }

  /**
   * The entries of a folder.
   * @param isTold whether all its changes come to `changed`, from before this call
   * @throws SessionError
   */
  async list(path: string, isTold: boolean): Promise<ReadonlyMap<string, EntryKind>> {
    const listing = (isTold ? this.#usable(path) : undefined) ?? this.#begin(path);
    listing.ready = listing.ready.then(() => this.#settle(path, listing));
    try {
      await listing.ready;
    } catch (error) {
      this.#drop(path, listing);
      throw error;
    }
    if (!isTold) this.#drop(path, listing);
    return listing.entries;
  }

  /** The session reported changes of these. */
  told(paths: readonly string[]): void {
    this.#toldAt = this.#clock();
    for (const path of paths) this.doubt(path);
  }

  /** This may have changed. */
  doubt(path: string): void {
    this.#known.get(folderOf(path))?.doubts.add(nameOf(path));
  }

  /** The folder is no longer watched. */
  forget(path: string): void {
    this.#known.delete(path);
  }

  /** Changes may have been missed. */
  forgetAll(): void {
    this.#known.clear();
  }

  #usable(path: string): Listing | undefined {
    const listing = this.#known.get(path);
    const now = this.#clock();
    if (listing === undefined || now - this.#toldAt > becauseOfChange || now - listing.beganAt > keptFor)
      return undefined;
    return listing.doubts.size > maxDoubts ? undefined : listing;
  }

  #begin(path: string): Listing {
    const entries = new Map<string, EntryKind>();
    const ready = this.#readPages(path, entries);
    const listing: Listing = { beganAt: this.#clock(), entries, doubts: new Set(), ready };
    this.#known.set(path, listing);
    return listing;
  }

  async #readPages(path: string, entries: Map<string, EntryKind>): Promise<void> {
    let cursor: string | null = null;
    do {
      const params: Params<"list"> = cursor === null ? { path } : { path, cursor };
      const page: Result<"list"> = await this.#session.request("list", params);
      for (const { name, kind } of page.entries) entries.set(name, kind);
      cursor = page.next;
    } while (cursor !== null);
  }

  async #settle(path: string, { entries, doubts }: Listing): Promise<void> {
    const names = [...doubts];
    doubts.clear();
    const asked = names.map(async (name) => ({
      name,
      kind: await this.#kindOf(path === "" ? name : `${path}/${name}`),
    }));
    for (const { name, kind } of await Promise.all(asked)) {
      if (kind === undefined) entries.delete(name);
      else entries.set(name, kind);
    }
  }

  /** undefined: nothing that this guest can see. */
  async #kindOf(path: string): Promise<EntryKind | undefined> {
    try {
      return (await this.#session.request("stat", { path })).kind;
    } catch (error) {
      if (error instanceof SessionError && error.code === "NOT_FOUND") return undefined;
      throw error;
    }
  }

  #drop(path: string, listing: Listing): void {
    if (this.#known.get(path) === listing) this.#known.delete(path);
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
