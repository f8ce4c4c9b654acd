import type { SessionErrorCode } from "@waiide/protocol";
import { errorCodeOf, hasCode } from "../base/error-code.ts";
import { isMissing } from "../system/missing-file.ts";

/** A failed request about files, as guests may see it: no absolute path, and nothing hidden (RULES R10). */
export class FileError extends Error {
  readonly code: SessionErrorCode;
  /** The file's version, with CONFLICT. */
  readonly version?: string;

  constructor(code: SessionErrorCode, message: string, options: ErrorOptions & { version?: string } = {}) {
    super(message, options);
    this.name = "FileError";
    this.code = code;
    if (options.version !== undefined) this.version = options.version;
  }
}

/**
 * One answer for what is missing, hidden, outside, or neither file nor folder, so that guests cannot distinguish them (RULES
 * R10).
 */
export function notFound(): FileError {
  return new FileError("NOT_FOUND", "There is no such file or folder in this share.");
}

export function cancelled(): FileError {
  return new FileError("CANCELLED", "The request was cancelled.");
}

const byErrno: Readonly<Record<string, readonly [SessionErrorCode, string]>> = {
  EROFS: ["DENIED", "The owner's file system is read-only."],
  ETXTBSY: ["DENIED", "The file is a program that is running on the owner's machine."],
  ENOSPC: ["NO_SPACE", "There is no space left on the owner's disk."],
  EDQUOT: ["NO_SPACE", "The owner's disk quota is used up."],
  EFBIG: ["TOO_LARGE", "The file is too large for the owner's file system."],
  EOVERFLOW: ["TOO_LARGE", "The file is too large to be read."],
  EEXIST: ["EXISTS", "There is already a file or folder with this name."],
  ENOTEMPTY: ["NOT_EMPTY", "The folder is not empty."],
  EISDIR: ["NOT_A_FILE", "This is a folder."],
  ENAMETOOLONG: ["INVALID", "The name is too long for the owner's file system."],
  EINVAL: ["INVALID", "The owner's file system does not permit this name or place."],
  EILSEQ: ["INVALID", "The name has characters that the owner's file system does not permit."],
  EOPNOTSUPP: ["INVALID", "The owner's file system cannot do this."],
  ENOTSUP: ["INVALID", "The owner's file system cannot do this."],
  ENOSYS: ["INVALID", "The owner's file system cannot do this."],
  EMLINK: ["INVALID", "The folder holds as many folders as the owner's file system permits."],
  EIO: ["FAILED", "The owner's disk reported a fault while this was read or written."],
  EUCLEAN: ["FAILED", "The owner's file system is damaged."],
  ENODEV: ["FAILED", "The owner's disk is no longer available."],
  ENOTCONN: ["FAILED", "The owner's network drive is not connected."],
  EHOSTDOWN: ["FAILED", "The owner's network drive does not answer."],
  EHOSTUNREACH: ["FAILED", "The owner's network drive does not answer."],
  ETIMEDOUT: ["FAILED", "The owner's network drive does not answer."],
  EREMOTEIO: ["FAILED", "The owner's network drive reported a fault."],
  EXDEV: ["FAILED", "The two places are on different file systems of the owner."],
  EMFILE: ["BUSY", "Too many files are open. Try again in a moment."],
  ENFILE: ["BUSY", "Too many files are open. Try again in a moment."],
  EBUSY: ["BUSY", "The file is in use. Try again in a moment."],
  EAGAIN: ["BUSY", "The file is in use. Try again in a moment."],
  EINTR: ["BUSY", "This was interrupted. Try again."],
  ENOMEM: ["BUSY", "The owner's machine is out of memory. Try again in a moment."],
  ENOLCK: ["BUSY", "The owner's file system has no locks left. Try again in a moment."],
};

/** The permissions of a file or folder do not allow it; for changes the folder may be the reason. */
const notPermitted = {
  read: "You may not read this: its permissions on the owner's machine do not allow it.",
  change: "You may not change this: its permissions on the owner's machine do not allow it.",
} as const;

/** System calls that change something; opening counts as reading by default. */
const changing = new Set([
  "rename",
  "link",
  "unlink",
  "mkdir",
  "rmdir",
  "write",
  "fsync",
  "ftruncate",
  "chmod",
  "fchmod",
]);

/**
 * The error that a guest sees; the cause, which names paths, stays in the gateway.
 * @param intent of the guest, where the system call does not show it
 */
export function fileErrorOf(error: unknown, intent?: keyof typeof notPermitted): FileError {
  if (error instanceof FileError) return error;
  if (isMissing(error)) return notFound();
  if (hasCode(error, "EACCES", "EPERM")) {
    return new FileError("DENIED", notPermitted[intent ?? (isOfChange(error) ? "change" : "read")], { cause: error });
  }
  const [code, message] = byErrno[errorCodeOf(error) ?? ""] ?? ["FAILED", "The owner's file system reported an error."];
  return new FileError(code, message, { cause: error });
}

/** Whether the system call that failed was one that changes something. */
function isOfChange(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && changing.has(String(error.syscall));
}
