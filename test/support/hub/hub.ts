import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Page } from "playwright-core";
import { installJupyterHub } from "../../../scripts/environments/jupyterhub.ts";
import { cleanEnvironment, freePort } from "../gateway.ts";
import { type Answer, formOf, HttpClient } from "../http/client.ts";
import { processesBelow, remainingBelow } from "../processes.ts";
import { Program } from "../program.ts";
import { HubApi, type TokenRequest } from "./api.ts";
import { hubConfig, launcher } from "./config.ts";

/** Where npm put the command `waiide`. */
const programs = resolve(import.meta.dirname, "../../../node_modules/.bin");

export interface HubOptions {
  /** Of JupyterHub; one of scripts/environments/table.ts. */
  readonly version?: string;
  /** Path of the whole deployment, begins and ends with `/`. */
  readonly baseUrl?: string;
  /** Every user gets a name below this domain, which must end in `.test`. */
  readonly subdomainHost?: string;
  /** What browsers see where something stands in front of the hub's proxy. */
  readonly publicOrigin?: string;
  /** More Python for jupyterhub_config.py; all of it runs after the defaults. */
  readonly config?: string;
  readonly users?: readonly string[];
  readonly admins?: readonly string[];
  /** The `bin` folder of the environment that has JupyterHub, if another one than usual. */
  readonly bin?: string;
  /** Environment of the hub's own, besides. */
  readonly hubEnvironment?: NodeJS.ProcessEnv;
  /** What servers are started with, instead of the gateway's launcher. */
  readonly command?: readonly string[];
  /** For servers, besides where the IDE server is. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Port of the proxy, if it must be known before. */
  readonly port?: number;
  /** Files of every user's workspace by relative path. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface RunningServer {
  readonly user: string;
  readonly name: string;
  readonly url: string;
  /** Path of it, e.g. `/user/alice/waiide/`. */
  readonly prefix: string;
  readonly pid: number;
  /** What the hub started it with, tokens included. */
  readonly environment: NodeJS.ProcessEnv;
}

/** Starts a real JupyterHub with configurable-http-proxy. Ends within seconds; `stop()` leaves nothing behind. */
export async function startHub(options: HubOptions = {}): Promise<Hub> {
  const { version = "6.1.1", baseUrl = "/" } = options;
  const { bin: usual, proxy } = await installJupyterHub(version);
  const bin = options.bin ?? usual;
  const folder = await mkdtemp(join(tmpdir(), "waiide-hub-"));
  const homes = join(folder, "homes");
  const [port, hubPort, proxyPort] = [options.port ?? (await freePort()), await freePort(), await freePort()];
  const host = options.subdomainHost ?? "127.0.0.1";
  const publicOrigin = options.publicOrigin ?? `http://${host}:${port}`;
  const own = cleanEnvironment(join(folder, "hub-home"));
  const users = options.users ?? ["alice", "bob"];
  const admins = options.admins ?? ["root"];
  const settings = {
    version,
    baseUrl,
    subdomainHost: options.subdomainHost,
    publicOrigin,
    folder,
    homes,
    port,
    hubPort,
    proxyPort,
    proxyCommand: [process.execPath, proxy],
    password: randomBytes(16).toString("hex"),
    adminToken: randomBytes(24).toString("hex"),
    users,
    admins,
    command: options.command ?? [launcher],
    environment: { WAIIDE_SERVER_ROOT: own.WAIIDE_SERVER_ROOT ?? "", ...options.environment },
    extra: options.config ?? "",
  };
  for (const user of [...users, ...admins]) {
    await writeFiles(join(homes, user, "workspace"), options.files ?? { "hello.py": "print('hello')\n" });
    await writeFile(join(homes, user, ".bashrc"), "PS1='\\w$ '\n");
  }
  await mkdir(own.HOME ?? folder, { recursive: true });
  await writeFile(join(folder, "jupyterhub_config.py"), hubConfig(settings));
  const hub = new Hub({
    ...settings,
    program: join(bin, "jupyterhub"),
    environment: {
      ...own,
      ...options.hubEnvironment,
      PATH: [bin, dirname(process.execPath), programs, own.PATH].join(":"),
    },
    url: `${publicOrigin}${baseUrl}`,
  });
  await hub.start();
  return hub;
}

interface HubParts {
  readonly program: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly homes: string;
  readonly url: string;
  readonly baseUrl: string;
  readonly version: string;
  readonly port: number;
  readonly hubPort: number;
  readonly password: string;
  readonly adminToken: string;
}

export class Hub {
  /** What a browser opens; ends with `/`. */
  readonly url: string;
  readonly baseUrl: string;
  readonly version: string;
  /** Port of the hub's proxy on 127.0.0.1. */
  readonly port: number;
  /** Its API as the tests' service, which may do everything. */
  readonly api: HubApi;
  /** The hub's API without the proxy. */
  readonly apiUrl: string;
  readonly adminToken: string;
  readonly password: string;
  /** The `jupyterhub` command; Python and its other programs are beside it. */
  readonly program: string;
  /** Everything on the disk: database, homes. */
  readonly folder: string;
  readonly #parts: HubParts;
  #program: Program | undefined;

  constructor(parts: HubParts) {
    this.#parts = parts;
    this.url = parts.url;
    this.baseUrl = parts.baseUrl;
    this.version = parts.version;
    this.port = parts.port;
    this.apiUrl = `http://127.0.0.1:${parts.hubPort}${parts.baseUrl}hub/api`;
    this.adminToken = parts.adminToken;
    this.password = parts.password;
    this.program = parts.program;
    this.folder = parts.folder;
    this.api = new HubApi(this.apiUrl, parts.adminToken);
  }

  /** What hub, proxy and servers printed so far. */
  get output(): string {
    return this.#running.output;
  }

  get pid(): number {
    return this.#running.pid;
  }

  home(user: string): string {
    return join(this.#parts.homes, user);
  }

  /** Starts it, or starts it again after `kill()`: it finds its servers again. */
  async start(): Promise<void> {
    const { program, environment, folder } = this.#parts;
    this.#program = new Program(program, ["-f", join(folder, "jupyterhub_config.py")], {
      cwd: folder,
      env: environment,
    });
    try {
      await this.#program.printed(/JupyterHub is now running/);
    } catch (error) {
      await this.#clean();
      throw error;
    }
  }

  /** Ends the hub's own process alone, as a crash does: proxy and servers stay. */
  async kill(): Promise<void> {
    await this.#running.stop("SIGKILL");
  }

  /** The hub neither answers nor refuses until `resume()`: what a hub that hangs looks like. */
  pause(): void {
    process.kill(this.pid, "SIGSTOP");
  }

  resume(): void {
    process.kill(this.pid, "SIGCONT");
  }

  /** Resolves once its output, from `since` on, matches. */
  printed(pattern: RegExp, since = 0): Promise<RegExpExecArray> {
    return this.#running.printed(pattern, since);
  }

  /**
   * Ends hub, proxy and servers as an administrator does.
   * @throws Error if that left a process behind, after ending it
   */
  async stop(): Promise<void> {
    const wasRunning = this.#running.running;
    if (wasRunning) await this.#running.stop("SIGTERM");
    const left = wasRunning ? await remainingBelow(this.folder) : [];
    await this.#clean();
    if (left.length === 0) return;
    throw new Error(
      `the hub ended, but left behind: ${left.map(({ pid, command }) => `${pid} ${command}`).join("; ")}`,
    );
  }

  /** Starts a user's server as the hub's button does, and waits until the hub calls it ready. */
  async startServer(user: string, name = "", options: unknown = {}): Promise<RunningServer> {
    await this.api.startServer(user, name, options);
    for (;;) {
      const server = (await this.api.user(user)).servers[name];
      if (server?.ready && server.state?.pid !== undefined) {
        const environment = await environmentOf(server.state.pid);
        const prefix = environment.JUPYTERHUB_SERVICE_PREFIX ?? server.url;
        return { user, name, url: this.#serverUrl(environment, prefix), prefix, pid: server.state.pid, environment };
      }
      if (server === undefined || (server.pending === null && !server.ready)) {
        throw new Error(`the server of ${user} did not start:\n${this.output.slice(-6000)}`);
      }
      await delay(50);
    }
  }

  /** Stops a server and waits until the hub calls it gone. */
  async stopServer(user: string, name = ""): Promise<void> {
    await this.api.stopServer(user, name);
    while ((await this.api.user(user)).servers[name] !== undefined) await delay(50);
  }

  /** Resolves once the server's IDE answers. */
  async ideReady(server: RunningServer): Promise<void> {
    const client = new HttpClient();
    for (;;) {
      const answer = await client.fetch(`${server.url}api/health`);
      const { ide } = JSON.parse(answer.body) as { ide: string };
      if (ide === "ready") return;
      if (ide === "failed") throw new Error(`the IDE of ${server.user} failed:\n${this.output.slice(-6000)}`);
      await delay(50);
    }
  }

  createToken(user: string, request: TokenRequest = {}): Promise<{ readonly token: string; readonly id: string }> {
    return this.api.createToken(user, request);
  }

  /** A person who is logged in at the hub, but at no server. */
  async login(user: string, client = new HttpClient()): Promise<HttpClient> {
    const home = `${this.url}hub/home`;
    const page = await client.open(`${this.url}hub/login?next=${encodeURIComponent(new URL(home).pathname)}`);
    const answer = await this.submitLogin(client, page, user);
    if (answer.status !== 200 || answer.url !== home)
      throw new Error(`${user} cannot log in: ${answer.status} ${answer.url}`);
    return client;
  }

  /** Fills in the hub's login page. */
  submitLogin(client: HttpClient, page: Answer, user: string): Promise<Answer> {
    const { action, fields } = formOf(page);
    return client.submit(action, [...fields, ["username", user], ["password", this.password]]);
  }

  /** Opens an address as a person who clicks Authorize where the hub asks. */
  async visit(client: HttpClient, url: string): Promise<Answer> {
    const page = await client.open(url);
    if (!isConsent(page)) return page;
    const { action, fields } = formOf(page);
    return client.submit(action, fields, page.url);
  }

  /** Fills in the hub's login page in a browser. */
  async loginInBrowser(page: Page, user: string): Promise<void> {
    await page.locator("#username_input").fill(user);
    await page.locator("#password_input").fill(this.password);
    await page.locator("#login_submit").click();
  }

  get #running(): Program {
    if (this.#program === undefined) throw new Error("the hub was never started");
    return this.#program;
  }

  /** With subdomains a server has an origin of its own, which hubs since 5.0 say. */
  #serverUrl(environment: NodeJS.ProcessEnv, prefix: string): string {
    return environment.JUPYTERHUB_PUBLIC_URL || `${new URL(this.url).origin}${prefix}`;
  }

  async #clean(): Promise<void> {
    for (const { pid } of await processesBelow(this.folder)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    }
    await remainingBelow(this.folder);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Whether the hub asks if a server may know who this is. */
export function isConsent(page: Answer): boolean {
  return page.status === 200 && new URL(page.url).pathname.endsWith("/hub/api/oauth2/authorize");
}

async function environmentOf(pid: number): Promise<NodeJS.ProcessEnv> {
  const entries = (await readFile(`/proc/${pid}/environ`, "utf8")).split("\0").filter((entry) => entry.includes("="));
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
  );
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}
