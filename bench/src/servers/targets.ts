import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { freePort, listenerOf, type Program, untilAnswers } from "../process.ts";
import type { Workplace } from "../workplace.ts";
import { Control } from "./control.ts";
import { type Hub, prefix } from "./hub.ts";
import type { Peers } from "./peers.ts";

/**
 * What is compared. `direct`: no proxy at all; `bare`: a proxy of a few lines of Node, for HTTP alone; `stack`:
 * jupyterhub-singleuser with jupyter-server-proxy; `stackBehindProxy`: the same through the hub's configurable-http-proxy;
 * `waiideBehindProxy`: ours through a configurable-http-proxy.
 */
export const targetNames = [
  "direct",
  "bare",
  "stack",
  "stackBehindProxy",
  "codeServer",
  "waiide",
  "waiideBehindProxy",
] as const;
export type TargetName = (typeof targetNames)[number];

/** A running server, ready to be measured. */
export interface Target {
  readonly name: TargetName;
  /** Scheme, host and port; also the Origin that a page of it would send. */
  readonly origin: string;
  /** Path under which a local port is reached, with both slashes. */
  proxyPath(port: number): string;
  /** Headers that let programs in. */
  readonly headers: Record<string, string>;
  /** Process that answers requests itself (not what it starts). */
  readonly pid: number;
  /** Path and query that open the IDE in the target's workspace. */
  readonly idePath: string;
  /** Name and password for the hub's login page; absent where nobody has to log in. */
  readonly login?: { readonly user: string; readonly password: string };
}

/** A program that was started and may not answer yet. */
export interface Launch {
  readonly program: Program;
  readonly port: number;
  /** What to ask to learn that it is up. */
  readonly readyUrl: string;
}

/** What it takes to run ours. */
export interface Tools {
  readonly place: Workplace;
  /** VS Code server that `waiide ide install` made. */
  readonly ide: string;
  /** The gateway's launcher. */
  readonly waiide: string;
}

export interface Toolbox extends Tools {
  readonly peers: Peers;
}

/** A second jupyterhub-singleuser with the identity of Alice's first: same hub, same token, another port. */
export async function launchStack(tools: Toolbox, hub: Hub): Promise<Launch> {
  const folder = tools.place.folder("singleuser");
  const port = await freePort();
  const program = await tools.place.start(folder, [tools.peers.jupyterhubSingleuser, "--allow-root"], {
    ...hub.serverEnvironment,
    JUPYTERHUB_SERVICE_URL: `http://127.0.0.1:${port}${prefix}`,
  });
  return { program, port, readyUrl: `http://127.0.0.1:${port}${prefix}api` };
}

/** code-server as its users start it. */
export async function launchCodeServer(tools: Toolbox): Promise<Launch> {
  const folder = tools.place.folder("code-server");
  const port = await freePort();
  const program = await tools.place.start(folder, [
    process.execPath,
    tools.peers.codeServer,
    "--auth",
    "none",
    "--bind-addr",
    `127.0.0.1:${port}`,
    tools.place.workspace(folder),
  ]);
  return { program, port, readyUrl: `http://127.0.0.1:${port}/healthz` };
}

/** Our gateway on one machine; its IDE server starts with it. */
export async function launchWaiide(tools: Tools): Promise<Launch> {
  const folder = tools.place.folder("waiide");
  const port = await freePort();
  const program = await tools.place.start(folder, [
    tools.waiide,
    ...["--mode", "standalone", "--port", String(port), "--workspace", tools.place.workspace(folder)],
    ...["--data-dir", join(folder, "data"), "--ide-server", tools.ide],
  ]);
  return { program, port, readyUrl: `http://127.0.0.1:${port}/api` };
}

/** A gateway of ours whose owner shares. */
export interface SharingServer {
  readonly origin: string;
  /** Process of the gateway itself. */
  readonly pid: number;
  readonly workspace: string;
  readonly control: Control;
  /** The program that it searches with. */
  readonly ripgrep: string;
  close(): Promise<void>;
}

/** Connections that its control socket is asked over at once, at most. */
const controlConnections = 32;

/** Ours with its IDE ready, to be shared; nobody limits how many shares there are. */
export async function startSharing(tools: Tools): Promise<SharingServer> {
  const folder = tools.place.folder("waiide-sharing");
  const [port, data, workspace] = [await freePort(), join(folder, "data"), tools.place.workspace(folder)];
  const origin = `http://127.0.0.1:${port}`;
  const program = await tools.place.start(folder, [
    tools.waiide,
    ...["--mode", "standalone", "--port", String(port), "--workspace", workspace, "--data-dir", data],
    ...["--ide-server", tools.ide, "--share-most", "100000", "--public-url", origin],
    ...["--share-limits", JSON.stringify({ sessions: 100, live_changes: 10_000 })],
  ]);
  await untilAnswers(program, `${origin}/ide/`, {}, { interval: 100 });
  const control = new Control(data, controlConnections);
  const close = async (): Promise<void> => {
    control.close();
    await program.close();
  };
  return { origin, pid: listenerOf(port), workspace, control, ripgrep: ripgrepOf(tools.ide), close };
}

/** The ripgrep that the gateway takes: installed with it, else the VS Code server's. */
function ripgrepOf(ide: string): string {
  const platform = `${process.platform}-${process.arch}`;
  const own = join(import.meta.dirname, `../../../node_modules/@vscode/ripgrep-${platform}/bin/rg`);
  return existsSync(own) ? own : join(ide, `node_modules/@vscode/ripgrep-universal/bin/${platform}/rg`);
}

/** The IDE server of today's stack, started as its images do. */
async function startServerMain(tools: Toolbox): Promise<{ port: number; workspace: string }> {
  const folder = tools.place.folder("server-main");
  const workspace = tools.place.workspace(folder);
  const port = await freePort();
  const program = await tools.place.start(folder, [
    process.execPath,
    join(tools.peers.vscode, "out/server-main.js"),
    ...["--host", "127.0.0.1", "--port", String(port), "--without-connection-token", "--accept-server-license-terms"],
    ...["--server-data-dir", join(folder, "data"), workspace],
  ]);
  await untilAnswers(program, `http://127.0.0.1:${port}/`);
  return { port, workspace };
}

/** Today's stack with its IDE, twice: straight to jupyterhub-singleuser, and as browsers reach it. */
export async function startStack(tools: Toolbox, hub: Hub): Promise<Target[]> {
  const ide = await startServerMain(tools);
  const proxyPath = (port: number): string => `${prefix}proxy/${port}/`;
  const common = {
    proxyPath,
    headers: { authorization: `token ${hub.userToken}` },
    pid: hub.serverPid,
    idePath: `${proxyPath(ide.port)}?folder=${encodeURIComponent(ide.workspace)}`,
    login: { user: "alice", password: hub.password },
  };
  return [
    { ...common, name: "stack", origin: `http://127.0.0.1:${hub.serverPort}` },
    { ...common, name: "stackBehindProxy", origin: hub.origin },
  ];
}

export async function startCodeServer(tools: Toolbox): Promise<Target> {
  const launch = await launchCodeServer(tools);
  return await target(tools, launch, "codeServer", (port) => `/proxy/${port}/`);
}

/** Ours with its IDE ready, straight and through a configurable-http-proxy as a hub has it. */
export async function startWaiide(tools: Toolbox): Promise<Target[]> {
  const launch = await launchWaiide(tools);
  const straight = await target(tools, launch, "waiide", (port) => `/proxy/${port}/`);
  await untilAnswers(launch.program, `${straight.origin}/ide/`, {}, { interval: 100 });
  const origin = await startHttpProxy(tools, straight.origin);
  return [straight, { ...straight, name: "waiideBehindProxy", origin }];
}

async function target(
  _tools: Toolbox,
  launch: Launch,
  name: TargetName,
  proxyPath: Target["proxyPath"],
): Promise<Target> {
  await untilAnswers(launch.program, launch.readyUrl);
  return {
    name,
    origin: `http://127.0.0.1:${launch.port}`,
    proxyPath,
    headers: {},
    pid: listenerOf(launch.port),
    idePath: "/",
  };
}

async function startHttpProxy(tools: Toolbox, destination: string): Promise<string> {
  const folder = tools.place.folder("configurable-http-proxy");
  const [port, apiPort] = [await freePort(), await freePort()];
  const origin = `http://127.0.0.1:${port}`;
  const program = await tools.place.start(
    folder,
    [
      process.execPath,
      tools.peers.configurableHttpProxy,
      ...["--ip", "127.0.0.1", "--port", String(port), "--api-ip", "127.0.0.1", "--api-port", String(apiPort)],
      ...["--default-target", destination],
    ],
    { ...tools.place.environment(folder), CONFIGPROXY_AUTH_TOKEN: randomBytes(16).toString("hex") },
  );
  await untilAnswers(program, `${origin}/api`);
  return origin;
}

/** The program behind every proxy, and itself as the target without one. */
export async function startBackend(place: Workplace): Promise<{ port: number; direct: Target }> {
  const folder = place.folder("backend");
  const port = await freePort();
  const program = await place.start(folder, [process.execPath, join(import.meta.dirname, "backend.ts"), String(port)]);
  const origin = `http://127.0.0.1:${port}`;
  await untilAnswers(program, origin);
  return {
    port,
    direct: { name: "direct", origin, proxyPath: () => "/", headers: {}, pid: program.pid, idePath: "/" },
  };
}

/** The floor of proxied requests: what Node's own HTTP costs on both sides, without anything that ours does besides. */
export async function startBareProxy(place: Workplace, backend: number): Promise<Target> {
  const folder = place.folder("bare-proxy");
  const port = await freePort();
  const file = join(import.meta.dirname, "bare-proxy.ts");
  const program = await place.start(folder, [process.execPath, file, String(port), String(backend)]);
  const origin = `http://127.0.0.1:${port}`;
  await untilAnswers(program, origin);
  return { name: "bare", origin, proxyPath: () => "/", headers: {}, pid: program.pid, idePath: "/" };
}
