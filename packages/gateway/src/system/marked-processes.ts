import { setTimeout as delay } from "node:timers/promises";
import { lockLimitOf, type Mark, readLockLimit } from "./lock-limit.ts";
import { processIds, readProcFile, unreadable } from "./proc-file.ts";
import { type ListedProcess, listProcesses, survivorsOf, treesOf } from "./process-tree.ts";
import { findProgram } from "./programs.ts";
import { signalGroup, signalProcess } from "./signals.ts";

export interface Killing {
  /** How many processes were killed. */
  readonly killed: number;
  /** Processes that could not be killed: they changed their user or hang in the kernel. Normally none. */
  readonly left: readonly ListedProcess[];
}

/**
 * The time between two looks; the time and the number of looks without a find after which all are killed; and the time after
 * which it gives up. Times in milliseconds. One look can miss a process that forks and ends all the time: its id is newer than
 * the list, and its parent is gone when the list is read. Eight looks do not miss it; on a busy machine the time alone would
 * be only two looks.
 */
const pollInterval = 10;
const quietTime = 200;
const quietLooks = 8;
const limit = 2000;

/**
 * Kills every process of this user that was started with the mark, wherever it hides: in a session of its own, without its
 * parent, terminal or environment; and everything that such processes started, marked or not. It does not find processes that
 * cleared the variable, lowered the limit *and* left their parents, nor what other programs started for them (cron, systemd,
 * the owner's tmux server). It never kills this process. Linux only; elsewhere it finds nothing.
 *
 * It stops all of them before it kills any, so that none notices another's end and restarts it. Process ids are reused, so it
 * checks them once more in between: a stopped process keeps its id. It looks again until no new process is left. The first
 * look and kill happen before this function returns its promise.
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
    // New ones may be starting more right now.
    await delay(killed.size > before ? 0 : pollInterval);
  }
}

/**
 * Stops marked processes, the newest first. A process that forks and ends all the time is gone before a list of all processes
 * is complete; once it is stopped, the list has it, and what it has just started.
 */
function stopNewest(mark: Mark): void {
  if (process.platform !== "linux") return;
  for (const pid of processIds().sort((one, other) => other - one)) {
    if (pid !== process.pid && carries(pid, mark)) signalProcess(pid, "SIGSTOP");
  }
}

/** The processes that carry the mark, and all that they started. */
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
 * Processes of this user that may or may not carry a mark: their environment is unreadable, and their limit was changed, or
 * never set because this system cannot set it. They are left alone. Processes of our own tree are known, and not among them.
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

/** Whether marked processes carry the limit. Not if our own limit was lowered, as below another gateway. */
function limitsTell(): boolean {
  return readLockLimit("self")?.kind === "unlimited" && findProgram("prlimit", process.env) !== undefined;
}

/** By the real user id, which is readable even if the environment is not (proc_pid_status(5)). */
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

/** @returns the processes that got the signal */
function killAll(processes: readonly ListedProcess[]): readonly ListedProcess[] {
  if (processes.length === 0) return [];
  for (const { pid } of processes) signalProcess(pid, "SIGSTOP");
  const now = listProcesses();
  const confirmed = survivorsOf(processes, now);
  const sure = new Set(confirmed.map(({ pid }) => pid));
  for (const { pid } of processes) if (!sure.has(pid)) signalProcess(pid, "SIGCONT");
  // A process that forks and ends all the time changes its id, but seldom its group, and a signal to a group misses no child.
  const ownGroup = now.find(({ pid }) => pid === process.pid)?.group;
  for (const group of new Set(confirmed.map((one) => one.group))) if (group !== ownGroup) signalGroup(group, "SIGKILL");
  for (const { pid } of confirmed) signalProcess(pid, "SIGKILL");
  return confirmed;
}
