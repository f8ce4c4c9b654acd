import type { SessionErrorCode } from "@waiide/protocol";

/** A request about files that failed, as guests may know it: no absolute path, nothing of what is hidden (RULES R10). */
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

/** One answer for what is missing, hidden, outside, or no file or folder at all: they cannot be told apart (RULES R10). */
export function notFound(): FileError {
  return new FileError("NOT_FOUND", "There is no such file or folder in this share.");
}

export function cancelled(): FileError {
  return new FileError("CANCELLED", "The request was cancelled.");
}

const byErrno: Readonly<Record<string, readonly [SessionErrorCode, string]>> = {
  EACCES: ["DENIED", "The owner's system does not permit this."],
  EPERM: ["DENIED", "The owner's system does not permit this."],
  EROFS: ["DENIED", "The owner's file system is read-only."],
  ENOSPC: ["NO_SPACE", "There is no space left on the owner's disk."],
  EDQUOT: ["NO_SPACE", "The owner's disk quota is used up."],
  EFBIG: ["TOO_LARGE", "The file is too large."],
  EEXIST: ["EXISTS", "There is already a file or folder of this name."],
  ENOTEMPTY: ["NOT_EMPTY", "The folder is not empty."],
  EISDIR: ["NOT_A_FILE", "This is a folder."],
  ENAMETOOLONG: ["INVALID", "The name is too long for the owner's file system."],
  EINVAL: ["INVALID", "The owner's file system does not permit this name or place."],
  EXDEV: ["FAILED", "The two places are on different file systems of the owner."],
  EMFILE: ["BUSY", "Too many files are open. Try again in a moment."],
  ENFILE: ["BUSY", "Too many files are open. Try again in a moment."],
  EBUSY: ["BUSY", "The file is in use. Try again in a moment."],
};

/** Codes that say that a place is not there. */
const missing = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ESTALE", "ENXIO"]);

/** What a guest is told of any failure; the cause, which names paths, stays with us. */
export function fileErrorOf(error: unknown): FileError {
  if (error instanceof FileError) return error;
  const errno = errnoOf(error) ?? "";
  if (missing.has(errno)) return notFound();
  const [code, message] = byErrno[errno] ?? ["FAILED", "The owner's file system reported an error."];
  return new FileError(code, message, { cause: error });
}

export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

/** The result, or undefined where the file is not there (any more). */
export async function unlessMissing<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (missing.has(errnoOf(error) ?? "")) return undefined;
    throw error;
  }
}
