import { accessErrors } from "./errors/access.ts";
import { backendErrors } from "./errors/backend.ts";
import { copyErrors } from "./errors/copies.ts";
import { requestErrors } from "./errors/request.ts";
import type { ErrorRow, ErrorRows } from "./errors/row.ts";
import { runningErrors } from "./errors/running.ts";
import { sharedAppErrors } from "./errors/shared-apps.ts";
import { sharingErrors } from "./errors/sharing.ts";
import { startErrors } from "./errors/start.ts";
import { usageErrors } from "./errors/usage.ts";

/**
 * Every error that a user, an administrator or a program can see, by its code. A test compares `docs/reference/errors.md`
 * with this table.
 */
export const errorTable = {
  ...accessErrors,
  ...backendErrors,
  ...sharingErrors,
  ...sharedAppErrors,
  ...copyErrors,
  ...requestErrors,
  ...usageErrors,
  ...startErrors,
  ...runningErrors,
} as const satisfies ErrorRows;

export type ErrorCode = keyof typeof errorTable;
export type ErrorDetails = Readonly<Record<string, string | number>>;

/** A failure that somebody outside can see. Thrown or returned; never caught to be ignored. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(fill(errorTable[code].message, details), options);
    this.name = "GatewayError";
    this.code = code;
    this.details = details;
  }

  /** HTTP status; 500 for errors of the command that surface in a request. */
  get status(): number {
    return (errorTable[this.code] as ErrorRow).status ?? 500;
  }

  /** Exit code of the command; 1 for errors of requests that end it. */
  get exit(): number {
    return (errorTable[this.code] as ErrorRow).exit ?? 1;
  }

  get action(): string {
    return fill(errorTable[this.code].action, this.details);
  }

  /** The body that programs get: `{error: {code, message, action}}`, and which field is wrong where one is. */
  toBody(): { error: { code: ErrorCode; message: string; action: string; field?: string } } {
    const { field } = this.details;
    const error = { code: this.code, message: this.message, action: this.action };
    return { error: typeof field === "string" ? { ...error, field } : error };
  }
}

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(details[name] ?? whole));
}

/** The text of an unknown thrown value, without its stack. */
export function reasonOf(error: unknown): string {
  // Node's own, when no address of a host answered, has no text itself.
  if (error instanceof AggregateError && error.message === "") return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
