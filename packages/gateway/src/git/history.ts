import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Git } from "./git.ts";
import { GitError } from "./git-error.ts";
import { copyShallow, makeGitFolder } from "./own-repository.ts";
import type { OwnerRepository } from "./owner-repository.ts";
import type { Quarantine } from "./quarantine.ts";

/** Milliseconds that packing and checking may take. */
const packTimeout = 600_000;

export interface HistoryOptions {
  readonly git: Git;
  readonly repository: Pick<OwnerRepository, "format">;
  readonly quarantine: Quarantine;
  /** The new repository; is not there yet. */
  readonly folder: string;
  /** The id of the commit. */
  readonly commit: string;
  /** What people call its only branch. */
  readonly branch: string;
  /** How many objects it may have. */
  readonly maxObjects: number;
}

/**
 * Makes a repository of our own with a commit and all that came before it, as it is: whoever asks for this has confirmed what was
 * found in it (RULES R27).
 * @throws GitError; then nothing is left
 */
export async function makeHistory(options: HistoryOptions): Promise<void> {
  const { git, quarantine, repository, folder, commit, branch, maxObjects } = options;
  const { variables } = quarantine;
  try {
    const counted = await git.line(quarantine.folder, ["rev-list", "--objects", "--count", commit], { variables });
    if (Number(counted) > maxObjects) throw new GitError("limit", `its history has more than ${maxObjects} objects`);
    await makeGitFolder(folder, repository.format);
    await mkdir(join(folder, "refs"), { mode: 0o700 });
    await copyShallow(quarantine.folder, folder);
    const pack = join(folder, "objects", "pack", "pack");
    const args = ["pack-objects", "-q", "--revs", "--delta-base-offset", "--threads=1", pack];
    await git.run({ gitFolder: folder, args, input: `${commit}\n`, variables, timeout: packTimeout });
    await git.run({ gitFolder: folder, args: ["update-ref", `refs/heads/${branch}`, commit] });
    await writeFile(join(folder, "HEAD"), `ref: refs/heads/${branch}\n`);
    await git.run({ gitFolder: folder, args: ["fsck", "--full", "--no-dangling"], timeout: packTimeout });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
