export type { ListedProcess } from "./proc-file.ts";

import { execFileSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { type ListedProcess, processIds, readProcess } from "./proc-file.ts";
import { signalProcess } from "./signals.ts";

/** All processes that can be seen: from /proc on Linux, elsewhere from ps. */
export function listProcesses(): ListedProcess[] {
  return process.platform === "linux" ? processIds().flatMap((pid) => readProcess(pid) ?? []) : listFromPs();
}

/** `pid` itself (if it still runs), everything it started, and everything in the sessions (terminals) of those. */
export function treeOf(pid: number, all: readonly ListedProcess[] = listProcesses()): ListedProcess[] {
  return treesOf([pid], all);
}

/** The same for several at once. */
export function treesOf(pids: Iterable<number>, all: readonly ListedProcess[]): ListedProcess[] {
  const members = new Set(pids);
  for (let size = 0; size !== members.size; ) {
    size = members.size;
    for (const one of all) {
      if (members.has(one.parent) || members.has(one.session) || members.has(one.group)) members.add(one.pid);
    }
  }
  return all.filter((one) => members.has(one.pid) && !one.ended);
}

function signalAll(processes: readonly ListedProcess[], signal: NodeJS.Signals): void {
  for (const { pid } of processes) signalProcess(pid, signal);
}

/** The processes of `before` that still run. */
export function survivorsOf(before: readonly ListedProcess[], now: readonly ListedProcess[]): ListedProcess[] {
  const running = new Map(now.map((one) => [one.pid, one]));
  return before.filter(({ pid, started }) => {
    const found = running.get(pid);
    return found !== undefined && found.started === started && !found.ended;
  });
}

/** macOS prints sessions as addresses, so groups have to do. */
function listFromPs(): ListedProcess[] {
  const lines = execFileSync("ps", ["-axo", "pid=,ppid=,pgid=,stat=,lstart="], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line);
    if (!match) return [];
    const [, pid, parent, group, state = "", started = ""] = match;
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        session: Number(group),
        started,
        ended: state.startsWith("Z"),
      },
    ];
  });
}

/** How long a process may take to vanish after SIGKILL; longer means that the kernel cannot end it. Milliseconds. */
const killTimeout = 2000;
const pollInterval = 25;

/**
 * Ends processes: `signal` first, SIGKILL after `grace` milliseconds.
 * @returns the processes that could not be ended, normally none
 */
export async function endProcesses(
  processes: readonly ListedProcess[],
  signal: NodeJS.Signals,
  grace: number,
): Promise<readonly ListedProcess[]> {
  signalAll(processes, signal);
  const killAt = performance.now() + grace;
  for (let left = processes; left.length > 0; ) {
    left = survivorsOf(left, listProcesses());
    const now = performance.now();
    if (left.length === 0 || now >= killAt + killTimeout) return left;
    if (now >= killAt) signalAll(left, "SIGKILL");
    await delay(pollInterval);
  }
  return [];
}
