// A real JupyterHub with its proxy, each in a folder that is made once.
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder, onceInstalled, type Tell } from "./once.ts";
import { pythonEnvironment } from "./python.ts";
import { defaultHub, hubEnvironment } from "./table.ts";

const run = promisify(execFile);

const proxyVersion = "5.3.0";

/** What npm may print. Bytes. */
const outputLimit = 2 ** 26;

/** Where the hub's `bin` folder and the program configurable-http-proxy are. */
export interface InstalledHub {
  readonly bin: string;
  readonly proxy: string;
}

/** Makes what is missing of a version in `hubVersions`. */
export async function installJupyterHub(
  version: string = defaultHub,
  tell: Tell = () => undefined,
): Promise<InstalledHub> {
  const bin = await pythonEnvironment(hubEnvironment(version), tell);
  const proxy = await nodePackage("configurable-http-proxy", proxyVersion, tell);
  return { bin, proxy: join(proxy, "bin", "configurable-http-proxy") };
}

async function nodePackage(name: string, version: string, tell: Tell): Promise<string> {
  const folder = join(cacheFolder(), `${name}-${version}`);
  await onceInstalled(folder, [`${name}@${version}`], async () => {
    tell(`Installing ${name} ${version} into ${folder} …`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "package.json"), '{ "private": true }\n');
    const options = ["--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact"];
    // In the folder itself: npm would look for a workspace above the folder that it is called in.
    await run("npm", ["install", ...options, `${name}@${version}`], { cwd: folder, maxBuffer: outputLimit });
  });
  return join(folder, "node_modules", name);
}
