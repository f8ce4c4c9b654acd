import { link, readFile, rename, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";

interface Holder {
  readonly pid: number;
  readonly host: string;
}

/** How often the holder touches its lock, and when one that was not touched counts as left behind. Milliseconds. */
const heartbeat = 5_000;
const staleAfter = 60_000;

/** Locks of this very process, which its process id cannot tell apart. */
const heldHere = new Set<string>();

/** Another process installs into the same folder at this moment. */
export class InstallRunningError extends Error {
  readonly lockFile: string;

  constructor({ pid, host }: Holder, lockFile: string) {
    super(`another installation into the same folder is under way (process ${pid} on ${host})`);
    this.name = "InstallRunningError";
    this.lockFile = lockFile;
  }
}

/**
 * A lock file that names its holder's process. The lock of a process that has ended is void at once; that of another
 * machine (a shared file system, a former container), or of a process id that was used again, after a minute of silence.
 */
export class InstallLock {
  readonly file: string;
  readonly #timer: NodeJS.Timeout;

  private constructor(file: string) {
    this.file = file;
    heldHere.add(file);
    // A lock that can no longer be touched was taken away by somebody who held us for dead; releasing it will say so.
    this.#timer = setInterval(() => void touch(file).catch(() => clearInterval(this.#timer)), heartbeat);
    this.#timer.unref();
  }

  /** Takes the lock, or throws an InstallRunningError. */
  static async take(file: string): Promise<InstallLock> {
    const own = JSON.stringify({ pid: process.pid, host: hostname() } satisfies Holder);
    while (!(await createExclusively(file, own))) {
      const found = await readIfThere(file);
      if (found === undefined) continue;
      const holder = parseHolder(found);
      if (holder && (await isAlive(holder, file))) throw new InstallRunningError(holder, file);
      await removeStale(file, found);
    }
    return new InstallLock(file);
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    heldHere.delete(this.file);
    await unlink(this.file);
  }
}

/** Made complete under another name first: nobody can read a lock file that is still empty. */
async function createExclusively(file: string, text: string): Promise<boolean> {
  const prepared = `${file}.${process.pid}`;
  await writeFile(prepared, text);
  try {
    await link(prepared, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await unlink(prepared);
  }
}

/** Two may find the same dead lock: it is moved away, not deleted, and goes back if it turns out to be a new one. */
async function removeStale(file: string, expected: string): Promise<void> {
  const away = `${file}.stale-${process.pid}`;
  try {
    await rename(file, away);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if ((await readFile(away, "utf8")) === expected) await unlink(away);
  else await rename(away, file);
}

async function isAlive({ pid, host }: Holder, file: string): Promise<boolean> {
  if (host === hostname()) {
    if (pid === process.pid) return heldHere.has(file);
    if (!processExists(pid)) return false;
  }
  return Date.now() - (await stat(file)).mtimeMs < staleAfter;
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function touch(file: string): Promise<void> {
  const now = new Date();
  await utimes(file, now, now);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Only what we write ourselves is understood; anything else is no lock. */
function parseHolder(text: string): Holder | undefined {
  const match = /^\{"pid":(\d{1,10}),"host":"([^"\\]*)"\}$/.exec(text);
  return match ? { pid: Number(match[1]), host: match[2] ?? "" } : undefined;
}
