import type { Readable } from "node:stream";
import { type ChildProcesses, exitWithOutput, type TetheredChild } from "../system/child-process.ts";
import { findProgram } from "../system/programs.ts";
import { gitProtocols } from "./link.ts";

/** Milliseconds. */
const timeout = 15 * 60_000;
/** Of what git writes to its standard output. Bytes. */
const maxOutput = 64 * 1024 * 1024;

/** What a repository's own settings could run, or make git do. What is given here wins over every file. */
const settings = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.pager=cat",
  "submodule.recurse=false",
  "fetch.recurseSubmodules=false",
  "commit.gpgSign=false",
  "merge.verifySignatures=false",
  "maintenance.auto=false",
  "gc.auto=0",
  "user.name=WAIIDE",
  "user.email=waiide@localhost",
].flatMap((setting) => ["-c", setting]);

/** Git has ended with an error, which its last line tells. */
export class UserGitError extends Error {}

export interface UserGitOptions {
  readonly children: Pick<ChildProcesses, "spawn">;
  /** The user's, without secrets of ours. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface UserGitRun {
  readonly folder: string;
  readonly args: readonly string[];
  readonly input?: string;
  /** Exit codes that are an answer; default: 0. */
  readonly codes?: readonly number[];
  /** Gets each line that git writes about its progress. */
  readonly say?: (line: string) => void;
}

/**
 * Git as the user runs it, with their own configuration and logins, but without hooks, questions, or protocols that run programs
 * (RULES R33).
 */
export class UserGit {
  readonly #options: UserGitOptions;
  readonly #running = new Set<TetheredChild>();

  constructor(options: UserGitOptions) {
    this.#options = options;
  }

  /** What it wrote. @throws UserGitError */
  async run({ folder, args, input, codes = [0], say }: UserGitRun): Promise<string> {
    const environment = environmentOf(this.#options.environment);
    const program = findProgram("git", environment);
    if (program === undefined) throw new UserGitError("git is not installed");
    const child = this.#options.children.spawn(program, [...settings, ...args], {
      workingFolder: folder,
      environment,
      hasInput: input !== undefined,
    });
    this.#running.add(child);
    const timer = setTimeout(() => void child.terminate(1_000), timeout);
    const last = linesOf(child.stderr, say);
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
    try {
      const output = await textOf(child.stdout);
      const { code, error } = await exitWithOutput(child);
      if (!codes.includes(code ?? -1)) throw new UserGitError(last() || error?.message || "git was stopped");
      return output;
    } finally {
      clearTimeout(timer);
      this.#running.delete(child);
    }
  }

  /** Ends every git that runs. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map((child) => child.terminate(1_000)));
  }
}

function environmentOf(given: UserGitOptions["environment"]): Record<string, string | undefined> {
  const clean = Object.fromEntries(
    // What leads git to other folders and programs; its configuration in variables stays.
    Object.entries(given).filter(([name]) => !/^(GIT_(?!CONFIG_|SSL_|SSH$|SSH_)|SSH_ASKPASS)/.test(name)),
  );
  return {
    GIT_SSH_COMMAND: "ssh -oBatchMode=yes",
    ...clean,
    GIT_TERMINAL_PROMPT: "0",
    GIT_ALLOW_PROTOCOL: gitProtocols,
    GIT_LITERAL_PATHSPECS: "1",
    GIT_EDITOR: "true",
    GIT_MERGE_AUTOEDIT: "no",
    LC_ALL: "C.UTF-8",
  };
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxOutput) throw new UserGitError("git wrote more than is read");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** @returns the last line that tells an error, or else the last one */
function linesOf(stream: Readable, say: UserGitRun["say"]): () => string {
  let rest = "";
  let last = "";
  let told = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = `${rest}${text}`.split(/[\r\n]+/);
    rest = (lines.pop() ?? "").slice(-2_000);
    for (const line of lines.map((one) => one.trim().slice(0, 500)).filter(Boolean)) {
      last = line;
      if (/^(fatal|error):/.test(line)) told = line.replace(/^\w+: */, "");
      say?.(line);
    }
  });
  return () => told || rest.trim().replace(/^\w+: */, "") || last;
}
