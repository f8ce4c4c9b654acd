import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { constants, setPriority } from "node:os";
import type { Readable, Writable } from "node:stream";
import { hasCode } from "../../base/error-code.ts";
import { cancelled, FileError } from "../file-error.ts";
import { readLines } from "./output-lines.ts";

/** Kept of its standard error. Characters. */
const maxMessages = 4_096;

/** Memory for one pattern, a tenth of ripgrep's default; its time is linear in the text for every pattern. */
const limits = ["--regex-size-limit=10M", "--dfa-size-limit=20M"];

/** Arguments of every search: no configuration, no links, no files outside, no other programs. */
const always = ["--no-config", "--no-follow", "--no-messages", "--no-ignore-messages", "--threads=1"];

export interface RipgrepRun {
  readonly program: string;
  readonly args: readonly string[];
  /** Folder to run in; as this process names it, which may be by a handle. */
  readonly folder: string;
  /** An open file or a text to search instead of the folder. */
  readonly input?: number | string;
  /** Milliseconds. */
  readonly time: number;
  readonly signal: AbortSignal;
  /** What ends a line of output. */
  readonly separator: "\n" | "\0";
  /** @returns whether to go on */
  readonly onLine: (line: string) => Promise<boolean> | boolean;
}

/**
 * Runs ripgrep with an empty environment (RULES R14), and kills it when no more output is wanted.
 * @returns whether it ended by itself, in time
 * @throws FileError INVALID for patterns and globs that it does not take; CANCELLED
 */
export async function runRipgrep(run: RipgrepRun): Promise<boolean> {
  if (run.signal.aborted) throw cancelled();
  const child = spawn(run.program, [...always, ...limits, ...run.args], {
    cwd: run.folder,
    env: {},
    stdio: [inputOf(run.input), "pipe", "pipe"],
  }) as ChildProcessByStdio<Writable | null, Readable, Readable>;
  stepBack(child);
  const ended = endOf(child);
  const kill = () => void child.kill("SIGKILL");
  const timer = setTimeout(kill, run.time);
  run.signal.addEventListener("abort", kill, { once: true });
  try {
    // It may end before it has read everything, which is no failure.
    child.stdin?.on("error", () => undefined).end(run.input);
    const messages = firstOf(child.stderr);
    const isWhole = await readLines(child.stdout, run.separator, run.onLine);
    if (!isWhole) {
      kill();
      child.stdout.destroy();
    }
    const code = await ended;
    if (run.signal.aborted) throw cancelled();
    if (code === 2 && messages() !== "") throw invalid(messages());
    return isWhole && code !== null;
  } finally {
    clearTimeout(timer);
    run.signal.removeEventListener("abort", kill);
    kill();
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/** The owner's programs come first. */
function stepBack({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch (error) {
    // It has ended already.
    if (!hasCode(error, "ERR_SYSTEM_ERROR")) throw error;
  }
}

function inputOf(input: number | string | undefined): number | "pipe" | "ignore" {
  if (input === undefined) return "ignore";
  return typeof input === "number" ? input : "pipe";
}

/** The exit code, once all messages are read; null if it was killed. */
async function endOf(child: ChildProcess): Promise<number | null> {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once("close", resolve);
  child.once("error", (cause) => reject(new FileError("FAILED", "The search could not be started.", { cause })));
  // The reader of its output learns when it ends; this may be earlier.
  promise.catch(() => undefined);
  return promise;
}

function firstOf(stream: Readable): () => string {
  let text = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    if (text.length < maxMessages) text += chunk;
  });
  return () => text.slice(0, maxMessages);
}

/** In ripgrep's words, which are about the guest's own pattern. */
function invalid(messages: string): FileError {
  const [, reason = ""] = /^(?:error|rg): (?!regex parse error)(.+)$/m.exec(messages) ?? [];
  return new FileError("INVALID", `This cannot be searched for${reason === "" ? "" : `: ${reason.slice(0, 200)}`}.`);
}
