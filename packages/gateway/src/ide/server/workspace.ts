import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { hasCode } from "../../base/error-code.ts";
import { GatewayError, reasonOf } from "../../base/errors.ts";

/** Throws WORKSPACE_MISSING unless the folder can be opened, read and entered. */
export async function checkWorkspace(folder: string): Promise<void> {
  const reason = await problemOf(folder);
  if (reason !== undefined) throw new GatewayError("WORKSPACE_MISSING", { folder, reason });
}

async function problemOf(folder: string): Promise<string | undefined> {
  try {
    if (!(await stat(folder)).isDirectory()) return "is not a folder";
    await access(folder, constants.R_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "does not exist";
    if (hasCode(error, "EACCES", "EPERM")) return "cannot be read by this user (permission denied)";
    return `cannot be read (${reasonOf(error)})`;
  }
}
