import { setTimeout as delay } from "node:timers/promises";
import { lockLimitOf, type Mark, readLockLimit } from "./lock-limit.ts";
import { processIds, readProcFile, unreadable } from "./proc-file.ts";
import { type ListedProcess, listProcesses, survivorsOf, treesOf } from "./process-tree.ts";
import { findProgram } from "./programs.ts";
import { signalGroup, signalProcess } from "./signals.ts";

export interface Killing {
  /** How many processes were killed. */
  readonly killed: number;
  /** What could not be killed: nothing, but for processes that changed their user or hang in the kernel. */
  readonly left: readonly ListedProcess[];
}

/**
 * Between looks; so long, and in so many looks, nothing may be found until it counts as all; so long something may be found
 * until it is given up. Times in milliseconds. One look can miss what forks and ends all the time: its id is new since the
 * list was begun, its parent gone when it is read. So many looks do not; on a busy machine the time alone would be only two.
 */
const pollInterval = 10;
const quietTime = 200;
const quietLooks = 8;
const limit = 2000;

/**
 * Kills every process of ours that was started with this mark, wherever it has hidden since: in sessions of its own,
 * without its parent, without its terminal, without its environment; and what such processes have started, marked or not.
 * Processes that cleared the variable, lowered the limit *and* left their parents behind are not found, nor is what other
 * programs started for them (cron, systemd, a tmux server of the owner). This process is never among them. Linux only;
 * elsewhere nothing is found.
 *
 * All are stopped before any is killed, so that none notices another's end and starts it again, and looked at once more
 * in between, as process ids are used again; a stopped process keeps its own. What was born meanwhile is found by
 * looking again, until nothing is left. The first look and kill happen before this function returns its promise.
 */
export async function killMarked(mark: Mark): Promise<Killing> {
  const killed = new Map<string, ListedProcess>();
  let quiet: { readonly since: number; readonly looks: number } | undefined;
  let busyTime = 0;
  for (let last = performance.now(); ; ) {
    stopNewest(mark);
    const found = markedProcesses(mark);
    const before = killed.size;
    for (const one of killAll(found)) killed.set(`${one.pid} ${one.started}`, one);
    const now = performance.now();
    if (found.length > 0) busyTime += now - last;
    quiet = found.length > 0 ? undefined : { since: quiet?.since ?? now, looks: (quiet?.looks ?? 0) + 1 };
    last = now;
    if (quiet !== undefined && quiet.looks >= quietLooks && now - quiet.since >= quietTime) {
      return { killed: killed.size, left: [] };
    }
    if (busyTime >= limit) {
      const left = markedProcesses(mark);
      return { killed: killed.size - survivorsOf([...killed.values()], left).length, left };
    }
    // Where there were new ones, more may be born right now.
    await delay(killed.size > before ? 0 : pollInterval);
  }
}

/**
 * What forks and ends all the time is gone before a list of all is complete. So the newest are looked at first, and each is
 * stopped the moment it is recognised: the list then finds it, and what it has just started.
 */
function stopNewest(mark: Mark): void {
  if (process.platform !== "linux") return;
  for (const pid of processIds().sort((one, other) => other - one)) {
    if (pid !== process.pid && carries(pid, mark)) signalProcess(pid, "SIGSTOP");
  }
}

/** Those that carry the mark, and all that they started. */
export function markedProcesses(mark: Mark): ListedProcess[] {
  if (process.platform !== "linux") return [];
  const all = listProcesses().filter(({ pid }) => pid !== process.pid);
  const marked = all.filter(({ pid, ended }) => !ended && carries(pid, mark));
  return treesOf(
    marked.map(({ pid }) => pid),
    all,
  );
}

/**
 * Processes of this user that may carry a mark or not: their environment cannot be read, and their limit was changed, or
 * never set because this system cannot set it. They are left alone. Our own tree is known, and not among them.
 */
export function unjudgedProcesses(): ListedProcess[] {
  if (process.platform !== "linux") return [];
  const all = listProcesses();
  const own = new Set(treesOf([process.pid], all).map(({ pid }) => pid));
  return all.filter(({ pid, ended }) => !ended && !own.has(pid) && isOwnUser(pid) && isUnjudged(pid));
}

function isUnjudged(pid: number): boolean {
  const limit = readLockLimit(pid);
  if (limit?.kind === "marked" || readProcFile(pid, "environ") !== unreadable) return false;
  return limit?.kind === "other" || !limitsTell();
}

/** Whether processes that were started with a mark carry the limit: not where ours was lowered, as below another gateway. */
function limitsTell(): boolean {
  return readLockLimit("self")?.kind === "unlimited" && findProgram("prlimit", process.env) !== undefined;
}

/** The real user id, which a process without a readable environment shows all the same (proc_pid_status(5)). */
function isOwnUser(pid: number): boolean {
  const status = readProcFile(pid, "status");
  return typeof status === "string" && Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]) === process.getuid?.();
}

function carries(pid: number, mark: Mark): boolean {
  const environment = readProcFile(pid, "environ");
  // proc_pid_environ(5): each variable ends with NUL.
  if (typeof environment === "string" && `\0${environment}`.includes(`\0${mark}\0`)) return true;
  const limit = readLockLimit(pid);
  return limit?.kind === "marked" && limit.limit === lockLimitOf(mark);
}

/** @returns those that got the signal */
function killAll(processes: readonly ListedProcess[]): readonly ListedProcess[] {
  if (processes.length === 0) return [];
  for (const { pid } of processes) signalProcess(pid, "SIGSTOP");
  const now = listProcesses();
  const confirmed = survivorsOf(processes, now);
  const sure = new Set(confirmed.map(({ pid }) => pid));
  for (const { pid } of processes) if (!sure.has(pid)) signalProcess(pid, "SIGCONT");
  // One that forks and ends all the time changes its id, but seldom its group, and no child escapes a group's signal.
  const ownGroup = now.find(({ pid }) => pid === process.pid)?.group;
  for (const group of new Set(confirmed.map((one) => one.group))) if (group !== ownGroup) signalGroup(group, "SIGKILL");
  for (const { pid } of confirmed) signalProcess(pid, "SIGKILL");
  return confirmed;
}
