import { readFileSync } from "node:fs";

/** What stands for the content of a file in /proc that only others may read. */
export const unreadable = Symbol("unreadable");

/** A file of a process in /proc; undefined once the process has ended. @param pid or `self` */
export function readProcFile(pid: number | "self", name: string): string | typeof unreadable | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    if (code === "EACCES" || code === "EPERM") return unreadable;
    throw error;
  }
}
