import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** The peers, at the versions that the published figures name. */
export const versions = {
  jupyterhub: "6.1.1",
  "jupyter-server": "2.21.1",
  "jupyter-server-proxy": "4.6.0",
  "configurable-http-proxy": "5.3.0",
  "code-server": "4.139.1",
} as const;

const pythonPackages = ["jupyterhub", "jupyter-server", "jupyter-server-proxy"] as const;
const nodePackages = ["configurable-http-proxy", "code-server"] as const;

/** Where the peers' programs lie once installed. */
export interface Peers {
  readonly jupyterhub: string;
  readonly jupyterhubSingleuser: string;
  readonly configurableHttpProxy: string;
  readonly codeServer: string;
  /** VS Code server inside code-server, as its makers ship it. */
  readonly vscode: string;
  /** autocannon's program, installed only where wrk is missing. */
  readonly autocannon: string | undefined;
}

/** Installs into `folder` what is not there yet. `ide` lends its compiled modules to code-server, whose own they are. */
export async function installPeers(folder: string, ide: string, wantAutocannon: boolean): Promise<Peers> {
  mkdirSync(folder, { recursive: true });
  const python = join(folder, "python");
  const node = join(folder, "node");
  await installPython(python);
  await installNode(node, wantAutocannon);
  const modules = join(node, "node_modules");
  const vscode = join(modules, "code-server/lib/vscode");
  lendModules(ide, vscode);
  return {
    jupyterhub: join(python, "bin/jupyterhub"),
    jupyterhubSingleuser: join(python, "bin/jupyterhub-singleuser"),
    configurableHttpProxy: join(modules, "configurable-http-proxy/bin/configurable-http-proxy"),
    codeServer: join(modules, "code-server/out/node/entry.js"),
    vscode,
    autocannon: wantAutocannon ? join(modules, "autocannon/autocannon.js") : undefined,
  };
}

async function installPython(folder: string): Promise<void> {
  const wanted = pythonPackages.map((name) => `${name}==${versions[name]}`);
  await onceInstalled(folder, wanted.join(" "), "JupyterHub, jupyter-server and jupyter-server-proxy", async () => {
    await run("python3", ["-m", "venv", "--clear", folder]);
    await run(join(folder, "bin/python"), ["-m", "pip", "install", "--disable-pip-version-check", ...wanted]);
  });
}

async function installNode(folder: string, wantAutocannon: boolean): Promise<void> {
  const wanted = nodePackages.map((name) => `${name}@${versions[name]}`);
  if (wantAutocannon) wanted.push("autocannon@9.0.0");
  await onceInstalled(folder, wanted.join(" "), "configurable-http-proxy and code-server", async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
    // Without its install script, which compiles for minutes what the IDE server installed here has already.
    await run("npm", ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "-E", ...wanted]);
  });
}

/** Runs `install` unless `folder` was filled by a finished run with the same wishes. */
async function onceInstalled(
  folder: string,
  wishes: string,
  what: string,
  install: () => Promise<void>,
): Promise<void> {
  const stamp = join(folder, ".installed");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wishes) return;
  const begin = performance.now();
  console.log(`Installing ${what} into ${folder} …`);
  await install();
  writeFileSync(stamp, wishes);
  console.log(`Installed ${what} in ${Math.round((performance.now() - begin) / 1000)} s.`);
}

/** Points code-server's VS Code at the installed IDE server's node_modules, after checking that both are one version. */
function lendModules(ide: string, vscode: string): void {
  const [have, want] = [versionOf(ide), versionOf(vscode)];
  if (have !== want) {
    throw new Error(
      `the IDE server in ${ide} is VS Code ${have}, but code-server ${versions["code-server"]} carries ${want}: install that one with "waiide ide install", or name its folder with --ide-server`,
    );
  }
  const link = join(vscode, "node_modules");
  const target = join(ide, "node_modules");
  const present = lstatSync(link, { throwIfNoEntry: false });
  if (present?.isSymbolicLink() && readlinkSync(link) === target) return;
  if (present) rmSync(link, { recursive: true });
  symlinkSync(target, link);
}

/** VS Code version and commit of a server's folder, from its product.json. */
export function versionOf(server: string): string {
  const file = join(server, "product.json");
  if (!existsSync(file))
    throw new Error(
      `there is no IDE server in ${server}: run "waiide ide install", or name its folder with --ide-server`,
    );
  const product = JSON.parse(readFileSync(file, "utf8")) as { version?: string; commit?: string };
  const { version } = JSON.parse(readFileSync(join(server, "package.json"), "utf8")) as { version?: string };
  return `${product.version ?? version ?? "?"} (${product.commit ?? "no commit"})`;
}

async function run(file: string, args: string[]): Promise<void> {
  const child = spawn(file, args, { stdio: ["ignore", "inherit", "inherit"] });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`${file} ${args.join(" ")} ended with ${code ?? "a signal"}; its output is above`);
}
