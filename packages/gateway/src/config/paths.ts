import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { expandHome } from "../system/home-folder.ts";

/** Where the container image has its IDE server. */
export const imageIdeServer = "/opt/calliope/WAIIDE-server";

/** Where “waiide ide install” puts an IDE server by default. */
export function installedIdeServer(environment: NodeJS.ProcessEnv): string {
  return absolutePath(join(environment.XDG_DATA_HOME || "~/.local/share", "waiide", "ide-server"));
}

/** The IDE server that runs where no setting names one. */
export function defaultIdeServer(environment: NodeJS.ProcessEnv): string {
  return existsSync(imageIdeServer) ? imageIdeServer : installedIdeServer(environment);
}

/** A path of a setting, from the home folder (`~/…`) or the current folder. */
export function absolutePath(path: string): string {
  return resolve(expandHome(path));
}
