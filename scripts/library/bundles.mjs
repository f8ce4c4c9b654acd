// What is built from the sources, each with a stamp of what it was built from: what did not change is not built again. Runs on
// Node 20 without any dependency.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository, run, SetupError, step } from "./steps.mjs";

/**
 * @typedef {object} Bundle
 * @property {string} title of its step
 * @property {string} folder its package
 * @property {readonly string[]} uses packages whose sources are in it; its own too
 * @property {readonly string[]} files of its package that decide how it is built
 */

/** @type {Bundle} */
export const gatewayBundle = {
  title: "Build the gateway",
  folder: join(repository, "packages", "gateway"),
  uses: ["gateway", "protocol"],
  files: ["build.mjs", "warm.mjs", "start.cjs"],
};

/** @type {Bundle} */
export const workbenchBundle = {
  title: "Build the guest workbench (about a minute the first time)",
  folder: join(repository, "packages", "workbench"),
  uses: ["workbench", "protocol"],
  files: ["build.mjs", "compress.mjs", "extension-manifests.mjs", "policy.mjs", "vite.config.ts"],
};

/** @type {Bundle} */
export const extensionBundle = {
  title: "Build the extension",
  folder: join(repository, "packages", "extension"),
  uses: ["extension", "protocol"],
  files: ["build.mjs", "package.nls.json", "l10n/bundle.l10n.json", "media/shares.svg"],
};

/** Builds everything that changed. */
export async function buildAll() {
  for (const bundle of [gatewayBundle, extensionBundle, workbenchBundle]) await buildIfChanged(bundle);
}

/**
 * @param {Bundle} bundle
 * @returns {Promise<boolean>} whether there was something to build
 */
export async function buildIfChanged(bundle) {
  const stamp = hashOfSources(bundle);
  if (existsSync(stampOf(bundle)) && readFileSync(stampOf(bundle), "utf8") === stamp) return false;
  forget(bundle);
  await step(bundle.title, async () => {
    const { code, output } = await run("node", [join(bundle.folder, "build.mjs")]);
    if (code === 0) return;
    throw new SetupError(
      `The build failed:\n${output.trimEnd()}`,
      "If you changed no source, remove node_modules and run the same command again.",
    );
  });
  mkdirSync(join(bundle.folder, "dist"), { recursive: true });
  writeFileSync(`${stampOf(bundle)}.new`, stamp);
  renameSync(`${stampOf(bundle)}.new`, stampOf(bundle));
  return true;
}

/**
 * The next time it is built again, whatever changed.
 * @param {Bundle} bundle
 */
export function forget(bundle) {
  rmSync(stampOf(bundle), { force: true });
}

/** @param {Bundle} bundle */
function stampOf({ folder }) {
  return join(folder, "dist", "stamp");
}

/** @param {Bundle} bundle */
function hashOfSources({ folder, uses, files: own }) {
  const hash = createHash("sha256");
  const files = [join(repository, "package-lock.json"), ...own.map((name) => join(folder, name))];
  for (const name of uses) {
    const used = join(repository, "packages", name);
    files.push(join(used, "package.json"));
    for (const entry of readdirSync(join(used, "src"), { recursive: true, withFileTypes: true })) {
      // Node 20 below 20.12 calls it `path`.
      if (entry.isFile()) files.push(join(entry.parentPath ?? entry.path, entry.name));
    }
  }
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}
