import { constants } from "node:os";
import type { StoreTrouble } from "./stored.ts";

/** Why the store failed, in a form that can be sent between threads. */
export interface StoreFailure {
  /** `busy`: locked by another program, worth trying again; `invalid`: the change itself cannot be stored. */
  readonly trouble: StoreTrouble | "busy" | "invalid";
  readonly reason: string;
}

/** Thrown where the store itself detects the trouble. */
export class StoreError extends Error {
  readonly trouble: StoreTrouble;

  constructor(trouble: StoreTrouble, reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = "StoreError";
    this.trouble = trouble;
  }
}

/** Primary result codes (sqlite.org/rescode.html), the low byte of `errcode`. */
const busy = 5;
const locked = 6;
const readOnly = 8;
const corrupt = 11;
const full = 13;
const cannotOpen = 14;
const tooBig = 18;
const constraint = 19;
const mismatch = 20;
const notDatabase = 26;

/** The file that is open is no longer the one of that name. */
const moved = 1032;

/** What an error of SQLite or of the file system means for the store. */
export function failureOf(error: unknown, file: string): StoreFailure {
  if (error instanceof StoreError) return { trouble: error.trouble, reason: error.message };
  if (!(error instanceof Error)) return { trouble: "failed", reason: String(error) };
  if ("errcode" in error && typeof error.errcode === "number") return ofSqlite(error.errcode, error.message, file);
  if ("errno" in error && typeof error.errno === "number") return ofFileSystem(-error.errno, error.message);
  // What cannot be bound: a value of the wrong type, a field that no table has.
  if ("code" in error && typeof error.code === "string") return { trouble: "invalid", reason: error.message };
  return { trouble: "failed", reason: error.message };
}

function ofSqlite(code: number, message: string, file: string): StoreFailure {
  if (code === moved) return { trouble: "failed", reason: `${file} was moved or replaced while it was in use` };
  switch (code & 0xff) {
    case busy:
    case locked:
      return { trouble: "busy", reason: `${file} is locked by another program` };
    case full:
      return { trouble: "full", reason: `there is no space left for ${file}` };
    case readOnly:
      return { trouble: "read-only", reason: `${file} cannot be written: it or its folder is read-only` };
    case corrupt:
    case notDatabase:
      return { trouble: "corrupt", reason: `${file} is damaged (${message}); it is left as it is` };
    case cannotOpen:
      return { trouble: "failed", reason: `${file} cannot be opened` };
    case constraint:
    case tooBig:
    case mismatch:
      return { trouble: "invalid", reason: message };
    default:
      return { trouble: "failed", reason: `${file}: ${message}` };
  }
}

function ofFileSystem(errno: number, message: string): StoreFailure {
  switch (errno) {
    case constants.errno.ENOSPC:
    case constants.errno.EDQUOT:
      return { trouble: "full", reason: `there is no space left (${message})` };
    case constants.errno.EACCES:
    case constants.errno.EPERM:
    case constants.errno.EROFS:
      return { trouble: "read-only", reason: `the folder of the shares cannot be written (${message})` };
    default:
      return { trouble: "failed", reason: message };
  }
}
