import { accessSync, constants, lstatSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { errorCodeOf } from "../base/error-code.ts";
import { GatewayError } from "../base/errors.ts";
import { mountPoints } from "./mount-points.ts";
import { handOver } from "./ownership.ts";
import { enterHome } from "./passwd.ts";
import type { Places } from "./places.ts";
import { imageUser } from "./user-name.ts";

/** A home folder, and warnings about it for the administrator. */
export interface Home {
  readonly folder: string;
  readonly warnings: readonly string[];
}

/** Folders that WAIIDE and Jupyter expect in a home, where volumes may be mounted. */
export const homeFolders = ["workspace", ".jupyter", ".WAIIDE-server"] as const;

/**
 * As root: creates the user's home, gives it to the user that WAIIDE runs as, and enters it in /etc/passwd.
 * @throws GatewayError HOME_UNUSABLE
 */
export function prepareHome(user: string, { homes, passwd, owner }: Places): Home {
  const folder = join(homes, user);
  const mounts = mountPoints();
  const warnings: string[] = [];
  try {
    makeIfMissing(folder);
    if (!lstatSync(folder).isDirectory()) throw unusable(folder, "it is not a folder");
    for (const place of [...homeFolders.map((name) => join(folder, name)), folder]) {
      // Inside the home, only mounted folders: handing over the home includes the others.
      if (place !== folder && !mounts.has(place)) continue;
      const { problem } = handOver(place, owner, mounts);
      if (problem !== undefined)
        warnings.push(`Not everything in ${place} could be given to user ${owner.uid} (${problem}).`);
    }
  } catch (error) {
    throw asUnusable(folder, error);
  }
  const unentered = enterHome(owner.uid, folder, passwd);
  // Expected in a read-only container; HOME has the same value.
  if (unentered !== undefined && unentered !== "EROFS")
    warnings.push(
      `${passwd} does not have the home folder (${unentered}): programs that read it, such as ssh, do not find the home folder.`,
    );
  return { folder, warnings };
}

/**
 * Not as root: the user's home if it exists, else the HOME that the container was started with.
 * @param make whether to create a missing home
 * @throws GatewayError HOME_UNUSABLE
 */
export function findHome(
  user: string,
  given: string | undefined,
  { homes }: Pick<Places, "homes">,
  make: boolean,
): Home {
  const wanted = join(homes, user);
  const others = [given ?? "/", join(homes, imageUser)].filter((folder) => folder.startsWith("/") && folder !== "/");
  const folder = [wanted, ...others].find(isFolder);
  if (folder === wanted) return { folder, warnings: [] };
  if (folder !== undefined) {
    return { folder, warnings: [`There is no ${wanted}: the home folder is ${folder}.`] };
  }
  if (!make) throw unusable(wanted, "it does not exist");
  try {
    mkdirSync(wanted);
  } catch (error) {
    throw asUnusable(wanted, error);
  }
  return { folder: wanted, warnings: [] };
}

/**
 * Checks that this process may read its home.
 * @throws GatewayError HOME_UNUSABLE
 */
export function checkHome(folder: string): void {
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
  } catch (error) {
    throw asUnusable(folder, error);
  }
}

/** Whether the folder is on a mounted volume, and so outlives the container. */
export function isKept(folder: string, mounts = mountPoints()): boolean {
  if (mounts.has(folder)) return true;
  const parent = dirname(folder);
  return parent !== "/" && isKept(parent, mounts);
}

function makeIfMissing(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    // On a read-only file system, the kernel reports that first.
    if (!isThere(folder)) throw error;
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function asUnusable(folder: string, error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  const code = errorCodeOf(error) ?? String(error);
  return unusable(folder, `${reasons[code] ?? code}, for user ${process.getuid?.()}`);
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied (EACCES)",
  EPERM: "not permitted (EPERM)",
  EROFS: "it does not exist, and the file system is read-only (EROFS)",
  ENOSPC: "the disk is full (ENOSPC)",
  EDQUOT: "the quota is used up (EDQUOT)",
};

function unusable(folder: string, reason: string): GatewayError {
  return new GatewayError("HOME_UNUSABLE", { folder, reason });
}
