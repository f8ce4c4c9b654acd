import { GatewayError, reasonOf } from "../base/errors.ts";
import { everyAddress } from "../config/hub-settings.ts";
import { hasSpareData, makeFolders, makeSpareData, removeSpareData } from "./data-folder.ts";
import { checkHome, findHome, type Home, isKept, prepareHome } from "./home.ts";
import type { Owner } from "./ownership.ts";
import { imagePlaces, type Places } from "./places.ts";
import { userNameOf } from "./user-name.ts";

/**
 * What the image's entrypoint does before the command itself, in the same process: the user's home is made ready and root
 * dropped, after which the kernel hides this process's environment from the user's programs (RULES R4). Commands other
 * than `serve` only become the same user with the same home. `WAIIDE_CONTAINER=1` asks for it; nothing else does.
 * @param argv what follows the program's name
 * @param environment changed: HOME, and what else the home decides
 * @returns what an administrator should know
 * @throws GatewayError USER_NAME_REFUSED, HOME_UNUSABLE, ROOT_NOT_DROPPED, DATA_FOLDER_UNUSABLE
 */
export function enterContainer(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
  places: Places = imagePlaces,
): readonly string[] {
  const command = argv[0] ?? "serve";
  if (unprepared.has(command)) return [];
  const serves = command === "serve" || command.startsWith("-");
  const { folder, warnings } = becomeUser(userNameOf(environment), serves, environment, places);
  checkHome(folder);
  environment.HOME = folder;
  environment.SHELL ??= "/bin/bash";
  if (!serves) {
    if (hasSpareData(places.spareData)) environment.WAIIDE_DATA_DIR ??= places.spareData;
    return [];
  }
  process.chdir(folder);
  // A container is for others to reach; who may come in must then be said, unless a hub does.
  if (!environment.JUPYTERHUB_SERVICE_URL) environment.WAIIDE_HOST ??= everyAddress();
  return [...warnings, ...lossWarnings(folder, environment), ...settleData(folder, environment, places)];
}

/** These run as whoever calls them. */
const unprepared = new Set(["ide", "help", "--help", "-h", "--version", "-V"]);

function becomeUser(user: string, serves: boolean, environment: NodeJS.ProcessEnv, places: Places): Home {
  if (process.getuid?.() !== 0) return findHome(user, environment.HOME, places, serves);
  const home = serves ? prepareHome(user, places) : { folder: `${places.homes}/${user}`, warnings: [] };
  dropRoot(places.owner);
  return home;
}

/** Root's groups go, too. Nothing that this process does later brings any of it back. */
function dropRoot({ uid, gid }: Owner): void {
  try {
    process.setgroups?.([gid]);
    process.setgid?.(gid);
    process.setuid?.(uid);
  } catch (error) {
    throw new GatewayError("ROOT_NOT_DROPPED", { reason: reasonOf(error) });
  }
  if (process.getuid?.() !== uid) throw new GatewayError("ROOT_NOT_DROPPED", { reason: "the kernel kept it" });
}

function lossWarnings(home: string, environment: NodeJS.ProcessEnv): string[] {
  if (!environment.JUPYTERHUB_USER || isKept(home)) return [];
  return [`${home} is no volume: what is in it is lost with the container.`];
}

/** Nobody is locked out by a home that is full or read-only: his files open, and he can make room. */
function settleData(home: string, environment: NodeJS.ProcessEnv, { spareData }: Places): string[] {
  const problem = makeFolders(home);
  if (environment.WAIIDE_DATA_DIR) return [];
  if (problem === undefined) {
    removeSpareData(spareData);
    return [];
  }
  makeSpareData(spareData);
  environment.WAIIDE_DATA_DIR = spareData;
  return [
    `The home folder cannot be written (${problem}). Files still open; settings, extensions and shares are kept in ${spareData} and lost when this server stops.`,
  ];
}
