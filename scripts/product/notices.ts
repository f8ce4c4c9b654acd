// The licences of everything that is compiled into our bundles. Needs none of the repository's dependencies.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** How packages name the files with their terms. */
const termsFile = /^(licen[cs]e|copying|notice|third.?party.?(licen[cs]es|notices))([-._].*)?$/i;

/** Packages that only build bundles, and types, which no bundle contains. */
const notBundled = /^(@types\/.*|@vscode\/vsce|esbuild|vite)$/;

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string | { readonly type?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** A package, and where it is installed. */
export type Installed = Manifest & { readonly folder: string };

/**
 * The terms of everything that a bundle may contain: the dependencies of its package, and theirs. That may be too much, never
 * too little, as bundlers leave out what is not used. The same terms appear once.
 * @param packages folders of our own packages, each with a package.json
 */
export function noticesFor(packages: readonly string[]): string {
  const byTerms = new Map<string, string[]>();
  for (const { folder, name, version, license } of bundledIn(packages)) {
    const terms =
      termsIn(folder) || `License: ${typeof license === "string" ? license : (license?.type ?? "not stated")}`;
    byTerms.set(terms, [...(byTerms.get(terms) ?? []), `${name} ${version}`]);
  }
  const parts = [...byTerms].map(([terms, names]) => `${names.sort().join("\n")}\n\n${terms}`).sort();
  const line = `\n\n${"-".repeat(80)}\n\n`;
  return `WAIIDE contains parts of the following packages, under the terms given with each.${line}${parts.join(line)}\n`;
}

/** Other people's packages that the bundles of these folders may contain. */
export function bundledIn(packages: readonly string[]): Installed[] {
  const found = new Map<string, Installed>();
  for (const folder of packages) {
    const { dependencies, devDependencies } = manifestOf(folder);
    for (const name of Object.keys({ ...dependencies, ...devDependencies })) collect(name, folder, found);
  }
  return [...found.values()].filter(({ name }) => !name.startsWith("@waiide/"));
}

/** `from` is the folder of the package that depends on it. */
function collect(name: string, from: string, found: Map<string, Installed>): void {
  const folder = resolvePackage(name, from);
  // An optional package for another system is not installed.
  if (folder === undefined || found.has(folder) || notBundled.test(name)) return;
  const manifest = manifestOf(folder);
  found.set(folder, { ...manifest, folder });
  for (const next of Object.keys(manifest.dependencies ?? {})) collect(next, folder, found);
}

/** Where Node would find it. */
function resolvePackage(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}

function termsIn(folder: string): string {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && termsFile.test(entry.name))
    .map(({ name }) => name);
  return names
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n").trim())
    .join("\n\n");
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
