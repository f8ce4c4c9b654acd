import { text } from "node:stream/consumers";
import Value from "typebox/value";
import { reasonOf } from "../../base/errors.ts";
import { childEnvironment } from "../../ide/server/environment.ts";
import type { ChildProcesses } from "../../system/child-process.ts";
import { findProgram, isProgram } from "../../system/programs.ts";
import { type CarriedServer, carriedOver, ProgramAnswerSchema } from "./found-server.ts";
import { serverProxyProgram } from "./program.ts";

/** Each package has 10 s in the program itself. Milliseconds. */
const defaultTimeout = 60_000;

export interface ReadPackagesOptions {
  /** Names or paths of Pythons, the first of several servers with one name counts. */
  readonly pythons: readonly string[];
  /** Without secrets of ours (RULES R4). */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Runs nothing that lies there. */
  readonly workingFolder: string;
  /** The gateway's base URL and `apps/`. */
  readonly appsUrl: string;
  readonly children: ChildProcesses;
  readonly timeout?: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

/** What follows from settings. */
export function packageOptions(config: {
  readonly serverProxyPythons: readonly string[];
  readonly baseUrl: string;
  readonly passHubToken: boolean;
}): Pick<ReadPackagesOptions, "pythons" | "environment" | "appsUrl"> {
  const environment = childEnvironment(process.env, config.passHubToken);
  return { pythons: config.serverProxyPythons, environment, appsUrl: `${config.baseUrl}apps/` };
}

/** The apps of packages for jupyter-server-proxy in these Pythons. Never fails: what went wrong is a problem of its name. */
export async function readPackages(options: ReadPackagesOptions): Promise<CarriedServer[]> {
  const found = new Map<string, CarriedServer>();
  for (const name of options.pythons) {
    if (options.signal?.aborted === true) break;
    for (const server of await serversOf(name, options)) if (!found.has(server.name)) found.set(server.name, server);
  }
  return [...found.values()];
}

async function serversOf(name: string, options: ReadPackagesOptions): Promise<CarriedServer[]> {
  const problem = (reason: string) => [{ name, settings: undefined, problems: [reason] }];
  const python = name.includes("/") ? name : findProgram(name, { PATH: options.environment.PATH });
  // Not every machine has one.
  if (python === undefined) return [];
  if (!isProgram(python)) return problem("there is no such program");
  try {
    const { servers, broken } = Value.Parse(ProgramAnswerSchema, JSON.parse(await ask(python, options)));
    return [
      ...Object.entries(servers).map(([entry, found]) => carriedOver(entry, found, python, options.appsUrl)),
      ...Object.entries(broken).map(([entry, reason]) => ({ name: entry, settings: undefined, problems: [reason] })),
    ];
  } catch (error) {
    return problem(`its packages could not be read: ${reasonOf(error)}`);
  }
}

async function ask(python: string, options: ReadPackagesOptions): Promise<string> {
  const { children, environment, workingFolder, appsUrl, timeout = defaultTimeout, signal } = options;
  const child = children.spawn(python, ["-c", serverProxyProgram, "read", appsUrl], { workingFolder, environment });
  const end = () => void child.terminate(0);
  const timer = setTimeout(end, timeout);
  signal?.addEventListener("abort", end);
  try {
    const [answer, errors, exit] = await Promise.all([text(child.stdout), text(child.stderr), child.exited]);
    if (exit.code === 0) return answer;
    throw new Error(
      exit.code === null ? "it took too long" : (errors.trim().split("\n").at(-1) ?? `exit ${exit.code}`),
    );
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
    await child.terminate(0);
  }
}
