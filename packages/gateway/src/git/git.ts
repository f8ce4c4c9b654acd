import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../base/log.ts";
import { type ChildProcesses, exitWithOutput, type TetheredChild } from "../system/child-process.ts";
import { findProgram } from "../system/programs.ts";
import { GitError } from "./git-error.ts";

/** `ls-tree`, `update-index` and `http-backend` as we use them. */
const oldestVersion: readonly [number, number] = [2, 34];

/** Milliseconds that git has to end by itself. */
const grace = 1_000;
/** Of what git writes to its standard error, for our own log. Characters. */
const maxErrorText = 2_000;
/** Bytes of an answer that is held in memory. */
const defaultMaxOutput = 64 * 1024 * 1024;
/** Milliseconds. */
const defaultTimeout = 60_000;

/**
 * The whole environment of every git (RULES R25): no configuration but that of the git directory, which is ours; no replaced
 * objects, no fetching of missing ones, no programs, no questions.
 */
const cleanEnvironment = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  // All directories that git is given are ours, whatever owner a network drive shows for them.
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: "safe.directory",
  GIT_CONFIG_VALUE_0: "*",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_NO_LAZY_FETCH: "1",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_TERMINAL_PROMPT: "0",
  GIT_ALLOW_PROTOCOL: "none",
  GIT_LITERAL_PATHSPECS: "1",
  GIT_PAGER: "cat",
  HOME: "/nonexistent",
  LC_ALL: "C",
} as const;

export interface GitRun {
  /** One of our own git directories, never the owner's. */
  readonly gitFolder: string;
  readonly args: readonly string[];
  readonly input?: Buffer | string | undefined;
  /** More variables, of ours. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  /** Exit codes that are an answer; default: 0. */
  readonly codes?: readonly number[] | undefined;
  /** Bytes. */
  readonly maxOutput?: number | undefined;
  /** Milliseconds. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface GitAnswer {
  readonly code: number;
  readonly output: Buffer;
}

/** A git that writes as long as somebody reads. */
export interface GitStream {
  readonly input: TetheredChild["stdin"];
  readonly output: Readable;
  /** Resolves when git has ended. @throws GitError */
  readonly ended: Promise<void>;
  end(): Promise<void>;
}

export interface GitOptions {
  readonly children: Pick<ChildProcesses, "spawn">;
  readonly logger: Logger;
  /** Where git is looked for: PATH. Nothing else of it reaches git. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Runs git, and only in a clean environment with git directories of our own (RULES R25). */
export class Git {
  readonly #options: GitOptions;
  readonly #closed = new AbortController();
  #found: Promise<string> | undefined;

  constructor(options: GitOptions) {
    this.#options = options;
  }

  /** Why there is no git that can be used; undefined: there is. */
  async unavailable(): Promise<string | undefined> {
    try {
      await this.#program();
      return undefined;
    } catch (error) {
      if (error instanceof GitError && error.trouble === "missing") return error.message;
      throw error;
    }
  }

  /** @throws GitError */
  async run(run: GitRun): Promise<GitAnswer> {
    return this.#run(await this.#program(), run);
  }

  /** What git wrote. @throws GitError */
  async bytes(gitFolder: string, args: readonly string[], more: Partial<GitRun> = {}): Promise<Buffer> {
    const { output } = await this.run({ gitFolder, args, ...more });
    return output;
  }

  /** The one line that git wrote. @throws GitError */
  async line(gitFolder: string, args: readonly string[], more: Partial<GitRun> = {}): Promise<string> {
    return String(await this.bytes(gitFolder, args, more)).trimEnd();
  }

  /** @throws GitError if git cannot be started */
  async stream(run: GitRun & { readonly hasInput?: boolean }): Promise<GitStream> {
    const child = this.#spawn(await this.#program(), run, run.hasInput === true);
    const stopped = this.#stopAfter(child, run);
    const error = errorTextOf(child);
    const ended = exitWithOutput(child)
      .then(({ code, error: cause }) => {
        if (cause !== undefined || !(run.codes ?? [0]).includes(code ?? -1)) throw this.#failure(run, error(), cause);
      })
      .finally(() => stopped.clear());
    // Whoever reads the stream may have gone before it ended.
    ended.catch(() => undefined);
    return { input: child.stdin, output: child.stdout, ended, end: () => child.terminate(0) };
  }

  /** Ends every git; none is run any more. */
  close(): void {
    this.#closed.abort();
  }

  async #run(program: string, run: GitRun): Promise<GitAnswer> {
    const { input, codes = [0], maxOutput = defaultMaxOutput } = run;
    const child = this.#spawn(program, run, input !== undefined);
    const stopped = this.#stopAfter(child, run);
    const error = errorTextOf(child);
    // Git may end before it has read everything.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
    let hasEnded = false;
    try {
      const output = await outputOf(child, maxOutput);
      const { code, error: cause } = await exitWithOutput(child);
      hasEnded = true;
      if (stopped.why !== undefined) throw stopped.why;
      if (code === null || !codes.includes(code)) throw this.#failure(run, error(), cause);
      return { code, output };
    } finally {
      stopped.clear();
      if (!hasEnded) await child.terminate(grace);
    }
  }

  #stopAfter(child: TetheredChild, run: GitRun): Stop {
    const signals = [this.#closed.signal, ...(run.signal === undefined ? [] : [run.signal])];
    return stopAfter(child, { ...run, signal: AbortSignal.any(signals) });
  }

  #spawn(program: string, { gitFolder, args, variables }: GitRun, hasInput: boolean): TetheredChild {
    const environment = { ...cleanEnvironment, GIT_DIR: gitFolder, ...variables };
    return this.#options.children.spawn(program, args, { workingFolder: gitFolder, environment, hasInput });
  }

  #failure({ args }: GitRun, text: string, cause: Error | undefined): GitError {
    this.#options.logger.warn({ command: args[0], text }, "git failed");
    return new GitError("failed", `git ${args[0]} failed`, { cause });
  }

  #program(): Promise<string> {
    this.#found ??= this.#find();
    // It may be installed while we run.
    this.#found.catch(() => {
      this.#found = undefined;
    });
    return this.#found;
  }

  async #find(): Promise<string> {
    const program = findProgram("git", this.#options.environment);
    if (program === undefined) throw new GitError("missing", "git is not installed on this machine");
    const { output } = await this.#run(program, { gitFolder: "/", args: ["version"] });
    const [, major = "0", minor = "0"] = /(\d+)\.(\d+)/.exec(String(output)) ?? [];
    const [wantedMajor, wantedMinor] = oldestVersion;
    if (Number(major) > wantedMajor || (Number(major) === wantedMajor && Number(minor) >= wantedMinor)) return program;
    const needed = oldestVersion.join(".");
    throw new GitError("missing", `git ${major}.${minor} is too old; it must be ${needed} or newer`);
  }
}

interface Stop {
  why: GitError | undefined;
  clear(): void;
}

/** Ends the whole process group after the timeout, or when nobody needs it any more. */
function stopAfter(child: TetheredChild, { args, timeout = defaultTimeout, signal }: GitRun): Stop {
  const timer = setTimeout(() => end(`git ${args[0]} took longer than ${timeout / 1_000} s`, "limit"), timeout);
  const onAbort = () => end("nobody waits for it any more", "failed");
  const stop: Stop = {
    why: undefined,
    clear: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    },
  };
  function end(reason: string, trouble: "limit" | "failed"): void {
    stop.why ??= new GitError(trouble, reason);
    void child.terminate(0);
  }
  timer.unref();
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort);
  return stop;
}

async function outputOf(child: TetheredChild, max: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > max) throw new GitError("limit", "it is larger than WAIIDE handles");
    chunks.push(chunk);
    // Lets other work in between large answers.
    if (chunks.length % 256 === 0) await delay(0);
  }
  return Buffer.concat(chunks);
}

function errorTextOf(child: TetheredChild): () => string {
  let text = "";
  child.stderr.on("data", (chunk: Buffer) => {
    if (text.length < maxErrorText) text += chunk.toString("utf8");
  });
  return () => text.slice(0, maxErrorText);
}
