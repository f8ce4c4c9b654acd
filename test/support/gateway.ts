import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ideSettings } from "./ide-settings.ts";

export const launcher = resolve(import.meta.dirname, "../../packages/gateway/bin/waiide");

/** A gateway started as users start it: the launcher, a home of its own, a port that it finds itself. */
export interface RunningGateway {
  readonly url: string;
  readonly pid: number;
  readonly home: string;
  readonly workspace: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Everything it printed so far. */
  output(): string;
  /** Resolves with the match once its output matches; rejects if it ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Ends it and keeps its home. */
  pause(): Promise<void>;
  /** After `pause()`: the same home, port and options once more. */
  resume(): Promise<RunningGateway>;
}

export interface GatewayOptions {
  readonly arguments?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** Defaults of the IDE's settings, besides those of all tests. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Files of the workspace by relative path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Files of the home folder. */
  readonly home?: Readonly<Record<string, string>>;
  /** Starts in the home folder of one that has ended. */
  readonly after?: RunningGateway;
}

export async function startGateway(options: GatewayOptions = {}): Promise<RunningGateway> {
  const home = options.after?.home ?? (await mkdtemp(join(tmpdir(), "waiide-home-")));
  const workspace = join(home, "workspace");
  if (options.after === undefined) await writeFiles(workspace, options.files ?? { "hello.py": "print('hello')\n" });
  await writeFiles(home, options.home ?? {});
  const runtime = join(home, "run");
  await mkdir(runtime, { recursive: true });
  const settings = JSON.stringify({ ...ideSettings, ...options.settings });
  const own = { XDG_RUNTIME_DIR: runtime, WAIIDE_DEFAULT_SETTINGS: settings };
  const environment = { ...cleanEnvironment(home), ...own, ...options.environment };
  return launch({ home, workspace, port: 0, environment, arguments: options.arguments ?? [] });
}

interface Launch {
  readonly home: string;
  readonly workspace: string;
  /** 0: one that it finds itself. */
  readonly port: number;
  readonly environment: NodeJS.ProcessEnv;
  readonly arguments: readonly string[];
}

async function launch(parts: Launch): Promise<RunningGateway> {
  const { home, workspace, port, environment } = parts;
  const child = spawn(launcher, ["--port", String(port), ...parts.arguments], {
    cwd: home,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      for (const listener of listeners) listener();
    });
  }
  const exited = once(child, "exit").then(([code, signal]) => {
    for (const listener of listeners) listener();
    return { code: code as number | null, signal: signal as NodeJS.Signals | null };
  });

  const printed = (pattern: RegExp): Promise<RegExpExecArray> => {
    const { promise, resolve: found, reject } = Promise.withResolvers<RegExpExecArray>();
    const look = () => {
      const match = pattern.exec(output);
      if (match !== null) found(match);
      else if (child.exitCode !== null || child.signalCode !== null) {
        reject(new Error(`the gateway ended before it printed ${pattern}:\n${output}`));
      }
    };
    listeners.add(look);
    look();
    return promise.finally(() => listeners.delete(look));
  };

  const url = (await printed(/WAIIDE is at (\S+)/))[1] ?? "";
  return {
    url,
    pid: child.pid ?? 0,
    home,
    workspace,
    environment,
    output: () => output,
    printed,
    exited,
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      const { code } = await exited;
      // After SIGKILL what it started still ends, and may write until then.
      await rm(home, { recursive: true, force: true, maxRetries: 10 });
      return code;
    },
    async pause() {
      child.kill();
      await exited;
    },
    resume: () => launch({ ...parts, port: Number(new URL(url).port) }),
  };
}

/** Resolves once the IDE server answers. */
export async function ideReady(gateway: RunningGateway): Promise<void> {
  await gateway.printed(/The IDE is ready/);
}

/** Runs a `waiide` sub-command to its end. */
export async function runWaiide(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  folder?: string,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(launcher, args, { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

/** The tests' own environment without what would steer the gateway, with a home of its own but the installed IDE server. */
export function cleanEnvironment(home: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(WAIIDE_|JUPYTERHUB_|JPY_|VITEST|NODE_|XDG_)/.test(name),
  );
  const ideServer = process.env.WAIIDE_SERVER_ROOT ?? join(process.env.HOME ?? "", ".local/share/waiide/ide-server");
  return { ...Object.fromEntries(kept), HOME: home, WAIIDE_SERVER_ROOT: ideServer };
}

/** Below those that the kernel gives to outgoing connections, which could take a port before it is listened on. */
const ports = { first: 10_000, last: 32_000 };
const givenPorts = new Set<number>();
/** Workers know only what they gave themselves, so each has ports of its own. */
const workers = 8;
const worker = Number(process.env.VITEST_POOL_ID ?? 0) % workers;

/** A free port for what cannot find one itself; each is given once. */
export async function freePort(): Promise<number> {
  for (;;) {
    const places = Math.floor((ports.last - ports.first) / workers);
    const port = ports.first + Math.floor(Math.random() * places) * workers + worker;
    if (givenPorts.has(port)) continue;
    givenPorts.add(port);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  server.once("error", () => resolve(false));
  server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  return promise;
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, content);
  }
}
