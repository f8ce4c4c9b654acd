import { lstat, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { CommitInfo } from "@waiide/protocol";
import type { Change } from "../../git/changes.ts";
import { listFolder, unlessMissing } from "../../system/missing-file.ts";

/** A repository with the history of the commit. */
export interface KeptHistory {
  /** The name of the repository. */
  readonly repository: string;
  /** What its owner confirmed, as `keyOf` makes it. */
  readonly accepted: readonly string[];
  readonly incomplete: boolean;
}

/** What a share's folder holds now; all of it was made and checked before this was written. */
export interface Manifest {
  /** The name of the repository beside it. */
  readonly repository: string;
  /** Ids in that repository. */
  readonly commit: string;
  readonly tree: string;
  readonly baseTree: string;
  /** As the owner named the base; null: they did not. */
  readonly baseName: string | null;
  /** What guests clone in place of the snapshot; null: the snapshot. */
  readonly history: KeptHistory | null;
  readonly info: CommitInfo;
  readonly changes: readonly Change[];
}

/** The folder of one share of a commit, in the gateway's own data. */
export class CommitFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** What guests see. */
  get files(): string {
    return join(this.path, "files");
  }

  /** What git remembers of the state of `files`. */
  get index(): string {
    return join(this.path, "index");
  }

  repository(name: string): string {
    return join(this.path, name);
  }

  /** @returns undefined: it was never finished */
  async read(): Promise<Manifest | undefined> {
    const text = await unlessMissing(readFile(join(this.path, "manifest.json"), "utf8"));
    return text === undefined ? undefined : (JSON.parse(text) as Manifest);
  }

  /** Of everything in it, as it is now. Bytes. */
  async size(): Promise<number> {
    const entries = (await unlessMissing(readdir(this.path, { withFileTypes: true, recursive: true }))) ?? [];
    let size = 0;
    for (const entry of entries) {
      // What is half made may go meanwhile.
      if (entry.isFile()) size += (await unlessMissing(lstat(join(entry.parentPath, entry.name))))?.size ?? 0;
    }
    return size;
  }

  /** From here on it counts; other repositories go. */
  async publish(manifest: Manifest): Promise<void> {
    const next = join(this.path, "manifest.next");
    const file = await open(next, "w", 0o600);
    try {
      await file.writeFile(JSON.stringify(manifest));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, join(this.path, "manifest.json"));
    await this.clean(manifest);
  }

  /** Removes what a crash left half made. */
  async clean({ repository, history }: Manifest): Promise<void> {
    const kept = [repository, history?.repository];
    const others = (await listFolder(this.path)).filter((name) => name.endsWith(".git") && !kept.includes(name));
    for (const name of others) await rm(join(this.path, name), { recursive: true, force: true });
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
