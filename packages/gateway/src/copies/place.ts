import { constants } from "node:fs";
import { access, lstat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { homeFolder } from "../system/home-folder.ts";
import { unlessMissing } from "../system/missing-file.ts";
import { CopyRefusal } from "./refusal.ts";

/** Attempts to find a free name: `tides`, `tides-2` … */
const maxAttempts = 1_000;

/**
 * The folder in which copies are made: beside the workspace, so that the workspace stays as it is; inside it where it is the
 * home folder, or where this user cannot write beside it.
 */
export async function folderForCopies(workspace: string, home = homeFolder()): Promise<string> {
  const beside = dirname(workspace);
  const isHome = workspace === home || home.startsWith(`${workspace}/`);
  if (isHome || beside === workspace) return workspace;
  try {
    await access(beside, constants.W_OK | constants.X_OK);
    return beside;
  } catch {
    // Whatever the reason, nothing can be made there.
    return workspace;
  }
}

/** A name that is free now; whether it still is when the copy is finished shows then. */
export async function freeFolder(parent: string, name: string): Promise<string> {
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const folder = join(parent, attempt === 1 ? name : `${name}-${attempt}`);
    if (!(await isTaken(folder))) return folder;
  }
  throw new CopyRefusal(`${parent} has too many copies of that name`);
}

/** Whether anything has this name, also a link that leads nowhere. */
export async function isTaken(path: string): Promise<boolean> {
  return (await unlessMissing(lstat(path))) !== undefined;
}
