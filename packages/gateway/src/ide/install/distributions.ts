/**
 * The VS Code servers that can be installed and started. They share one layout (`product.json`, `out/server-main.js`);
 * this table holds how they are told apart and in what they differ.
 */
export interface Distribution {
  readonly id: "waiide" | "code-server" | "openvscode-server" | "microsoft" | "other";
  readonly name: string;
  /** Whether our own tests run it; `waiide doctor` says so where they do not. */
  readonly tested: boolean;
  /** The server's main script, below its folder. */
  readonly mainScript: string;
  /** Programs that may lie beside the server, made for it: Node, below its folder. */
  readonly bundledNodes: readonly string[];
  /** The Node version it is made for; undefined where that changes from release to release. */
  readonly node: number | undefined;
  /** Further arguments of the main script; `{workspace}` stands for the folder to open. */
  readonly arguments: readonly string[];
  /** Whether `--install-builtin-extension` is known to work while it starts; else ours is installed as users' are. */
  readonly installsBuiltins: boolean;
  /** Names, without the publisher and in lower case, of its own extensions for sharing: ours takes their place. */
  readonly formerExtensions: readonly string[];
  recognises(product: Product): boolean;
}

/** What is read of `product.json`; all fields that builds of VS Code may leave out are optional. */
export interface Product {
  readonly nameShort: string | undefined;
  readonly nameLong: string | undefined;
  readonly applicationName: string | undefined;
  readonly serverApplicationName: string | undefined;
  readonly version: string | undefined;
  readonly commit: string | undefined;
  readonly quality: string | undefined;
  readonly codeServerVersion: string | undefined;
}

/** The release of code-server that is installed and tested; it needs Node 24. */
export const codeServerVersion = "4.139.1";

/** The extension that WAIIDE's images carried; users may have installed it anywhere. Its build is not public, nor its publisher. */
const formerExtensions = ["calliope-waiide-agent", "waiide-agent", "waiide-share"];

/** What most servers have in common. */
const usual = {
  mainScript: "out/server-main.js",
  bundledNodes: ["node"],
  node: undefined,
  arguments: ["--default-folder", "{workspace}"],
  installsBuiltins: true,
  formerExtensions,
} as const;

/** The first row that recognises a product wins; the last one recognises all. */
export const distributions: readonly Distribution[] = [
  {
    id: "waiide",
    name: "WAIIDE",
    tested: false,
    ...usual,
    // WAIIDE's images name the workspace last; Code's own option for it does no harm where that suffices.
    arguments: ["--default-folder", "{workspace}", "{workspace}"],
    recognises: (product) => namesOf(product).some((name) => /waiide/i.test(name)),
  },
  {
    id: "code-server",
    name: "code-server",
    tested: true,
    ...usual,
    // The stand-alone release has its Node in lib/node, the server in lib/vscode.
    bundledNodes: ["../../lib/node"],
    node: 24,
    arguments: ["--default-folder", "{workspace}", "--disable-update-check"],
    recognises: (product) => product.codeServerVersion !== undefined || product.applicationName === "code-server",
  },
  {
    id: "openvscode-server",
    name: "OpenVSCode Server",
    tested: false,
    ...usual,
    recognises: (product) => namesOf(product).some((name) => /openvscode/i.test(name)),
  },
  {
    id: "microsoft",
    name: "Visual Studio Code Server",
    tested: false,
    ...usual,
    recognises: (product) => /^Visual Studio Code\b/.test(product.nameLong ?? ""),
  },
  {
    id: "other",
    name: "unknown VS Code server",
    tested: false,
    ...usual,
    installsBuiltins: false,
    recognises: () => true,
  },
];

/** The row of the table that a product belongs to. */
export function distributionOf(product: Product): Distribution {
  const found = distributions.find((distribution) => distribution.recognises(product));
  if (!found) throw new Error("The table of distributions has lost its last row.");
  return found;
}

/** Reads the fields of `product.json` that matter here; undefined if it is not a JSON object. */
export function parseProduct(text: string): Product | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  return {
    nameShort: stringOrNothing(fields.nameShort),
    nameLong: stringOrNothing(fields.nameLong),
    applicationName: stringOrNothing(fields.applicationName),
    serverApplicationName: stringOrNothing(fields.serverApplicationName),
    version: stringOrNothing(fields.version),
    commit: stringOrNothing(fields.commit),
    quality: stringOrNothing(fields.quality),
    codeServerVersion: stringOrNothing(fields.codeServerVersion),
  };
}

function namesOf(product: Product): readonly string[] {
  const names = [product.nameShort, product.nameLong, product.applicationName, product.serverApplicationName];
  return names.filter((name) => name !== undefined);
}

function stringOrNothing(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
