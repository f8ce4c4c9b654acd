import { readdirSync, readFileSync } from "node:fs";
import { hasCode } from "../base/error-code.ts";

/** Stands for the content of a file in /proc that only others may read. */
export const unreadable = Symbol("unreadable");

/** A file of a process in /proc; undefined once the process has ended. @param pid or `self` */
export function readProcFile(pid: number | "self", name: string): string | typeof unreadable | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch (error) {
    if (hasCode(error, "ENOENT", "ESRCH")) return undefined;
    if (hasCode(error, "EACCES", "EPERM")) return unreadable;
    throw error;
  }
}

/** The ids of all processes that can be seen. */
export function processIds(): number[] {
  return readdirSync("/proc").map(Number).filter(Number.isInteger);
}

/** A process as the kernel lists it. */
export interface ListedProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Tells a process from a later one with the same pid: in the kernel's ticks since boot; on macOS a date. */
  readonly started: string;
  /** The process has ended and only waits for its parent to notice. */
  readonly ended: boolean;
}

/** What proc_pid_stat(5) says of a process; undefined if it is gone. */
export function readProcess(pid: number): ListedProcess | undefined {
  const stat = readProcFile(pid, "stat");
  if (typeof stat !== "string") return undefined;
  // “id (name) state parent group session …”, the start is field 22. The name may hold anything, brackets too.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state = "", parent, group, session] = fields;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    started: fields[19] ?? "",
    ended: state === "Z" || state === "X",
  };
}
