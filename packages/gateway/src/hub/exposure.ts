import { statfsSync, statSync } from "node:fs";
import { reasonOf } from "../base/errors.ts";

/** statfs(2), PROC_SUPER_MAGIC. */
const procfs = 0x9fa0;

/** Facts that decide whether programs of the IDE can read this process's secrets. */
export interface ExposureSigns {
  readonly platform: NodeJS.Platform;
  /** This process's user; undefined on systems without users. */
  readonly user: number | undefined;
  /** Owner of `/proc/self/environ`, or why it is unknown. */
  readonly environmentOwner: number | string;
  /** `--pass-hub-token`. */
  readonly passHubToken: boolean;
}

/**
 * Why programs of the IDE, which run as this process's user, can read the hub's token (RULES R4); undefined if they cannot.
 * `/proc/<pid>/environ` and `mem` belong to root if a process cannot be dumped (proc_pid(5), prctl(2) PR_SET_DUMPABLE): after
 * it changed its user itself, or if its user may not read the program that it was started from.
 */
export function exposureOf({ platform, user, environmentOwner, passHubToken }: ExposureSigns): string | undefined {
  if (passHubToken) return "the IDE is given the hub's token (--pass-hub-token)";
  if (platform !== "linux") return "only Linux can hide the hub's token from programs of the same user";
  if (user === 0) return "WAIIDE and its IDE run as root, who can read everything";
  if (typeof environmentOwner === "string") return `it is unknown who may read the hub's token (${environmentOwner})`;
  if (environmentOwner !== user) return undefined;
  return "programs of the IDE run as the same user and can read WAIIDE's environment, with the hub's token in it";
}

/** The facts about this process. */
export function exposureSigns(passHubToken: boolean): ExposureSigns {
  return { platform: process.platform, user: process.getuid?.(), environmentOwner: environmentOwner(), passHubToken };
}

function environmentOwner(): number | string {
  try {
    const file = "/proc/self/environ";
    if (statfsSync(file).type !== procfs) return "/proc is not the kernel's";
    return statSync(file).uid;
  } catch (error) {
    return reasonOf(error);
  }
}
