import { createHash } from "node:crypto";
import { readProcFile } from "./proc-file.ts";

/** A variable with its value, which processes inherit: `WAIIDE_SHARE=<id>`. `lockLimitOf` returns the limit for it. */
export type Mark = `${string}=${string}`;

/**
 * The second mark of a share's processes. The environment of a process is unreadable if its program may not be read
 * (mode 0711, like all programs in our image) or makes itself undumpable (ssh-agent, gpg-agent), and `env -i` clears it. Its
 * limits stay readable for everyone (proc_pid_limits(5)): every child inherits them, exec does not change them, and an
 * unprivileged process can only lower a hard limit. The limit on file locks (RLIMIT_LOCKS, setrlimit(2)) has had no effect
 * since Linux 2.4.25, so a value of our own disturbs nothing.
 */
const firstLimit = 2n ** 62n;
const limitRange = 2n ** 61n;

/** The limit that stands for a mark; a restart of the gateway does not change it. */
export function lockLimitOf(mark: Mark): bigint {
  return firstLimit + (createHash("sha256").update(mark).digest().readBigUInt64BE() % limitRange);
}

/** The limit of a process. `other`: neither a mark of ours nor the default “unlimited”; somebody changed it. */
export type LockLimit = { readonly kind: "marked"; readonly limit: bigint } | { readonly kind: "unlimited" | "other" };

/** Undefined if the limit cannot be read: the process has ended, or /proc hides it. */
export function readLockLimit(pid: number | "self"): LockLimit | undefined {
  const limits = readProcFile(pid, "limits");
  const hard = typeof limits === "string" ? /^Max file locks +\S+ +(\S+)/m.exec(limits)?.[1] : undefined;
  if (hard === undefined) return undefined;
  if (!/^\d+$/.test(hard)) return { kind: "unlimited" };
  const limit = BigInt(hard);
  return limit >= firstLimit && limit < firstLimit + limitRange ? { kind: "marked", limit } : { kind: "other" };
}
