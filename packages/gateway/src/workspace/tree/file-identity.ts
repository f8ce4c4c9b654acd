import type { BigIntStats } from "node:fs";
import { hasCode } from "../../base/error-code.ts";
import { unlessMissing } from "../../system/missing-file.ts";
import { joined } from "../rules/rights.ts";
import type { Folder } from "./folder.ts";

/** Files and folders that a search looks at. */
const maxEntries = 20_000;
/** Folders that hold much, and nothing that people write. */
const skipped: ReadonlySet<string> = new Set([".git", "node_modules"]);

/**
 * What a file keeps when it is renamed. The number of an inode alone is given to another file soon after a deletion.
 * @returns undefined where the file system does not say when the file was made
 */
export function identityOf({ dev, ino, birthtimeNs }: BigIntStats): string | undefined {
  return birthtimeNs === 0n ? undefined : `${dev}:${ino}:${birthtimeNs}`;
}

/**
 * Looks for files by their identities below a folder, without following links.
 * @returns their paths there; of a large folder only those that a limited search has come to
 */
export async function findFiles(root: Folder, wanted: ReadonlySet<string>): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const walk = { wanted, found, left: maxEntries };
  await search(root, "", walk);
  return found;
}

interface Walk {
  readonly wanted: ReadonlySet<string>;
  readonly found: Map<string, string>;
  left: number;
}

async function search(folder: Folder, path: string, walk: Walk): Promise<void> {
  const entries = (await unlessClosed(folder.entries())) ?? [];
  for (const { name, kind } of entries) {
    if (isOver(walk)) return;
    walk.left -= 1;
    if (kind !== "file") continue;
    const stats = await unlessMissing(folder.statEntry(name));
    const identity = stats && identityOf(stats);
    if (identity !== undefined && walk.wanted.has(identity)) walk.found.set(identity, joined(path, name));
  }
  for (const { name, kind } of entries) {
    if (isOver(walk)) return;
    if (kind !== "folder" || skipped.has(name)) continue;
    await using below = await unlessClosed(folder.openFolder(name));
    if (below !== undefined) await search(below, joined(path, name), walk);
  }
}

function isOver({ wanted, found, left }: Walk): boolean {
  return left <= 0 || found.size === wanted.size;
}

/** Undefined for a folder that is gone by now, or that the owner may not read. */
async function unlessClosed<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "EACCES", "EPERM")) return undefined;
    throw error;
  }
}
