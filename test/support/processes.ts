import { readdir, readFile } from "node:fs/promises";

/** Process ids of everything that runs with a home folder of its own: the gateway and all that it started. */
export async function processesOf(home: string): Promise<number[]> {
  return (await processesWithHome((other) => other === home)).map(({ pid }) => pid);
}

/** Everything that runs with a home below a folder: a hub, its proxy, and all servers. */
export function processesBelow(folder: string): Promise<RunningProcess[]> {
  return processesWithHome((home) => home.startsWith(`${folder}/`));
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
