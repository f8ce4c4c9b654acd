import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { GatewayError, reasonOf } from "../../base/errors.ts";
import { listFolder, unlessMissing } from "../../system/missing-file.ts";
import { childNode } from "../../system/node-program.ts";
import { isProgram } from "../../system/programs.ts";
import { type Distribution, distributionOf, parseProduct } from "./distributions.ts";
import { elfArchitecture, nativeModuleOf } from "./native-module.ts";

/** A VS Code server on this machine that can be started. */
export interface IdeServer {
  /** The folder that holds `product.json`; absolute. */
  readonly folder: string;
  readonly distribution: Distribution;
  /** The product's own name, e.g. `code-server`. */
  readonly productName: string;
  /** Version of VS Code, e.g. `1.139.1`. */
  readonly version: string;
  /** Version of the distribution where it counts its own, else the same as `version`. */
  readonly release: string;
  readonly commit: string | undefined;
  readonly quality: string;
  /** Path under which the server serves its own folder: `/<quality>-<commit>/static/`, both slashes included. */
  readonly staticPrefix: string;
  /** Absolute path of `server-main.js`. */
  readonly mainScript: string;
  /** The Node to start it with: the one it brings, for which its native modules were made, or the one that runs us. */
  readonly node: string;
}

/** What a server must fit to; tests name others than this one. */
export interface Machine {
  readonly platform: string;
  readonly architecture: string;
  /** The Node that starts servers which bring none. */
  readonly node: string;
}

function thisMachine(): Machine {
  return { platform: process.platform, architecture: process.arch, node: childNode() };
}

/** Without these the server does not start, or has no terminal; older builds name the watchdog without its scope. */
const requiredModules = ["@vscode/spdlog", "node-pty"];
const optionalModules = ["@vscode/native-watchdog", "native-watchdog"];

/** The native modules that a server must be able to load, below its node_modules. */
export async function nativeModulesOf(folder: string): Promise<string[]> {
  const present: string[] = [];
  for (const name of optionalModules) {
    if ((await listFolder(join(folder, "node_modules", name))).length > 0) present.push(name);
  }
  return [...requiredModules, ...present];
}

/**
 * Looks whether `folder` holds an IDE server that can run on this machine: a server's own folder, or a code-server package
 * with one in `lib/vscode`.
 * @returns the server, or an error IDE_MISSING or IDE_UNUSABLE that says why not
 */
export async function inspectIdeServer(folder: string, machine = thisMachine()): Promise<IdeServer | GatewayError> {
  const given = resolve(folder);
  try {
    const found = await findIdeServer(given);
    if (!found) return await absenceOf(given);
    const ideServer = await describeIdeServer(found, machine);
    const reason = typeof ideServer === "string" ? ideServer : await whyUnusable(ideServer, machine);
    if (typeof ideServer === "string" || reason !== undefined) {
      return new GatewayError("IDE_UNUSABLE", { folder: found, reason: String(reason) });
    }
    return ideServer;
  } catch (error) {
    return new GatewayError("IDE_UNUSABLE", { folder: given, reason: reasonOf(error) }, { cause: error });
  }
}

/** The folder with `product.json` in it: `folder` itself or its `lib/vscode`; undefined if there is none. */
export async function findIdeServer(folder: string): Promise<string | undefined> {
  for (const candidate of [folder, join(folder, "lib", "vscode")]) {
    if (await isFile(join(candidate, "product.json"))) return candidate;
  }
  return undefined;
}

/** An error for a folder that holds none: not there at all, or something else. */
async function absenceOf(folder: string): Promise<GatewayError> {
  const names = await listFolder(folder);
  if (names.length === 0) return new GatewayError("IDE_MISSING", { folder });
  return new GatewayError("IDE_UNUSABLE", {
    folder,
    reason: "it holds no product.json, neither itself nor in lib/vscode, so it is not a VS Code server",
  });
}

/**
 * What product.json says of the IDE server in `folder`, whether or not it can run here.
 * @returns the server, or in words why it cannot be told
 */
export async function describeIdeServer(folder: string, machine = thisMachine()): Promise<IdeServer | string> {
  const product = parseProduct(await readFile(join(folder, "product.json"), "utf8"));
  if (!product) return "its product.json is not a JSON object";
  const distribution = distributionOf(product);
  const version = product.version ?? "unknown";
  // The names that the server falls back to (getServerProductSegment in its remoteHosts.ts).
  const quality = product.quality ?? "oss";
  return {
    folder,
    distribution,
    productName: product.nameLong ?? product.nameShort ?? distribution.name,
    version,
    release: product.codeServerVersion ?? version,
    commit: product.commit,
    quality,
    staticPrefix: `/${quality}-${product.commit ?? "dev"}/static/`,
    mainScript: join(folder, distribution.mainScript),
    node: (await bundledNode(folder, distribution)) ?? machine.node,
  };
}

async function bundledNode(folder: string, distribution: Distribution): Promise<string | undefined> {
  for (const name of distribution.bundledNodes) {
    const file = join(folder, name);
    if (isProgram(file)) return file;
  }
  return undefined;
}

/** Why a server cannot run here, in words; undefined if nothing speaks against it. */
async function whyUnusable(ideServer: IdeServer, machine: Machine): Promise<string | undefined> {
  const { folder, distribution, node } = ideServer;
  if (!(await isFile(ideServer.mainScript))) {
    return `${distribution.mainScript} is missing; a desktop VS Code is not a server`;
  }
  if (node !== machine.node) {
    const wrong = await wrongArchitecture(node, machine);
    if (wrong !== undefined) return wrong;
  }
  if ((await listFolder(join(folder, "node_modules"))).length === 0) return "its node_modules are missing";
  for (const name of await nativeModulesOf(folder)) {
    const file = await nativeModuleOf(join(folder, "node_modules", name), machine.platform, machine.architecture);
    if (file === undefined) {
      return `its native module ${name} is missing for ${machine.platform} on ${machine.architecture}; it was built elsewhere, or its install scripts have not run`;
    }
    const wrong = await wrongArchitecture(file, machine);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

async function wrongArchitecture(file: string, machine: Machine): Promise<string | undefined> {
  // Other systems have other formats; there the system's own loader has to find out.
  if (machine.platform !== "linux") return undefined;
  const architecture = await elfArchitecture(file);
  if (architecture === machine.architecture) return undefined;
  return architecture === undefined
    ? `${file} is not a Linux program or module`
    : `${file} is built for ${architecture}, but this machine is ${machine.architecture}`;
}

async function isFile(path: string): Promise<boolean> {
  return (await unlessMissing(stat(path)))?.isFile() ?? false;
}
