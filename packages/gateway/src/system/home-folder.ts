import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { GatewayError } from "../base/errors.ts";

/**
 * The user's home folder.
 * @throws GatewayError HOME_MISSING where HOME is not set and the user has no entry in passwd, as in containers of an
 *   arbitrary uid
 */
export function homeFolder(): string {
  const home = known();
  if (home === undefined || !isAbsolute(home)) {
    throw new GatewayError("HOME_MISSING", { uid: process.getuid?.() ?? "unknown" });
  }
  return home;
}

function known(): string | undefined {
  try {
    return homedir();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SYSTEM_ERROR") throw error;
    return undefined;
  }
}

/** `~` and `~/…` as paths in the home folder; other paths stay as they are. */
export function expandHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homeFolder(), path.slice(1)) : path;
}
