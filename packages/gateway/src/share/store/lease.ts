import {
  closeSync,
  fstatSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";

/** The holder of the right to write, as the lease file names it. */
export interface LeaseHolder {
  readonly host: string;
  readonly pid: number;
  /** When the process started, in the kernel's ticks since boot: distinguishes it from a later one of the same id. */
  readonly started: string;
  /** The kernel's boot and the process namespace: where both are ours, `pid` can be looked up. Containers reuse host names. */
  readonly boot: string;
  readonly namespace: string;
  readonly token: string;
  readonly since: string;
}

interface Found {
  readonly text: string;
  readonly holder: LeaseHolder | undefined;
  /** By the file system's clock, which may differ from this machine's. Milliseconds. */
  readonly touched: number;
}

/** Other gateways may come and go meanwhile, but a dangling link stays dangling. */
const maxAttempts = 10;

export interface LeaseOptions {
  readonly file: string;
  /** Names this holder; a lease with it is its own, left behind by a thread that died. */
  readonly token: string;
  /** A holder that cannot be looked up and was silent for this long counts as dead. Milliseconds. */
  readonly staleAfter: number;
}

/**
 * The right to write: a file that names its holder (RULES R21), since network file systems may lack kernel locks. The lease
 * of an ended process is void at once, that of another machine after a silence. A holder that was silent too long finds
 * another name in the file and must stop: check `isOurs` at each transaction. Everything here blocks.
 */
export class Lease {
  readonly #file: string;
  readonly #token: string;

  private constructor({ file, token }: LeaseOptions) {
    this.#file = file;
    this.#token = token;
  }

  /**
   * @returns the lease, or its holder; undefined holder: unknown
   * @throws errors of the file system
   */
  static take(options: LeaseOptions): Lease | { readonly heldBy: LeaseHolder | undefined } {
    const { file, token } = options;
    const prepared = `${file}.${token}`;
    // Complete before it gets its name: nobody reads an empty lease. Its time is the file system's now.
    writeFileSync(prepared, JSON.stringify(ownHolder(token)), { mode: 0o600 });
    try {
      sweep(file, statSync(prepared).mtimeMs - options.staleAfter);
      for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
        if (linked(prepared, file)) return new Lease(options);
        const found = read(file);
        if (found === undefined) continue;
        const age = statSync(prepared).mtimeMs - found.touched;
        if (!isVoid(found.holder, age, options)) return { heldBy: found.holder };
        removeVoid(file, `${prepared}.void`, found);
      }
      return { heldBy: undefined };
    } finally {
      unlinkSync(prepared);
    }
  }

  isOurs(): boolean {
    return read(this.#file)?.holder?.token === this.#token;
  }

  /** The holder now; undefined: unknown. */
  holder(): LeaseHolder | undefined {
    return read(this.#file)?.holder;
  }

  /** A sign of life: the same bytes again, so that the file gets the time of the file system's clock. */
  beat(): void {
    const descriptor = openSync(this.#file, "r+");
    try {
      // Through one descriptor: what replaced our file meanwhile is not touched.
      const text = readFileSync(descriptor, "utf8");
      if (parseHolder(text)?.token === this.#token) writeSync(descriptor, text, 0);
    } finally {
      closeSync(descriptor);
    }
  }

  release(): void {
    if (this.isOurs()) unlinkSync(this.#file);
  }
}

/** If an answer is lost, NFS reports that the link exists although it has just made it: the count decides. */
function linked(prepared: string, file: string): boolean {
  try {
    linkSync(prepared, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return statSync(prepared).nlink === 2;
  }
}

function isVoid(holder: LeaseHolder | undefined, age: number, { token, staleAfter }: LeaseOptions): boolean {
  if (holder === undefined) return age > staleAfter;
  if (holder.token === token) return true;
  const own = ownHolder(token);
  const canLookUp = own.boot !== "" && holder.boot === own.boot && holder.namespace === own.namespace;
  return canLookUp ? startOf(holder.pid) !== holder.started : age > staleAfter;
}

/** Two may find the same void lease: it is moved away, and goes back if it is not the one that was found void. */
function removeVoid(file: string, away: string, found: Found): void {
  try {
    renameSync(file, away);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  const moved = read(away);
  if (moved !== undefined && (moved.text !== found.text || moved.touched !== found.touched)) linked(away, file);
  unlinkSync(away);
}

/** Leftovers of gateways that were killed while taking it. */
function sweep(file: string, before: number): void {
  for (const name of readdirSync(dirname(file))) {
    if (!name.startsWith(`${basename(file)}.`)) continue;
    const leftover = join(dirname(file), name);
    const touched = read(leftover)?.touched;
    if (touched !== undefined && touched < before) rmSync(leftover, { force: true });
  }
}

function read(file: string): Found | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const text = readFileSync(descriptor, "utf8");
    return { text, holder: parseHolder(text), touched: fstatSync(descriptor).mtimeMs };
  } finally {
    closeSync(descriptor);
  }
}

function parseHolder(text: string): LeaseHolder | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  return isHolder(parsed) ? parsed : undefined;
}

function isHolder(value: unknown): value is LeaseHolder {
  if (typeof value !== "object" || value === null) return false;
  const { pid, ...texts } = value as Record<keyof LeaseHolder, unknown>;
  return (
    Number.isInteger(pid) &&
    (["host", "started", "boot", "namespace", "token", "since"] as const).every((key) => typeof texts[key] === "string")
  );
}

function ownHolder(token: string): LeaseHolder {
  return {
    host: hostname(),
    pid: process.pid,
    started: startOf(process.pid) ?? "",
    boot: fromProc(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()) ?? "",
    namespace: fromProc(() => readlinkSync("/proc/self/ns/pid")) ?? "",
    token,
    since: new Date().toISOString(),
  };
}

/** When the process started; undefined if it has ended, or is only waited for. */
function startOf(pid: number): string | undefined {
  const stat = fromProc(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  if (stat === undefined) return undefined;
  // proc_pid_stat(5): “id (name) state …”, the start is field 22; the name may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

/** The text of /proc; undefined: the process is gone, or the system has no /proc. */
function fromProc(ask: () => string): string | undefined {
  try {
    return ask();
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
