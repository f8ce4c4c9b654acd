import type { Backend } from "./backend.ts";

/** Where a route leads. */
export interface Destination {
  readonly backend: Backend;
  /** Path and query for the backend, byte for byte. */
  readonly target: string;
  /** Where the browser sees the backend: with the base URL, begins and ends with `/`. */
  readonly prefix: string;
  readonly prefixStripped: boolean;
  readonly requestHeaders?: Readonly<Record<string, string>>;
}
