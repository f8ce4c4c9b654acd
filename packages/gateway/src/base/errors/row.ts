/**
 * One error: the HTTP status of an error that answers a request, or the exit code of one that ends the command; what
 * happened, and what to do.
 */
export interface ErrorRow {
  readonly status?: number;
  readonly exit?: number;
  /** What happened and why; `{name}` is filled from the error's details. */
  readonly message: string;
  /** What the reader can do about it. */
  readonly action: string;
}

export type ErrorRows = Readonly<Record<string, ErrorRow>>;
