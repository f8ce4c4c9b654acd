// Python virtual environments for the tests and for `npm run hub`, each made once. Runs under Node 20, too.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What pip and npm may print, in bytes. */
const outputLimit = 2 ** 26;

/** @typedef {(text: string) => void} Tell gets a line before each long step */

/** Where environments and programs are kept between runs. */
export function cacheFolder() {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "waiide-tests");
}

/**
 * Makes the environment if it is missing, was left half-finished or was made from other packages.
 * @param {{ name: string, title: string, packages: readonly string[], oldest: [number, number], newest?: [number, number], tell: Tell }} wishes
 *   packages: pip's requirements, all in one resolve; oldest, newest: versions of Python it works with
 * @returns {Promise<string>} the environment's `bin` folder
 */
export async function pythonEnvironment({ name, title, packages, oldest, newest, tell }) {
  const folder = join(cacheFolder(), name);
  const bin = join(folder, "bin");
  await onceInstalled(folder, packages, async () => {
    const python = await findPython(title, oldest, newest);
    tell(`Installing ${title} into ${folder} …`);
    await run(python, ["-m", "venv", folder]).catch((error) => {
      const advice = `${python} cannot make a virtual environment; on Debian install python3-venv.`;
      throw new Error(`${advice} ${error.stderr ?? ""}`, { cause: error });
    });
    const options = ["--quiet", "--disable-pip-version-check", "--no-input"];
    await run(join(bin, "python"), ["-m", "pip", "install", ...options, ...packages], { maxBuffer: outputLimit });
  });
  return bin;
}

/**
 * Makes a folder with one npm package if it is missing or was left half-finished.
 * @param {{ name: string, version: string, tell: Tell }} wishes
 * @returns {Promise<string>} the package's folder
 */
export async function nodePackage({ name, version, tell }) {
  const folder = join(cacheFolder(), `${name}-${version}`);
  await onceInstalled(folder, [`${name}@${version}`], async () => {
    tell(`Installing ${name} ${version} into ${folder} …`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "package.json"), '{ "private": true }\n');
    const options = ["--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact"];
    // In the folder itself: npm would look for a workspace above the one it is called in.
    await run("npm", ["install", ...options, `${name}@${version}`], { cwd: folder, maxBuffer: outputLimit });
  });
  return join(folder, "node_modules", name);
}

/**
 * @param {string} folder
 * @param {readonly string[]} wishes
 * @param {() => Promise<void>} install
 */
async function onceInstalled(folder, wishes, install) {
  const finished = join(folder, "finished");
  const stamp = `${wishes.join("\n")}\n`;
  const isInstalled = async () => (await exists(finished)) && (await readFile(finished, "utf8")) === stamp;
  if (await isInstalled()) return;
  await mkdir(join(folder, ".."), { recursive: true });
  await whileLocked(`${folder}.lock`, async () => {
    if (await isInstalled()) return;
    await rm(folder, { recursive: true, force: true });
    await install();
    await writeFile(finished, stamp);
  });
}

/**
 * Tests of two files may want the same at once. The kernel's lock is held by a child, which ends with us, whatever ends us.
 * @param {string} file
 * @param {() => Promise<void>} work
 */
async function whileLocked(file, work) {
  const holder = spawn("flock", [file, "sh", "-c", "echo held; exec cat"], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(holder, "exit");
  const failed = ended.then(([code]) => {
    throw new Error(`flock ${file} ended with ${code}`);
  });
  await Promise.race([once(holder.stdout, "data"), failed]);
  try {
    await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}

/**
 * The first Python of a version that fits.
 * @param {string} title
 * @param {[number, number]} oldest
 * @param {[number, number]} [newest]
 */
async function findPython(title, oldest, newest = [3, 99]) {
  const names = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];
  const fits = `import sys; sys.exit(not (${tuple(oldest)} <= sys.version_info[:2] <= ${tuple(newest)}))`;
  for (const name of names) {
    try {
      await run(name, ["-c", fits]);
      return name;
    } catch (error) {
      // Missing or of another version: the next one may do.
      const { code } = /** @type {{ code?: string | number }} */ (error);
      if (code !== "ENOENT" && typeof code !== "number") throw error;
    }
  }
  const range = newest[1] === 99 ? `${oldest.join(".")} or newer` : `${oldest.join(".")} to ${newest.join(".")}`;
  throw new Error(`${title} needs Python ${range} with venv; none of ${names.join(", ")} is.`);
}

/** @param {[number, number]} version */
function tuple([major, minor]) {
  return `(${major}, ${minor})`;
}

/** @param {string} file */
function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}
