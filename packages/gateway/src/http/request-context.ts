import type { Origination } from "./forwarded.ts";

/** What the headers of a request say; the same for requests and upgrades. */
export interface RequestContext extends Origination {
  /** Identifies this request in the log and in INTERNAL errors. */
  readonly id: string;
  /** Path below the base URL, begins with `/`; percent-encoding and `//` untouched. */
  readonly path: string;
  /** The proof of a page of ours, if the path held one; `path` is without it. */
  readonly pageProof?: string | undefined;
  /** The query as sent, with its `?`, or empty. */
  readonly query: string;
  /** Path prefix of the gateway, begins and ends with `/`. */
  readonly baseUrl: string;
  /** Where the IDE is, if this host has only a port; undefined if that is not known. */
  readonly home?: () => string | undefined;
  /** The Host header that the browser sent, or empty. */
  readonly host: string;
}
