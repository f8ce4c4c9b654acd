import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * The Node that programs of ours run with: our own, or, where our own may only be executed, which hides what runs with it
 * (RULES R4), the one on PATH. Processes must not be hidden from their owner: he debugs them, and a share's end finds them by
 * their environment (RULES R16).
 */
export function childNode(own = process.execPath, path = process.env.PATH ?? ""): string {
  if (isReadableProgram(own)) return own;
  const candidates = path.split(delimiter).filter((folder) => folder.startsWith("/"));
  return candidates.map((folder) => join(folder, "node")).find(isReadableProgram) ?? own;
}

function isReadableProgram(file: string): boolean {
  try {
    accessSync(file, constants.R_OK | constants.X_OK);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EACCES" || code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") return false;
    throw error;
  }
}
