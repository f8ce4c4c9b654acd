// The product as one folder that runs wherever it is put: what the image and the wheel are made of. Runs on Node 20 without
// any dependency.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { noticesFor } from "./notices.mjs";
import { SetupError } from "./steps.mjs";

/** Names of the command: the second is what hubs call where nobody told them another. */
const commands = ["waiide", "jupyterhub-singleuser"];

/**
 * @typedef {object} Part
 * @property {string} from in the repository
 * @property {string} to in the folder; what the gateway looks for beside its own code lies in `dist`
 * @property {(path: string) => boolean} [wanted] of the files below, by their path there; all without it
 */

/** @type {readonly Part[]} */
const parts = [
  { from: "packages/gateway/bin/waiide", to: "bin/waiide" },
  { from: "packages/gateway/dist/waiide.cjs", to: "dist/waiide.cjs" },
  { from: "packages/gateway/dist/gateway.cjs", to: "dist/gateway.cjs" },
  { from: "packages/gateway/dist/store-worker.cjs", to: "dist/store-worker.cjs" },
  { from: "packages/gateway/dist/merge-worker.cjs", to: "dist/merge-worker.cjs" },
  { from: "packages/gateway/dist/check-worker.cjs", to: "dist/check-worker.cjs" },
  { from: "packages/gateway/dist/compiled", to: "dist/compiled" },
  { from: "packages/workbench/dist", to: "dist/workbench", wanted: (path) => path !== "stamp" },
  { from: "packages/extension/dist/waiide-hub.vsix", to: "dist/waiide-hub.vsix" },
  { from: "packages/extension/dist/waiide-page.js", to: "dist/waiide-page.js" },
  { from: "packages/extension/dist/keeper", to: "dist/keeper" },
  { from: "LICENSE", to: "LICENSE" },
];

/** What is compiled in. */
export const bundled = ["packages/protocol", "packages/gateway", "packages/workbench", "packages/extension"];

/**
 * Puts everything together in a folder that is new, empty or an earlier one of ours. It needs Node 24 or newer on PATH, and
 * nothing else of the repository.
 * @param {string} repository with everything built
 * @param {string} folder
 * @throws SetupError where something was not built, or the folder holds something else
 */
export function assemble(repository, folder) {
  const missing = parts.filter(({ from }) => !existsSync(join(repository, from)));
  if (missing.length > 0) {
    throw new SetupError(
      `These parts were not built: ${missing.map(({ from }) => from).join(", ")}`,
      "Run “npm run build”, then the same command again.",
    );
  }
  requireReplaceable(folder);
  const staging = join(dirname(folder), `.${basename(folder)}.new`);
  rmSync(staging, { recursive: true, force: true });
  for (const part of parts) copyPart(join(repository, part.from), join(staging, part.to), part.wanted);
  for (const name of commands.slice(1)) symlinkSync("waiide", join(staging, "bin", name));
  writeFileSync(join(staging, "package.json"), manifestFrom(join(repository, "packages/gateway/package.json")));
  const withTerms = bundled.map((name) => join(repository, name));
  writeFileSync(join(staging, "THIRD-PARTY-NOTICES.txt"), noticesFor(withTerms));
  makeReadable(staging);
  rmSync(folder, { recursive: true, force: true });
  renameSync(staging, folder);
}

/** @param {string} folder */
function requireReplaceable(folder) {
  if (!existsSync(folder) || existsSync(join(folder, "dist", "waiide.cjs")) || readdirSync(folder).length === 0) return;
  throw new SetupError(`${folder} holds something else.`, "Name a folder that is new or empty.");
}

/**
 * @param {string} from
 * @param {string} to
 * @param {(path: string) => boolean} [wanted]
 */
function copyPart(from, to, wanted = () => true) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, filter: (path) => wanted(relative(from, path)) });
}

/**
 * What of its manifest is true of the folder: it needs no dependency.
 * @param {string} file
 */
function manifestFrom(file) {
  const { name, version, description, license, type, bin } = JSON.parse(readFileSync(file, "utf8"));
  const manifest = { name, version, description, license, type, bin, engines: { node: ">=24" } };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

/**
 * An installed program is for all users, whatever the umask was.
 * @param {string} folder
 */
function makeReadable(folder) {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    // Node 20 below 20.12 calls it `path`.
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isDirectory()) chmodSync(path, 0o755);
    else if (entry.isFile()) chmodSync(path, dirname(path) === join(folder, "bin") ? 0o755 : 0o644);
  }
}
