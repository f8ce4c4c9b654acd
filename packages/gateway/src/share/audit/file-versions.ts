import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { LRUCache } from "lru-cache";
import { unlessMissing } from "../../system/missing-file.ts";
import { hashWhole } from "../../workspace/documents/content.ts";

/** Files whose versions are remembered. */
const maxFiles = 5_000;

/** Versions of files on the disk; one that has not changed is read once. */
export class FileVersions {
  readonly #known = new LRUCache<string, { readonly stamp: string; readonly version: string }>({ max: maxFiles });

  /** @param file absolute. @returns null: there is no such file */
  async of(file: string): Promise<string | null> {
    // A pipe in its place would never open.
    const opened = await unlessMissing(open(file, constants.O_RDONLY | constants.O_NONBLOCK));
    if (opened === undefined) return null;
    await using handle = opened;
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) return null;
    const { size, mtimeNs, ctimeNs, ino } = stats;
    const stamp = [size, mtimeNs, ctimeNs, ino].join(" ");
    const known = this.#known.get(file);
    if (known?.stamp === stamp) return known.version;
    const version = await hashWhole(handle);
    this.#known.set(file, { stamp, version });
    return version;
  }
}
