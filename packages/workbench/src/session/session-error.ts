import type { SessionErrorCode } from "@waiide/protocol";

/** What the gateway answered instead of a result, or that it can no longer be asked. */
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
