import { setTimeout as delay } from "node:timers/promises";
import { listProcesses } from "./process-tree.ts";
import { signalGroup } from "./signals.ts";

/** Milliseconds between two looks at a process group; the kernel offers no event for its end. */
const pollInterval = 20;

/** Waits up to `timeout` milliseconds for a group to end. @returns whether no process of the group is left running */
export async function groupEmpty(group: number, timeout: number): Promise<boolean> {
  const deadline = performance.now() + timeout;
  while (signalGroup(group, 0) && hasRunningMember(group)) {
    if (performance.now() >= deadline) return false;
    await delay(pollInterval);
  }
  return true;
}

/** Zombies have ended. When they vanish is up to process 1, which in containers may never wait for them. */
function hasRunningMember(group: number): boolean {
  // Elsewhere `ps` would have to run at each look.
  if (process.platform !== "linux") return true;
  return listProcesses().some((one) => one.group === group && !one.ended);
}
