import { hasCode } from "../base/error-code.ts";

/**
 * Sends a signal to every process of a group; 0 sends none and only looks.
 * @returns whether the group has members, zombies included
 */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  return signalProcess(-group, signal);
}

/**
 * Sends a signal to one process, or with a negative id to a group.
 * @returns whether the process is there, zombies included
 */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    // EPERM: the process changed its user; it is there, but we may not signal it.
    if (hasCode(error, "EPERM")) return true;
    if (hasCode(error, "ESRCH")) return false;
    throw error;
  }
}
