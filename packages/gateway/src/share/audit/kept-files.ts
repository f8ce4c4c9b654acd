import { createHash } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { listFolder } from "../../system/missing-file.ts";

/** Contents of files that guests changed are kept as long as the audit keeps its entries. Milliseconds. */
export const retention = 90 * 24 * 3_600_000;

/** The name under which a file's content is kept: none that a path can choose. */
export function keptName(path: string): string {
  return createHash("sha256").update(path).digest("hex");
}

/** Removes the folders of shares in which nothing was kept for longer than that. @param folder of all shares */
export async function pruneShares(folder: string, now: number): Promise<void> {
  for (const share of await listFolder(folder)) {
    const kept = join(folder, share);
    if (now - (await stat(kept)).mtimeMs > retention) await rm(kept, { recursive: true, force: true });
  }
}
