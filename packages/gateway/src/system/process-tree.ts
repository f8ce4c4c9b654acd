import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** A process as the kernel lists it. */
export interface ListedProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Tells a process from a later one with the same pid. */
  readonly started: string;
  /** Ended already, only waiting for its parent to notice. */
  readonly ended: boolean;
}

/** All processes that can be seen: from /proc (proc_pid_stat(5)), elsewhere from ps. */
export function listProcesses(): ListedProcess[] {
  return process.platform === "linux" ? listFromProc() : listFromPs();
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

/** Sends a signal to each; those that ended meanwhile, or changed their user, are no error. */
function signalAll(processes: readonly ListedProcess[], signal: NodeJS.Signals): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ESRCH" && code !== "EPERM") throw error;
    }
  }
}

/** Those of `before` that still run. */
export function survivorsOf(before: readonly ListedProcess[], now: readonly ListedProcess[]): ListedProcess[] {
  const running = new Map(now.map((one) => [one.pid, one]));
  return before.filter(({ pid, started }) => {
    const found = running.get(pid);
    return found !== undefined && found.started === started && !found.ended;
  });
}

function listFromProc(): ListedProcess[] {
  const found: ListedProcess[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readIfThere(`/proc/${name}/stat`);
    if (stat === undefined) continue;
    // The second field is the program's name in brackets and may hold anything, brackets too.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state = "", parent, group, session] = fields;
    found.push({
      pid: Number(name),
      parent: Number(parent),
      group: Number(group),
      session: Number(session),
      started: fields[19] ?? "",
      ended: state === "Z" || state === "X",
    });
  }
  return found;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "latin1");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
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

/** How long a process may take to vanish after SIGKILL, in ms; longer means that the kernel cannot end it. */
const killPatience = 2000;
const pollInterval = 25;

/**
 * Ends processes: `signal` first, SIGKILL after `grace` ms.
 * @returns what could not be ended, normally nothing
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
    if (left.length === 0 || now >= killAt + killPatience) return left;
    if (now >= killAt) signalAll(left, "SIGKILL");
    await delay(pollInterval);
  }
  return [];
}
