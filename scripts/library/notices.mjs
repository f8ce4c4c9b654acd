// The licences of what is compiled into our bundles. Runs on Node 20 without any dependency.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** How packages name the files with their terms. */
const termsFile = /^(licen[cs]e|copying|notice|third.?party.?(licen[cs]es|notices))([-._].*)?$/i;

/** What only makes bundles, and types, which are gone before. */
const notBundled = /^(@types\/.*|@vscode\/vsce|esbuild|vite)$/;

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {string | { type?: string }} [license]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 */

/**
 * The terms of everything that a bundle may contain: what its package names and all that this depends on. That is rather
 * too much than too little, as bundlers leave out what is not used.
 * @param {readonly string[]} packages folders of our own packages, each with a package.json
 * @returns {string} the text, the same terms once
 */
export function noticesFor(packages) {
  /** @type {Map<string, string[]>} */
  const byTerms = new Map();
  for (const { folder, name, version, license } of bundledIn(packages)) {
    const terms =
      termsIn(folder) || `License: ${typeof license === "string" ? license : (license?.type ?? "not stated")}`;
    byTerms.set(terms, [...(byTerms.get(terms) ?? []), `${name} ${version}`]);
  }
  const parts = [...byTerms].map(([terms, names]) => `${names.sort().join("\n")}\n\n${terms}`).sort();
  const line = `\n\n${"-".repeat(80)}\n\n`;
  return `WAIIDE contains parts of the following packages, under the terms given with each.${line}${parts.join(line)}\n`;
}

/**
 * Other people's packages that a bundle may contain.
 * @param {readonly string[]} packages folders of our own
 * @returns {(Manifest & { folder: string })[]}
 */
export function bundledIn(packages) {
  /** @type {Map<string, Manifest & { folder: string }>} */
  const found = new Map();
  for (const folder of packages) {
    const { dependencies, devDependencies } = manifestOf(folder);
    for (const name of Object.keys({ ...dependencies, ...devDependencies })) collect(name, folder, found);
  }
  return [...found.values()].filter(({ name }) => !name.startsWith("@waiide/"));
}

/**
 * @param {string} name
 * @param {string} from folder of the package that asks for it
 * @param {Map<string, Manifest & { folder: string }>} found
 */
function collect(name, from, found) {
  const folder = resolvePackage(name, from);
  // An optional one for another system.
  if (folder === undefined || found.has(folder) || notBundled.test(name)) return;
  const manifest = manifestOf(folder);
  found.set(folder, { ...manifest, folder });
  for (const next of Object.keys(manifest.dependencies ?? {})) collect(next, folder, found);
}

/**
 * Where Node would find it.
 * @param {string} name
 * @param {string} from
 * @returns {string | undefined}
 */
function resolvePackage(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}

/** @param {string} folder */
function termsIn(folder) {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && termsFile.test(entry.name))
    .map(({ name }) => name);
  return names
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n").trim())
    .join("\n\n");
}

/**
 * @param {string} folder
 * @returns {Manifest}
 */
function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
