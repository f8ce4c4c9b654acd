import { setTimeout as delay } from "node:timers/promises";
import { readProcess } from "./proc-file.ts";
import { listProcesses } from "./process-tree.ts";
import { signalGroup } from "./signals.ts";

/** Milliseconds between two looks at a process group; the kernel offers no event for its end. */
const pollInterval = 20;

/** Waits up to `timeout` milliseconds for a group to end. @returns whether no process of the group is left running */
export async function groupEmpty(group: number, timeout: number): Promise<boolean> {
  const deadline = performance.now() + timeout;
  let known: readonly number[] = [];
  while (signalGroup(group, 0)) {
    known = runningMembers(group, known);
    if (known.length === 0) return true;
    if (performance.now() >= deadline) return false;
    await delay(pollInterval);
  }
  return true;
}

/**
 * Zombies have ended, though signal 0 finds them. When they vanish is up to process 1, which in containers may never wait for
 * them. All processes are listed only when the known ones have ended.
 */
function runningMembers(group: number, known: readonly number[]): readonly number[] {
  // Elsewhere `ps` would have to run at each look.
  if (process.platform !== "linux") return [group];
  const left = known.filter((pid) => {
    const found = readProcess(pid);
    return found !== undefined && found.group === group && !found.ended;
  });
  if (left.length > 0) return left;
  return listProcesses().flatMap((one) => (one.group === group && !one.ended ? [one.pid] : []));
}
