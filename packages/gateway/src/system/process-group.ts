import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/** Between looks whether a process group is empty; the kernel offers no event for it. Milliseconds. */
const pollInterval = 20;

/**
 * Sends a signal to every process of a group; 0 sends none and only looks.
 * @returns whether there was anyone to get it, zombies included
 */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  return signalProcess(-group, signal);
}

/**
 * Sends a signal to one process, or with a negative id to a group.
 * @returns whether there was anyone to get it, zombies included
 */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    // EPERM: members that changed their user; they are there, but not ours to signal.
    if (codeOf(error) === "EPERM") return true;
    if (codeOf(error) === "ESRCH") return false;
    throw error;
  }
}

/** Whether nobody in the group was left running within `timeout` milliseconds. */
export async function groupEmpty(group: number, timeout: number): Promise<boolean> {
  const deadline = performance.now() + timeout;
  while (signalGroup(group, 0) && (await hasRunningMember(group))) {
    if (performance.now() >= deadline) return false;
    await delay(pollInterval);
  }
  return true;
}

/** Zombies have ended; how soon they vanish is up to process 1, which in containers may never wait for them. */
async function hasRunningMember(group: number): Promise<boolean> {
  if (process.platform !== "linux") return true;
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const running = await Promise.all(ids.map((id) => isRunningMember(id, group)));
  return running.includes(true);
}

async function isRunningMember(id: string, group: number): Promise<boolean> {
  try {
    // proc_pid_stat(5): “id (name) state parent group …”; the name may hold anything.
    const stat = await readFile(`/proc/${id}/stat`, "latin1");
    const [state, , itsGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(itsGroup) === group && state !== "Z" && state !== "X";
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ESRCH") return false;
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
