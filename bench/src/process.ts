import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** How long a process may take to end after SIGTERM before it is killed, in milliseconds. */
const graceMilliseconds = 10_000;

export interface StartOptions {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  /** File that receives both outputs. */
  readonly log: string;
}

/** A program under test: it leads a process group of its own, so that everything it starts ends with it. */
export class Program {
  readonly pid: number;
  /** Just before it was started, on the clock of `performance.now()`. */
  readonly startedAt: number;
  readonly #child: ChildProcess;
  readonly #log: string;
  readonly #exited: Promise<unknown>;

  /** @throws Error if the program cannot be started. */
  static async start(options: StartOptions): Promise<Program> {
    const output = openSync(options.log, "a");
    const [file, ...args] = options.command;
    const startedAt = performance.now();
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: options.environment,
      detached: true,
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    await once(child, "spawn");
    return new Program(child, options.log, startedAt);
  }

  private constructor(child: ChildProcess, log: string, startedAt: number) {
    if (child.pid === undefined) throw new Error(`${child.spawnfile} has no process id`);
    this.pid = child.pid;
    this.startedAt = startedAt;
    this.#child = child;
    this.#log = log;
    this.#exited = once(child, "exit");
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The last lines it wrote, for error messages. */
  tail(lines = 15): string {
    return readFileSync(this.#log, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
  }

  /** Ends the program, then whatever is left of its process group. */
  async close(): Promise<void> {
    if (this.running) {
      signal(this.pid, "SIGTERM");
      const timer = setTimeout(() => signal(-this.pid, "SIGKILL"), graceMilliseconds);
      await this.#exited;
      clearTimeout(timer);
    }
    signal(-this.pid, "SIGKILL");
  }
}

/** Signals a process or, with a negative id, a group; one that has already ended needs no signal. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  return address.port;
}

/** Status of one GET, or undefined while nobody listens or answers in time. Follows no redirect. */
export function statusOf(url: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = get(url, { headers, agent: false, timeout: 30_000 }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(undefined));
  });
}

/**
 * Asks `url` every `interval` milliseconds until it answers below 400.
 * @throws Error with the program's last output if it ends, or after `limit` milliseconds.
 */
export async function untilAnswers(
  program: Program,
  url: string,
  headers: Record<string, string> = {},
  { interval = 5, limit = 90_000 } = {},
): Promise<void> {
  const end = performance.now() + limit;
  for (;;) {
    const status = await statusOf(url, headers);
    if (status !== undefined && status < 400) return;
    if (!program.running) throw new Error(`it ended before ${url} answered:\n${program.tail()}`);
    if (performance.now() > end)
      throw new Error(`${url} answers ${status ?? "nothing"} after ${limit} ms:\n${program.tail()}`);
    await delay(interval);
  }
}

/** Id of the process that listens on a TCP port of this machine (from /proc/net/tcp and /proc/<pid>/fd). */
export function listenerOf(port: number): number {
  const inode = inodeOf(port);
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    if (socketsOf(entry).includes(`socket:[${inode}]`)) return Number(entry);
  }
  throw new Error(`no process of this user listens on port ${port}`);
}

function inodeOf(port: number): string {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => readFileSync(file, "utf8").split("\n").slice(1));
  for (const line of tables) {
    const fields = line.trim().split(/\s+/);
    // 0A is TCP_LISTEN in Linux' include/net/tcp_states.h; field 9 is the inode.
    if (fields[1]?.endsWith(wanted) && fields[3] === "0A" && fields[9] !== undefined) return fields[9];
  }
  throw new Error(`nobody listens on port ${port}`);
}

function socketsOf(pid: string): string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).map((name) => readlinkSync(`${folder}/${name}`));
  } catch (error) {
    // Another user's process, or one that ended (or closed a file) between the two calls.
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EACCES" || code === "ENOENT" || code === "ESRCH") return [];
    throw error;
  }
}

/** CPU time that a process has used with all its threads, in milliseconds. */
export function cpuMilliseconds(pid: number): number {
  const [utime = 0, stime = 0] = statOf(String(pid)).slice(11, 13).map(Number);
  // The kernel counts in USER_HZ, which is 100 on every Linux that Node runs on.
  return (utime + stime) * 10;
}

/** Process ids of what a process has started, and of what those have started. */
export function descendantsOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    if (/^\d+$/.test(entry)) parents.set(Number(entry), Number(unlessEnded(() => statOf(entry)[1])));
  }
  const below = (parent: number): number[] =>
    [...parents].flatMap(([child, its]) => (its === parent ? [child, ...below(child)] : []));
  return below(pid);
}

/** Fields of /proc/<pid>/stat from the third on: the second, the name, may hold blanks and brackets (proc(5)). */
function statOf(pid: string): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** What `look` finds under /proc, or undefined if the process has ended. */
export function unlessEnded<Value>(look: () => Value): Value | undefined {
  try {
    return look();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}
