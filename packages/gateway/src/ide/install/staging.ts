import { rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { hasCode } from "../../base/error-code.ts";
import { listFolder } from "../../system/missing-file.ts";
import { InstallLock } from "./install-lock.ts";

/**
 * A folder beside the target in which an installation grows until it is complete. It takes the target's place by a rename,
 * so that a half-finished one is never mistaken for a whole one; a lock file with our process id keeps others away.
 */
export class Staging {
  readonly target: string;
  readonly folder: string;
  readonly #lock: InstallLock;

  private constructor(target: string, lock: InstallLock) {
    this.target = target;
    this.folder = `${target}.installing-${process.pid}`;
    this.#lock = lock;
  }

  /** Takes the lock and removes what earlier installations left behind. The target's parent must exist. */
  static async open(target: string): Promise<Staging> {
    const staging = new Staging(target, await InstallLock.take(`${target}.lock`));
    try {
      await staging.#removeLeftovers();
      return staging;
    } catch (error) {
      await staging.close();
      throw error;
    }
  }

  /** Puts the finished folder (this one, or one inside it) where the target is, in place of what was there. */
  async commit(finished: string): Promise<void> {
    const old = this.#replaced(process.pid);
    const replaced = await renameIfThere(this.target, old);
    try {
      await rename(finished, this.target);
    } catch (error) {
      if (replaced) await rename(old, this.target);
      throw error;
    }
    if (replaced) await remove(old);
  }

  /** Removes what is left of the staging folder and gives the lock back. */
  async close(): Promise<void> {
    try {
      await remove(this.folder);
    } finally {
      this.#lock.release();
    }
  }

  #replaced(pid: number): string {
    return `${this.target}.replaced-${pid}`;
  }

  /** We hold the lock, so nobody else works on them. */
  async #removeLeftovers(): Promise<void> {
    const parent = dirname(this.target);
    for (const name of await listFolder(parent)) {
      const match = /^\.(installing|replaced)-\d+$/.exec(name.slice(basename(this.target).length));
      if (!match || !name.startsWith(basename(this.target))) continue;
      const leftover = join(parent, name);
      // Killed between the two renames of a commit: the old installation is whole and goes back to its place.
      const restored = match[1] === "replaced" && !(await exists(this.target));
      if (restored) await rename(leftover, this.target);
      else await remove(leftover);
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return (await listFolder(dirname(path))).includes(basename(path));
}

async function renameIfThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}

async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
