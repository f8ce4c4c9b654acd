import { realpathSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../config/config.ts";
import { homeFolder } from "../../system/home-folder.ts";

/** What the kernel shows of processes, their environments and memory included. */
const kernel = ["/proc", "/sys", "/dev"];

/** Never inside any scope (RULES R10): what belongs to the gateway and the IDE, and what is no file of anybody. */
export function outsideOf({ dataFolder, gatewayFolder }: Config, runtimeFolder: string): string[] {
  return [
    ...new Set([dataFolder, gatewayFolder, runtimeFolder, join(homeFolder(), ".config", "waiide"), ...kernel]),
  ].map(real);
}

/** Their names are compared with names that hold no links. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return path;
    throw error;
  }
}
