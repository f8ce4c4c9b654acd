// Part of the image's build: lists what is in it, as CycloneDX 1.6 on standard output.
// node sbom.mjs product REPOSITORY | modules FOLDER | python FOLDER | extensions FOLDER | debian
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} Component
 * @property {string} name
 * @property {string} version
 * @property {string} purl
 * @property {string} [license]
 */

const [kind = "", folder = ""] = process.argv.slice(2);

/** @type {Readonly<Record<string, () => Promise<Component[]> | Component[]>>} */
const lists = {
  // What is compiled into our bundles.
  product: async () => {
    const { bundled } = await import(join(folder, "scripts/product/distribution.ts"));
    const { bundledIn } = await import(join(folder, "scripts/product/notices.ts"));
    const ours = bundled.map((/** @type {string} */ path) => join(folder, path));
    return bundledIn(ours.filter((/** @type {string} */ path) => existsSync(path))).map(ofNode);
  },
  modules: () => modulesBelow(folder).map(ofNode),
  python: () => pythonPackages(folder),
  extensions: () => extensionsIn(folder),
  debian: debianPackages,
};

const list = lists[kind];
if (list === undefined) throw new Error(`“${kind}” is none of ${Object.keys(lists).join(", ")}`);
const components = new Map((await list()).map((component) => [component.purl, component]));
const sorted = [...components.values()].sort((one, other) => (one.purl < other.purl ? -1 : 1));
const document = {
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  version: 1,
  metadata: { component: { type: "container", name: `waiide: ${kind}` } },
  components: sorted.map(({ license, ...component }) => ({
    type: "library",
    "bom-ref": component.purl,
    ...component,
    ...(license && { licenses: [{ license: { name: license } }] }),
  })),
};
process.stdout.write(`${JSON.stringify(document, undefined, 1)}\n`);

/**
 * @param {{ name: string, version: string, license?: string | { type?: string } }} manifest
 * @returns {Component}
 */
function ofNode({ name, version, license }) {
  const terms = typeof license === "string" ? license : license?.type;
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return { name, version, purl, ...(terms && { license: terms }) };
}

/**
 * The packages in all node_modules of a folder, as they are there.
 * @param {string} parent
 * @returns {{ name: string, version: string }[]}
 */
function modulesBelow(parent) {
  return readdirSync(parent, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name === "package.json" && /node_modules\/(@[^/]+\/)?[^/]+$/.test(entry.parentPath))
    .map((entry) => JSON.parse(readFileSync(join(entry.parentPath, entry.name), "utf8")))
    .filter(({ name, version }) => typeof name === "string" && typeof version === "string");
}

/** @returns {Component[]} */
function debianPackages() {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query(1)
  const format = "${Package}\\t${Version}\\t${Architecture}\\n";
  const rows = execFileSync("dpkg-query", ["-W", "-f", format], { encoding: "utf8" }).trim().split("\n");
  return rows.map((row) => {
    const [name = "", version = "", architecture] = row.split("\t");
    const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}`;
    return { name, version, purl };
  });
}

/**
 * @param {string} path
 * @returns {Component[]}
 */
function pythonPackages(path) {
  const options = ["-m", "pip", "list", "--disable-pip-version-check", "--format=json", `--path=${path}`];
  /** @type {{ name: string, version: string }[]} */
  const found = JSON.parse(execFileSync("python3", options, { encoding: "utf8" }));
  return found.map(({ name, version }) => ({
    name,
    version,
    purl: `pkg:pypi/${name.toLowerCase().replaceAll("_", "-")}@${encodeURIComponent(version)}`,
  }));
}

/**
 * @param {string} parent
 * @returns {Component[]}
 */
function extensionsIn(parent) {
  return readdirSync(parent).map((folder) => {
    const { publisher, name, version, license } = JSON.parse(
      readFileSync(join(parent, folder, "package.json"), "utf8"),
    );
    const id = `${publisher}.${name}`.toLowerCase();
    const purl = `pkg:vscode-extension/${id.replace(".", "/")}@${version}`;
    return { name: id, version, purl, ...(typeof license === "string" && { license }) };
  });
}
