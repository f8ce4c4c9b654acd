import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** The absolute path of a program found on PATH; undefined if there is none. */
export async function findProgram(name: string, environment: Environment): Promise<string | undefined> {
  for (const folder of (environment.PATH ?? "").split(delimiter)) {
    // An empty entry means the current folder: nothing from there is ever run.
    if (folder === "") continue;
    const file = join(folder, name);
    if (await isProgram(file)) return file;
  }
  return undefined;
}

/** Whether a file is there and may be executed by this user. */
export async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR", "EACCES", "ELOOP", "ENAMETOOLONG"].includes(code)) return false;
    throw error;
  }
}

/** What compiles native modules (node-gyp): any one program of each row will do; the variable names another. */
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
  /** What to do about it on this system. */
  readonly advice: string;
}

/** What is missing to compile native modules; undefined if all is there. */
export async function findMissingBuildTools(environment: Environment): Promise<MissingBuildTools | undefined> {
  const missing: typeof buildTools = [];
  for (const tool of buildTools) {
    if (tool.variables.some((name) => environment[name])) continue;
    const found = await Promise.all(tool.programs.map((name) => findProgram(name, environment)));
    if (found.every((file) => file === undefined)) missing.push(tool);
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

/** Whether the header files of a Node lie beside it, so that native modules compile without fetching them. */
export async function headersOf(node: string): Promise<string | undefined> {
  const folder = dirname(dirname(node));
  const found = await access(join(folder, "include", "node", "node.h")).then(
    () => true,
    () => false,
  );
  return found ? folder : undefined;
}
