import type { SessionErrorCode } from "@waiide/protocol";

/** The gateway's error in place of a result, or the end of the connection. */
export class SessionError extends Error {
  readonly code: SessionErrorCode;
  /** The file's version, with CONFLICT. */
  readonly version: string | undefined;

  constructor(code: SessionErrorCode, message: string, version?: string) {
    super(message);
    this.name = "SessionError";
    this.code = code;
    this.version = version;
  }
}
