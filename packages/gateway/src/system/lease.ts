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
import { hasCode } from "../base/error-code.ts";
import { readProcess } from "./proc-file.ts";
import { signalProcess } from "./signals.ts";

/** Who holds a lease, as its file says. */
export interface LeaseHolder {
  readonly host: string;
  readonly pid: number;
  /** When the process started, in the kernel's ticks since boot: distinguishes it from a later one of the same id. */
  readonly started: string;
  /** The kernel's boot and the process namespace: if both are ours, `pid` can be looked up. Containers reuse host names. */
  readonly boot: string;
  readonly namespace: string;
  readonly token: string;
  readonly since: string;
}

interface Found {
  readonly text: string;
  readonly holder: LeaseHolder | undefined;
  /** By the file system's own clock, which may differ from this machine's. Milliseconds. */
  readonly touched: number;
}

/** Another lease can come and go between two attempts; a link that leads nowhere looks the same each time. */
const maxAttempts = 10;

export interface LeaseOptions {
  readonly file: string;
  /** Names this holder. A lease with the same token was left behind by a thread of this holder that died. */
  readonly token: string;
  /** After this silence a holder that cannot be looked up counts as dead. Milliseconds. */
  readonly staleAfter: number;
}

/**
 * An exclusive right, as a file that names its holder (RULES R21). It needs no locks of the kernel, which network file systems
 * may lack. The lease of a process that has ended is void at once, that of another machine after a silence. A holder that was
 * silent for too long finds another name in the file and must stop: call `isOurs` before each change. All methods block.
 */
export class Lease {
  readonly #file: string;
  readonly #token: string;

  private constructor({ file, token }: LeaseOptions) {
    this.#file = file;
    this.#token = token;
  }

  /**
   * @returns the lease, or who holds it; an undefined holder: the file does not say
   * @throws errors of the file system
   */
  static take(options: LeaseOptions): Lease | { readonly heldBy: LeaseHolder | undefined } {
    const { file, token } = options;
    const prepared = `${file}.${token}`;
    // The file is complete before it gets its name, so that nobody reads an empty lease. Its time is the file system's now.
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

  /** Who holds the lease now; undefined: nobody, or the file does not say. */
  holder(): LeaseHolder | undefined {
    return read(this.#file)?.holder;
  }

  /** A sign of life: writes the same bytes again, so that the file's time comes from the file system's clock. */
  beat(): void {
    const descriptor = openSync(this.#file, "r+");
    try {
      // Through one descriptor: a file that replaced ours meanwhile is not touched.
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

/** NFS repeats a request whose answer was lost, and then says that the link exists that it has just made: the count decides. */
function linked(prepared: string, file: string): boolean {
  try {
    linkSync(prepared, file);
    return true;
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
    return statSync(prepared).nlink === 2;
  }
}

function isVoid(holder: LeaseHolder | undefined, age: number, { token, staleAfter }: LeaseOptions): boolean {
  if (holder === undefined) return age > staleAfter;
  if (holder.token === token) return true;
  const own = ownHolder(token);
  const canLookUp = own.boot !== "" && holder.boot === own.boot && holder.namespace === own.namespace;
  if (canLookUp) return startOf(holder.pid) !== holder.started;
  // Without /proc (macOS) a process can only be found or not.
  const isGone = process.platform !== "linux" && holder.host === own.host && !signalProcess(holder.pid, 0);
  return isGone || age > staleAfter;
}

/** Two may find the same void lease: each moves it away, and puts it back if it is not the one that was found void. */
function removeVoid(file: string, away: string, found: Found): void {
  try {
    renameSync(file, away);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  const moved = read(away);
  if (moved !== undefined && (moved.text !== found.text || moved.touched !== found.touched)) linked(away, file);
  unlinkSync(away);
}

/** Removes what processes left that were killed while they took the lease. */
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
    if (hasCode(error, "ENOENT")) return undefined;
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
  return isHolder(parsed) ? { ...unknownHolder, ...parsed } : undefined;
}

/** Earlier versions left locks of installations that name process and host alone. */
const unknownHolder = { started: "", boot: "", namespace: "", token: "", since: "" };

function isHolder(value: unknown): value is Pick<LeaseHolder, "pid" | "host"> & Partial<LeaseHolder> {
  if (typeof value !== "object" || value === null) return false;
  const { pid, host, ...texts } = value as Partial<Record<keyof LeaseHolder, unknown>>;
  if (!Number.isInteger(pid) || typeof host !== "string") return false;
  return Object.keys(unknownHolder).every((key) =>
    ["string", "undefined"].includes(typeof texts[key as keyof typeof texts]),
  );
}

function ownHolder(token: string): LeaseHolder {
  return {
    host: hostname(),
    pid: process.pid,
    started: startOf(process.pid) ?? "",
    boot: kernelText(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()) ?? "",
    namespace: kernelText(() => readlinkSync("/proc/self/ns/pid")) ?? "",
    token,
    since: new Date().toISOString(),
  };
}

/** When a process started; undefined if it has ended. */
function startOf(pid: number): string | undefined {
  const found = readProcess(pid);
  return found?.ended === false ? found.started : undefined;
}

/** The text of a file that the kernel provides; undefined if it has none of that name, as on systems without /proc. */
function kernelText(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}
