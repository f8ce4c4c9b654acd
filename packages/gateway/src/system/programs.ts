import { accessSync, constants, statSync } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { hasCode } from "../base/error-code.ts";
import { isMissing } from "./missing-file.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The absolute path of a program on PATH; undefined if there is none. @param mode as `isProgram` */
export function findProgram(name: string, { PATH = "" }: Environment, mode?: number): string | undefined {
  // Nothing is run from a relative folder. An empty entry means the current one.
  const folders = PATH.split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, name)).find((file) => isProgram(file, mode));
}

/** Whether a file is there and may be executed by this user. @param mode what else the user must be able to do with it */
export function isProgram(file: string, mode = 0): boolean {
  try {
    accessSync(file, constants.X_OK | mode);
    return statSync(file).isFile();
  } catch (error) {
    if (isMissing(error) || hasCode(error, "EACCES", "ENAMETOOLONG")) return false;
    throw error;
  }
}

/** What compiles native modules (node-gyp): one program of each row is enough; the variables name others. */
const buildTools = [
  { what: "a C compiler", programs: ["cc", "gcc", "clang"], variables: ["CC"], debianPackage: "build-essential" },
  { what: "a C++ compiler", programs: ["c++", "g++", "clang++"], variables: ["CXX"], debianPackage: "build-essential" },
  { what: "make", programs: ["make", "gmake"], variables: ["MAKE"], debianPackage: "build-essential" },
  {
    what: "Python 3",
    programs: ["python3"],
    variables: ["NODE_GYP_FORCE_PYTHON", "npm_config_python", "PYTHON"],
    debianPackage: "python3",
  },
];

export interface MissingBuildTools {
  /** In words, e.g. `a C compiler, make`. */
  readonly missing: string;
  /** How to install them on this system. */
  readonly advice: string;
}

/** The tools for compiling native modules that are missing; undefined if none is. */
export async function findMissingBuildTools(environment: Environment): Promise<MissingBuildTools | undefined> {
  const missing: typeof buildTools = [];
  for (const tool of buildTools) {
    if (tool.variables.some((name) => environment[name])) continue;
    if (!tool.programs.some((name) => findProgram(name, environment) !== undefined)) missing.push(tool);
  }
  if (missing.length === 0) return undefined;
  const packages = [...new Set(missing.map(({ debianPackage }) => debianPackage))].join(" ");
  return { missing: missing.map(({ what }) => what).join(", "), advice: await installAdvice(packages) };
}

async function installAdvice(packages: string): Promise<string> {
  if (process.platform === "darwin") return "Install them with “xcode-select --install”, then try again.";
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const sudo = process.getuid?.() === 0 ? "" : "sudo ";
  const command = `${sudo}apt-get install -y ${packages}`;
  return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release)
    ? `Install them with “${command}”, then try again.`
    : `Install them (on Debian: “${command}”), then try again.`;
}

/** The folder of a Node with its header files, so that native modules compile without fetching them; undefined: it has none. */
export async function headersOf(node: string): Promise<string | undefined> {
  const folder = dirname(dirname(node));
  const found = await access(join(folder, "include", "node", "node.h")).then(
    () => true,
    () => false,
  );
  return found ? folder : undefined;
}
