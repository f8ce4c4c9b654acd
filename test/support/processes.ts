import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/** Process ids of everything that runs with a home folder of its own: the gateway and all that it started. */
export async function processesOf(home: string): Promise<number[]> {
  return (await processesWithHome((other) => other === home)).map(({ pid }) => pid);
}

/** Everything that runs with a home in a folder or below: a hub, its proxy, and all servers. */
export function processesBelow(folder: string): Promise<RunningProcess[]> {
  return processesWithHome((home) => home === folder || home.startsWith(`${folder}/`));
}

/** Waits for all of those to end: a hub tells its proxy to, and ends without waiting. @returns what stays nevertheless */
export async function remainingBelow(folder: string, limit = 60_000): Promise<RunningProcess[]> {
  const end = performance.now() + limit;
  for (;;) {
    const left = await processesBelow(folder);
    if (left.length === 0 || performance.now() > end) return left;
    await delay(50);
  }
}

export interface RunningProcess {
  readonly pid: number;
  readonly command: string;
  readonly environment: readonly string[];
}

async function processesWithHome(fits: (home: string) => boolean): Promise<RunningProcess[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const processes = await Promise.all(pids.map(readProcess));
  return processes.flatMap((running) => {
    const home = running?.environment.find((entry) => entry.startsWith("HOME="))?.slice("HOME=".length);
    return running !== undefined && home !== undefined && fits(home) ? [running] : [];
  });
}

/** Processes end while they are being looked at; those are not counted. */
async function readProcess(pid: string): Promise<RunningProcess | undefined> {
  try {
    const environment = (await readFile(`/proc/${pid}/environ`, "latin1")).split("\0");
    const command = (await readFile(`/proc/${pid}/cmdline`, "latin1")).replaceAll("\0", " ").trim();
    return { pid: Number(pid), command, environment };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES") return undefined;
    throw error;
  }
}
