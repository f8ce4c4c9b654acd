import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Program } from "@waiide/protocol";
import { hasCode } from "../../base/error-code.ts";
import { processIds, readProcess, readProcFile } from "../../system/proc-file.ts";

/** Who listens on a port of this machine. `nobody`: no one; `other-user`: not us; `unknown`: the kernel does not tell. */
export type Listener =
  | { readonly kind: "program"; readonly pid: number; readonly program: Program }
  | { readonly kind: "nobody" | "other-user" | "unknown" };

/** A row of /proc/net/tcp (proc_net(5)). */
interface ListeningSocket {
  readonly uid: number;
  readonly inode: string;
}

/** TCP_LISTEN of the kernel's include/net/tcp_states.h. */
const listening = "0A";

/** The sockets that listen on a port, on any address. */
function socketsOn(port: number): ListeningSocket[] {
  return ["net/tcp", "net/tcp6"].flatMap((file) => {
    const table = readProcFile("self", file);
    if (typeof table !== "string") return [];
    return table
      .split("\n")
      .slice(1)
      .flatMap((line) => {
        const [, local = "", , state, , , , uid, , inode] = line.trim().split(/\s+/);
        const isMeant = state === listening && Number.parseInt(local.split(":")[1] ?? "", 16) === port;
        return isMeant && inode !== undefined ? [{ uid: Number(uid), inode }] : [];
      });
  });
}

/** Finds the programs that listen on ports, and looks at their files in /proc only when something has changed. */
export class ListeningPrograms {
  /** By port: the sockets that were found, and the process that holds them. */
  readonly #known = new Map<number, { readonly sockets: string; readonly pid: number; readonly started: string }>();

  /** Anew at each call: what is told apart here decides who gets a request. */
  on(port: number): Listener {
    const found = socketsOn(port);
    if (found.length === 0) return { kind: "nobody" };
    if (found.some(({ uid }) => uid !== process.getuid?.())) return { kind: "other-user" };
    const pid = this.#holderOf(port, [...new Set(found.map(({ inode }) => inode))].sort());
    const program = pid === undefined ? undefined : programOf(pid);
    if (pid === undefined || program === undefined) return { kind: "unknown" };
    return { kind: "program", pid, program };
  }

  #holderOf(port: number, inodes: readonly string[]): number | undefined {
    const sockets = inodes.join(" ");
    const known = this.#known.get(port);
    if (known?.sockets === sockets && readProcess(known.pid)?.started === known.started) return known.pid;
    const holders = inodes.map((inode) => holdersOf(inode));
    const [first = []] = holders;
    // One program on several addresses is one; two programs are not what anybody shared.
    const common = first.filter((pid) => holders.every((pids) => pids.includes(pid)));
    const pid = eldest(common);
    const started = pid === undefined ? undefined : readProcess(pid)?.started;
    if (pid === undefined || started === undefined) return undefined;
    if (this.#known.size > 100) this.#known.clear();
    this.#known.set(port, { sockets, pid, started });
    return pid;
  }
}

/** All processes that have a socket open. */
function holdersOf(inode: string): number[] {
  const target = `socket:[${inode}]`;
  return processIds().filter((pid) => openFilesOf(pid).includes(target));
}

function openFilesOf(pid: number): string[] {
  return unlessGone(() => readdirSync(`/proc/${pid}/fd`), []).map((name) =>
    unlessGone(() => readlinkSync(`/proc/${pid}/fd/${name}`), ""),
  );
}

/** Workers inherit the socket of the process that started them. */
function eldest(pids: readonly number[]): number | undefined {
  const roots = pids.filter((pid) => !pids.includes(readProcess(pid)?.parent ?? 0));
  return (roots.length > 0 ? roots : pids).toSorted((one, other) => one - other)[0];
}

function programOf(pid: number): Program | undefined {
  const line = unlessGone(() => readFileSync(`/proc/${pid}/cmdline`, "utf8"), undefined);
  const executable = unlessGone(() => readlinkSync(`/proc/${pid}/exe`), undefined);
  const folder = unlessGone(() => readlinkSync(`/proc/${pid}/cwd`), undefined);
  const uid = /^Uid:\s+(\d+)/m.exec(String(readProcFile(pid, "status")))?.[1];
  if (line === undefined || executable === undefined || folder === undefined || uid === undefined) return undefined;
  return { uid: Number(uid), executable, arguments: line.replace(/\0$/, "").split("\0"), folder };
}

/** @param otherwise for a process that has ended, or that only others may look at */
function unlessGone<Value, Other>(read: () => Value, otherwise: Other): Value | Other {
  try {
    return read();
  } catch (error) {
    if (hasCode(error, "ENOENT", "ESRCH", "EACCES", "EPERM", "ENOTDIR")) return otherwise;
    throw error;
  }
}

/** Whether two are the same program, started again or not. */
export function isSameProgram(one: Program, other: Program): boolean {
  return (
    one.uid === other.uid &&
    one.executable === other.executable &&
    one.folder === other.folder &&
    JSON.stringify(one.arguments) === JSON.stringify(other.arguments)
  );
}

const maxShownLength = 200;

/** The command line, for its owner. Anyone can choose what a program is called (RULES R17). */
export function commandLineOf({ arguments: words }: Program): string {
  const line = words
    .join(" ")
    .replace(/[\p{Cc}\p{Cf}]+/gu, " ")
    .trim();
  return line.length > maxShownLength ? `${line.slice(0, maxShownLength)}…` : line;
}
