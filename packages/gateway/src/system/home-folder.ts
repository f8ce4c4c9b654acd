import { homedir, type UserInfo, userInfo } from "node:os";
import { isAbsolute, join } from "node:path";
import { hasCode } from "../base/error-code.ts";
import { GatewayError } from "../base/errors.ts";

/**
 * The user's home folder.
 * @throws GatewayError HOME_MISSING where HOME is not set and the user has no entry in passwd, as in containers of an
 *   arbitrary uid
 */
export function homeFolder(): string {
  const home = unlessUnknown(homedir);
  if (home === undefined || !isAbsolute(home)) {
    throw new GatewayError("HOME_MISSING", { uid: process.getuid?.() ?? "unknown" });
  }
  return home;
}

/** What the system says of this process's user; undefined: the user has no entry in passwd. */
export function ownUser(): UserInfo<string> | undefined {
  return unlessUnknown(() => userInfo());
}

function unlessUnknown<Result>(ask: () => Result): Result | undefined {
  try {
    return ask();
  } catch (error) {
    if (hasCode(error, "ERR_SYSTEM_ERROR")) return undefined;
    throw error;
  }
}

/** `~` and `~/…` as paths in the home folder; other paths stay as they are. */
export function expandHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homeFolder(), path.slice(1)) : path;
}
