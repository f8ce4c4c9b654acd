import { type NameGroup, namesOf } from "./name-groups.ts";
import { assistants } from "./protected/assistants.ts";
import { buildServers } from "./protected/build-servers.ts";
import { checks } from "./protected/checks.ts";
import { editors } from "./protected/editors.ts";
import { environments } from "./protected/environments.ts";
import { hooks } from "./protected/hooks.ts";
import { interpreters } from "./protected/interpreters.ts";
import { projects } from "./protected/projects.ts";
import { shells } from "./protected/shells.ts";
import { versionControl } from "./protected/version-control.ts";

/**
 * Names that guests may not write by default (RULES R11), grouped by reason. A name is here if a program of the owner runs
 * the file, or what the file names, without being asked: on opening a folder, entering it in a shell, using git, saving, or
 * starting a program that reads its settings there. Files that people run on purpose (a script, a notebook, a Makefile)
 * are not here. Content counts before names: git directories, virtual environments, hook folders and executables are
 * recognized by what they are.
 */
export const protectedGroups: readonly NameGroup[] = [
  versionControl,
  hooks,
  buildServers,
  editors,
  assistants,
  shells,
  environments,
  interpreters,
  checks,
  projects,
];

export const defaultProtected: readonly string[] = namesOf(protectedGroups);
