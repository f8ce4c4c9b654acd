import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A child process in a group of its own, whose output can be waited for. */
export class Program {
  readonly pid: number;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();
  #output = "";

  constructor(
    command: string,
    args: readonly string[],
    options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
  ) {
    const child = spawn(command, args, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    this.pid = child.pid ?? 0;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        this.#output += chunk;
        this.#tell();
      });
    }
    // Not "close": what it started may live on with its outputs, and then this would never come.
    this.exited = once(child, "exit").then(([code, signal]) => {
      this.#tell();
      return { code: code as number | null, signal: signal as NodeJS.Signals | null };
    });
  }

  /** Everything it printed so far. */
  get output(): string {
    return this.#output;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves with the match once its output matches, from `since` on; rejects if it ends before. */
  async printed(pattern: RegExp, since = 0): Promise<RegExpExecArray> {
    const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
    const look = () => {
      const match = pattern.exec(this.#output.slice(since));
      if (match !== null) resolve(match);
      else if (!this.running) reject(new Error(`it ended before it printed ${pattern}:\n${this.#output}`));
    };
    this.#listeners.add(look);
    look();
    return promise.finally(() => this.#listeners.delete(look));
  }

  /** What Ctrl-C in a terminal does: all of its group get the signal at once. @returns the exit code */
  async interrupt(): Promise<number | null> {
    if (this.running) process.kill(-this.pid, "SIGINT");
    return (await this.exited).code;
  }

  /** Sends a signal and waits for the end. @returns the exit code */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    if (this.running) this.#child.kill(signal);
    return (await this.exited).code;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
