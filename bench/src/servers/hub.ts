import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort, type Program, signal, untilAnswers } from "../process.ts";
import type { Toolbox } from "./targets.ts";

/** Alice's server path on this hub. */
export const prefix = "/user/alice/";

/** A real JupyterHub with configurable-http-proxy, and Alice's jupyterhub-singleuser started by it. */
export class Hub {
  /** Address of the hub's proxy, what a browser uses. */
  readonly origin: string;
  readonly password: string;
  /** Port of Alice's jupyterhub-singleuser, behind the proxy. */
  readonly serverPort: number;
  readonly serverPid: number;
  /** The environment that the hub gave it: identity, tokens and addresses. */
  readonly serverEnvironment: NodeJS.ProcessEnv;
  /** A token of Alice's, good for her own server. */
  readonly userToken: string;
  /** Where the IDE server of the named server `stack` listens. */
  readonly idePort: number;
  /** The folder that both named servers open. */
  readonly workspace: string;
  readonly #api: HubApi;

  static async start({ peers, place, ide, waiide }: Toolbox): Promise<Hub> {
    const folder = place.folder("hub");
    const home = join(folder, "home");
    mkdirSync(home);
    const [publicPort, hubPort, proxyPort] = [await freePort(), await freePort(), await freePort()];
    const origin = `http://127.0.0.1:${publicPort}`;
    const idePort = await freePort();
    const workspace = place.workspace(home);
    const [password, token] = [randomBytes(16).toString("hex"), randomBytes(16).toString("hex")];
    const program = await place.start(
      folder,
      [peers.jupyterhub, "-f", join(import.meta.dirname, "../../jupyterhub_config.py")],
      {
        ...place.environment(home),
        BENCH_PUBLIC_URL: `${origin}/`,
        BENCH_HUB_URL: `http://127.0.0.1:${hubPort}/`,
        BENCH_PROXY_API_URL: `http://127.0.0.1:${proxyPort}/`,
        BENCH_PROXY_COMMAND: [process.execPath, peers.configurableHttpProxy].join("\n"),
        BENCH_PASSWORD: password,
        BENCH_HOME: home,
        BENCH_SINGLEUSER: peers.jupyterhubSingleuser,
        BENCH_TOKEN: token,
        BENCH_WAIIDE: waiide,
        BENCH_IDE: ide,
        BENCH_STACK: join(import.meta.dirname, "../../stack.sh"),
        BENCH_NODE: process.execPath,
        BENCH_VSCODE: peers.vscode,
        BENCH_IDE_PORT: String(idePort),
        BENCH_WORKSPACE: workspace,
      },
    );
    await untilAnswers(program, `${origin}/hub/api`);
    const api = new HubApi(`${origin}/hub/api`, token);
    const pid = await startServer(api, program);
    place.onClose(() => endServer(pid, peers.jupyterhubSingleuser));
    const { token: userToken } = await api.post<{ token: string }>("/users/alice/tokens", {
      note: "bench",
      expires_in: 86_400,
    });
    return new Hub({ origin, password, userToken, pid, api, idePort, workspace });
  }

  private constructor({ origin, password, userToken, pid, api, idePort, workspace }: HubParts) {
    this.origin = origin;
    this.idePort = idePort;
    this.workspace = workspace;
    this.#api = api;
    this.password = password;
    this.userToken = userToken;
    this.serverPid = pid;
    this.serverEnvironment = environmentOf(pid);
    this.serverPort = Number(new URL(this.serverEnvironment.JUPYTERHUB_SERVICE_URL ?? "").port);
  }

  /** Stops one of Alice's named servers and waits until the hub calls it gone. */
  async stopServer(name: string): Promise<void> {
    await this.#api.delete(`/users/alice/servers/${name}`);
    const end = performance.now() + 30_000;
    while ((await this.#api.get<UserModel>("/users/alice")).servers[name] !== undefined) {
      if (performance.now() > end) throw new Error(`the hub has not stopped the server “${name}” after 30 s`);
      await delay(50);
    }
  }
}

interface HubParts {
  readonly origin: string;
  readonly password: string;
  readonly userToken: string;
  readonly pid: number;
  readonly api: HubApi;
  readonly idePort: number;
  readonly workspace: string;
}

/** The few calls of JupyterHub's REST API that the comparison needs. */
class HubApi {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  get<Answer>(path: string): Promise<Answer> {
    return this.#call(path, { method: "GET" });
  }

  delete(path: string): Promise<unknown> {
    return this.#call(path, { method: "DELETE" });
  }

  post<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.#call(path, { method: "POST", body: JSON.stringify(body) });
  }

  async #call<Answer>(path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(this.#url + path, { ...init, headers: { authorization: `token ${this.#token}` } });
    const text = await response.text();
    if (!response.ok) throw new Error(`the hub answered ${response.status} to ${init.method} ${path}: ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as Answer;
  }
}

interface UserModel {
  readonly servers: Record<string, { readonly ready: boolean; readonly state?: { readonly pid?: number } }>;
}

/** Starts Alice's server as her click would; its process id, once the hub calls it ready. */
async function startServer(api: HubApi, hub: Program): Promise<number> {
  await api.post("/users/alice/server", {});
  const end = performance.now() + 90_000;
  for (;;) {
    const server = (await api.get<UserModel>("/users/alice")).servers[""];
    if (server?.ready && server.state?.pid !== undefined) return server.state.pid;
    if (performance.now() > end) throw new Error(`jupyterhub-singleuser is not ready after 90 s:\n${hub.tail(30)}`);
    await delay(100);
  }
}

/** The hub ends Alice's server with itself; this is for a hub that could not. */
async function endServer(pid: number, program: string): Promise<void> {
  const file = `/proc/${pid}/cmdline`;
  if (existsSync(file) && readFileSync(file, "utf8").includes(program)) signal(pid, "SIGKILL");
}

function environmentOf(pid: number): NodeJS.ProcessEnv {
  const entries = readFileSync(`/proc/${pid}/environ`, "utf8")
    .split("\0")
    .filter((entry) => entry.includes("="));
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
  );
}
