import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { groupEmpty } from "./process-group.ts";
import { treeOf } from "./process-tree.ts";
import { signalGroup, signalProcess } from "./signals.ts";

/**
 * The shell script that starts every child. Its background part is the tether: it waits on file descriptor 3, whose other
 * end only the gateway holds. The kernel wakes it when the gateway ends, even by SIGKILL, and it then ends the child's
 * process group. The shell itself becomes the command, so the child's process id, signals and exit code are the command's
 * own. `$$` stays the group's id, even in the background part, and cannot be reused meanwhile, since the tether is in that
 * group. Without prlimit (util-linux) the child starts without the limit.
 */
const tetherScript = `
[ -z "$1" ] || prlimit --pid "$$" --locks="$1:$1" 2>/dev/null
shift
(
  trap "" TERM INT HUP QUIT
  read -r word
  [ "$word" = release ] && exit 0
  kill -s TERM -- "-$$"
  for second in 1 2 3; do kill -s 0 "$$" || break; sleep 1; done
  kill -s KILL -- "-$$"
) <&3 3<&- >/dev/null 2>&1 &
exec "$@" 3<&-
`;

/** How long the kernel may take to remove what was killed. Milliseconds. */
const killedGroupTimeout = 2_000;

/** How long the output of a child that has ended may stay open. Milliseconds. */
const lastWordsTimeout = 1_000;

export interface ChildOptions {
  readonly workingFolder: string;
  /** The whole environment: nothing is inherited. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Its standard input is a pipe; default: it is empty. */
  readonly hasInput?: boolean | undefined;
  /** Its limit on file locks, which everything that it starts inherits. */
  readonly lockLimit?: bigint | undefined;
}

/** How a child ended. `error` is set if it could not be started (no such working folder, too many processes). */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error?: Error;
}

/** A program in a process group of its own, which ends whenever and however this process ends (RULES R22). */
export interface TetheredChild {
  /** Undefined if it could not be started. */
  readonly pid: number | undefined;
  /** Null without `hasInput`. */
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves, never rejects, when the program itself has ended. What it left in its group is then killed. */
  readonly exited: Promise<ChildExit>;
  /**
   * Sends SIGTERM to the whole group, and SIGKILL to what is left of it after `grace` milliseconds. Resolves when the
   * group is empty; may be called again.
   */
  terminate(grace: number): Promise<void>;
}

/** Starts the programs of one owner, such as a gateway, and can kill them all. */
export class ChildProcesses {
  /** Groups of the children that have not ended. */
  readonly #groups = new Set<number>();

  /**
   * Starts a program that cannot outlive this process. A command that is not found exits with
   * code 127, one that may not be executed with 126, and the reason is on its standard error.
   */
  spawn(command: string, args: readonly string[], options: ChildOptions): TetheredChild {
    return spawnTethered(command, args, options, this.#groups);
  }

  /** Kills every child with all that it started, terminals' shells included, when there is no time to wait for them. */
  killAll(): void {
    for (const group of this.#groups) {
      for (const { pid } of treeOf(group)) signalProcess(pid, "SIGKILL");
    }
  }
}

function spawnTethered(
  command: string,
  args: readonly string[],
  options: ChildOptions,
  groups: Set<number>,
): TetheredChild {
  const child = spawn("/bin/sh", ["-c", tetherScript, "sh", String(options.lockLimit ?? ""), command, ...args], {
    cwd: options.workingFolder,
    env: options.environment,
    detached: true,
    stdio: [options.hasInput === true ? "pipe" : "ignore", "pipe", "pipe", "pipe"],
  });
  const tether = child.stdio[3] as Writable & { unref(): void };
  // The tether may be killed with its group before we write to it.
  tether.on("error", () => undefined);
  tether.unref();

  const group = child.pid;
  if (group !== undefined) groups.add(group);
  let ended = false;
  let terminating: Promise<void> | undefined;
  const exited = new Promise<ChildExit>((resolve) => {
    child.once("error", (cause) => {
      if (group !== undefined) return;
      ended = true;
      // The shell is always there, so what is missing is the folder.
      const reason = `it cannot be started in the folder ${options.workingFolder} (${cause.message})`;
      resolve({ code: null, signal: null, error: new Error(reason, { cause }) });
    });
    child.once("exit", (code, signal) => {
      if (group !== undefined && terminating === undefined) signalGroup(group, "SIGKILL");
      if (group !== undefined && terminating === undefined) groups.delete(group);
      ended = true;
      resolve({ code, signal });
    });
  });

  async function endGroup(grace: number): Promise<void> {
    if (group === undefined) return;
    const deadline = performance.now() + grace;
    // When the program ended by itself its group was killed, and another process may get the id.
    if (!ended) {
      signalGroup(group, "SIGTERM");
      await settledWithin(exited, grace);
      // Its helpers have the rest of the time; with the tether the group would not look empty.
      if (ended) tether.write("release\n");
      if (!(await groupEmpty(group, deadline - performance.now()))) signalGroup(group, "SIGKILL");
    }
    await groupEmpty(group, killedGroupTimeout);
    groups.delete(group);
    tether.destroy();
    await exited;
  }

  return {
    pid: child.pid,
    stdin: child.stdin,
    stdout: child.stdout as Readable,
    stderr: child.stderr as Readable,
    exited,
    terminate(grace) {
      terminating ??= endGroup(grace);
      return terminating;
    },
  };
}

/**
 * How a child ended, once what it wrote before was read: its end may be reported first. Helpers that left its group and hold
 * the output open delay this by a second at most.
 * @param read outputs that somebody reads to their end
 */
export async function exitWithOutput(
  child: TetheredChild,
  read: readonly Readable[] = [child.stderr],
): Promise<ChildExit> {
  const exit = await child.exited;
  const closed = read.map((stream) => (stream.closed ? undefined : once(stream, "close")));
  if (exit.error === undefined) await settledWithin(Promise.all(closed), lastWordsTimeout);
  return exit;
}

async function settledWithin(promise: Promise<unknown>, timeout: number): Promise<void> {
  const stop = new AbortController();
  const tooLate = delay(timeout, undefined, { signal: stop.signal }).catch(() => undefined);
  await Promise.race([promise, tooLate]);
  stop.abort();
}
