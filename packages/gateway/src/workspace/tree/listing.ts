import type { BigIntStats } from "node:fs";
import type { Entry, Result } from "@waiide/protocol";
import { LRUCache } from "lru-cache";
import { unlessMissing } from "../../system/missing-file.ts";
import { FileError } from "../file-error.ts";
import { joined, type Rights } from "../rules/rights.ts";
import { entryOf } from "./entry.ts";
import type { Folder } from "./folder.ts";
import type { Tree } from "./tree.ts";

/** How long a folder's names are kept for the next page. Milliseconds. */
const keptFor = 5_000;

/** Folders whose names are kept at once; those read last. */
const maxKept = 8;

/** Entries checked together. */
const batch = 32;

interface Names {
  readonly readAt: number;
  /** Ascending by code unit, so that a name tells where the next page begins. */
  readonly names: readonly string[];
}

/** Pages of folders. The first page reads the folder, the next ones go on in what was read. */
export class Listing {
  readonly #tree: Tree;
  readonly #page: number;
  readonly #clock: () => number;
  /** By the folder's device and inode. */
  readonly #kept = new LRUCache<string, Names>({ max: maxKept });

  /** @param page entries of one page */
  constructor(tree: Tree, page: number, clock: () => number) {
    this.#tree = tree;
    this.#page = page;
    this.#clock = clock;
  }

  /**
   * @param path as the guest names it
   * @param cursor the last name of the page before
   * @throws FileError NOT_FOUND; INVALID for a file
   */
  async page(path: string, cursor: string | undefined, rights: Rights): Promise<Result<"list">> {
    await using found = await this.#tree.find(path, rights, "list");
    if (found.kind !== "folder") throw new FileError("INVALID", "This is not a folder.");
    const names = await this.#names(found.folder, found.stats, cursor !== undefined);
    const entries: Entry[] = [];
    // One more than a page holds: whether there is a next page must depend on nothing that the guest does not see.
    for (let next = firstAfter(names, cursor); next < names.length && entries.length <= this.#page; next += batch) {
      const some = names.slice(next, next + batch);
      const seen = await Promise.all(some.map((name) => this.#entry(found, joined(path, name), name, rights)));
      entries.push(...seen.filter((entry) => entry !== undefined));
    }
    const isWhole = entries.length <= this.#page;
    const page = isWhole ? entries : entries.slice(0, this.#page);
    return { entries: page, next: isWhole ? null : (page.at(-1)?.name ?? null) };
  }

  async #entry(
    { folder, path }: { folder: Folder; path: string },
    asked: string,
    name: string,
    rights: Rights,
  ): Promise<Entry | undefined> {
    const place = joined(path, name);
    if (!rights.sees(asked) || !rights.sees(place)) return undefined;
    const stats = await unlessMissing(folder.statEntry(name));
    if (stats?.isDirectory()) {
      await this.#tree.lookAt(folder, name, place, stats);
      if (!rights.sees(asked) || !rights.sees(place)) return undefined;
    }
    if (stats?.isFile() || stats?.isDirectory()) return entryOf({ path: place, stats }, asked, rights);
    if (!stats?.isSymbolicLink()) return undefined;
    await using target = await this.#tree.look(asked, rights);
    return target && entryOf(target, asked, rights);
  }

  async #names(folder: Folder, { dev, ino }: BigIntStats, goesOn: boolean): Promise<readonly string[]> {
    const key = `${dev}:${ino}`;
    const before = this.#kept.peek(key);
    if (goesOn && before !== undefined && this.#clock() - before.readAt < keptFor) return before.names;
    const names = (await folder.names()).sort();
    this.#kept.set(key, { readAt: this.#clock(), names });
    return names;
  }
}

/** The index of the first name after the cursor, by halves. */
function firstAfter(names: readonly string[], cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((names[middle] ?? "") <= cursor) low = middle + 1;
    else high = middle;
  }
  return low;
}
