import { GatewayError, reasonOf } from "../base/errors.ts";
import { everyAddress } from "../config/hub-settings.ts";
import { hasSpareData, makeFolders, makeSpareData, removeSpareData } from "./data-folder.ts";
import { checkHome, findHome, type Home, isKept, prepareHome } from "./home.ts";
import type { Owner } from "./ownership.ts";
import { imagePlaces, type Places } from "./places.ts";
import { userNameOf } from "./user-name.ts";

/**
 * The image's entrypoint, which runs before the command in the same process. It prepares the user's home and drops root, so
 * that the kernel hides this process's environment from the user's programs (RULES R4). Commands other than `serve` only
 * become the same user with the same home. Only `WAIIDE_CONTAINER=1` turns this on.
 * @param argv without the name of the program
 * @param environment changed: HOME, and what depends on the home
 * @returns warnings for the administrator
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
  // Other machines must reach a container. Without a hub, the administrator then has to choose who may get in.
  if (!environment.JUPYTERHUB_SERVICE_URL) environment.WAIIDE_HOST ??= everyAddress();
  return [...warnings, ...lossWarnings(folder, environment), ...settleData(folder, environment, places)];
}

/** These commands run as the user who calls them. */
const unprepared = new Set(["ide", "help", "--help", "-h", "--version", "-V"]);

function becomeUser(user: string, serves: boolean, environment: NodeJS.ProcessEnv, places: Places): Home {
  if (process.getuid?.() !== 0) return findHome(user, environment.HOME, places, serves);
  const home = serves ? prepareHome(user, places) : { folder: `${places.homes}/${user}`, warnings: [] };
  dropRoot(places.owner);
  return home;
}

/** Drops root and its groups for good. */
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

/** A home that is full or read-only does not lock its user out: the files open, and the user can make room. */
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
