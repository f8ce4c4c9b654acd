// The repository's dependencies, Node 24 among them. What is installed is not installed again; a half-finished installation is
// repeated. Runs on Node 20 without any dependency.
import { existsSync, readFileSync, statfsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { npmFailure } from "./npm-failures.mjs";
import { repository, run, SetupError, step } from "./steps.mjs";

/** Disk space that dependencies take, with some room for npm's cache. Bytes. */
const spaceForDependencies = 1e9;

/** Runs `npm ci` unless everything in package-lock.json is installed. */
export async function installDependenciesIfNeeded() {
  checkTools();
  if (!dependenciesInstalled()) await installDependencies();
}

function checkTools() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) {
    throw new SetupError(
      `Node 20 or newer is needed; this is ${process.versions.node}.`,
      "Install a newer Node (https://nodejs.org/, or your system's packages), then run the same command again.",
    );
  }
  const found = (process.env.PATH ?? "").split(delimiter).some((folder) => folder && existsSync(join(folder, "npm")));
  if (!found) {
    throw new SetupError("npm is not on PATH.", "Install it (on Debian: “apt-get install -y npm”), then try again.");
  }
}

/**
 * npm writes node_modules/.package-lock.json when all else is done, so a half-finished installation has none. What it
 * names must be what package-lock.json wants.
 */
function dependenciesInstalled() {
  const wanted = packagesIn(join(repository, "package-lock.json"));
  const installed = packagesIn(join(repository, "node_modules", ".package-lock.json"));
  if (!wanted || !installed) return false;
  for (const [path, { version, optional, link }] of Object.entries(wanted)) {
    if (!path.startsWith("node_modules/") || link) continue;
    const found = installed[path];
    if (found ? found.version !== version : !optional) return false;
    if (found && !existsSync(join(repository, path, "package.json"))) return false;
  }
  return true;
}

/**
 * @param {string} lockFile
 * @returns {Record<string, { version?: string, optional?: boolean, link?: boolean }> | undefined}
 */
function packagesIn(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, "utf8")).packages;
  } catch (error) {
    if (error instanceof SyntaxError || /** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT")
      return undefined;
    throw error;
  }
}

async function installDependencies() {
  const { bavail, bsize } = statfsSync(repository);
  if (bavail * bsize < spaceForDependencies) {
    throw new SetupError(
      `The disk is too full: ${gigabytes(bavail * bsize)} are free, dependencies need ${gigabytes(spaceForDependencies)}.`,
      "Free some space, then run the same command again; an IDE server needs 1.5 GB more.",
    );
  }
  await step("Install dependencies (npm ci)", async () => {
    const { code, output } = await run("npm", ["ci", "--no-fund", "--no-audit"], { env: process.env });
    if (code !== 0) throw npmFailure("Installing dependencies (npm ci)", output);
  });
  if (!dependenciesInstalled()) {
    throw new SetupError(
      "npm ci ended well, but some packages are still missing.",
      "Look whether “npm config list” has omit or production set; remove node_modules, then try again.",
    );
  }
}

/** @param {number} bytes */
function gigabytes(bytes) {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
