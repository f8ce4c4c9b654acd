import { realpathSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "../../base/error-code.ts";
import { homeFolder } from "../../system/home-folder.ts";

/** Here the kernel shows processes with their environments and memory. */
const kernel = ["/proc", "/sys", "/dev"];

/** Paths outside every scope (RULES R10): the given folders of the gateway and the IDE, settings, and the kernel's files. */
export function outsideOf(ownFolders: readonly string[]): string[] {
  return [...new Set([...ownFolders, join(homeFolder(), ".config", "waiide"), ...kernel])].map(real);
}

/** They are compared with paths without links. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return path;
    throw error;
  }
}
