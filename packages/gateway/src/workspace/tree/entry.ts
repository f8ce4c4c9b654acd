import type { BigIntStats } from "node:fs";
import type { Entry, ReadOnlyReason, Refusal } from "@waiide/protocol";
import { joined, programWhy, type Rights } from "../rules/rights.ts";

export type Permission = Pick<Entry, "writable" | "read_only" | "protected_because">;

/** A file or folder at the time of the check. */
interface Seen {
  /** Relative to the root, after links. */
  readonly path: string;
  readonly stats: BigIntStats;
}

/** What a guest sees of a file or folder. @param path as the guest names it */
export function entryOf(seen: Seen, path: string, rights: Rights): Entry {
  const isFolder = seen.stats.isDirectory();
  return {
    name: path.slice(path.lastIndexOf("/") + 1),
    kind: isFolder ? "folder" : "file",
    size: isFolder ? 0 : Number(seen.stats.size),
    modified: modifiedOf(seen.stats),
    ...permissionOf(seen, path, rights),
  };
}

/** Milliseconds since 1970. */
export function modifiedOf(stats: BigIntStats): number {
  return Number(stats.mtimeNs / 1_000n) / 1_000;
}

/** Whether level, lists and the file itself permit writing; of a folder: making something in it. For show only. */
export function permissionOf(seen: Seen, path: string, rights: Rights): Permission {
  const reason = whyReadOnly(seen, path, rights);
  if (reason === undefined) return { writable: true };
  if (reason !== "protected") return { writable: false, read_only: reason };
  const why = rights.whyProtected(path) ?? rights.whyProtected(seen.path) ?? programWhy;
  return { writable: false, read_only: reason, protected_because: why };
}

function whyReadOnly({ path: real, stats }: Seen, path: string, rights: Rights): ReadOnlyReason | undefined {
  const isFolder = stats.isDirectory();
  const operation = isFolder ? "create" : "write";
  for (const place of isFolder ? [joined(path, "-"), joined(real, "-")] : [path, real]) {
    const refusal = rights.refusal(operation, place);
    if (refusal !== undefined) return readOnlyReasonOf(refusal);
  }
  return fixedReason(stats, rights);
}

/** A refusal as guests are told of it. */
export function readOnlyReasonOf(refusal: Refusal): ReadOnlyReason {
  return refusal === "level" || refusal === "protected" ? refusal : "scope";
}

/** Why a file itself cannot be written, whatever a guest's level and scope. */
export function fixedReason(stats: BigIntStats, rights: Rights): ReadOnlyReason | undefined {
  if (!hasWritableMode(stats)) return "locked";
  if (rights.isProgram(stats)) return "protected";
  return isReplaceable(stats) ? undefined : "linked";
}

/** Whether a file's mode lets this process write, and it has no second name that would go on with the old content. */
export function isReplaceable(stats: BigIntStats): boolean {
  return hasWritableMode(stats) && (stats.isDirectory() || stats.nlink === 1n);
}

/** As the kernel decides (path_resolution(7)), but for root too a file without any write bit is read-only. */
function hasWritableMode({ mode, uid, gid }: BigIntStats): boolean {
  const me = process.geteuid?.() ?? 0;
  if (me === 0) return (mode & 0o222n) !== 0n;
  if (uid === BigInt(me)) return (mode & 0o200n) !== 0n;
  const groups = [process.getegid?.() ?? 0, ...(process.getgroups?.() ?? [])];
  return (mode & (groups.some((group) => BigInt(group) === gid) ? 0o020n : 0o002n)) !== 0n;
}

/** Changes whenever the file does, in content, mode or place. */
export function signatureOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(":");
}
