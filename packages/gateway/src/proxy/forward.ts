import type { GatewayError } from "../base/errors.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { Backend } from "./backend.ts";
import type { Reshape } from "./reshape.ts";
import type { Tunnel } from "./tunnel.ts";

/** How one request or upgrade is forwarded to a backend. */
export interface Forward {
  readonly backend: Backend;
  /** Path and query for the backend, byte for byte as the browser sent them except for the prefix. */
  readonly target: string;
  /** Where the browser sees this backend; begins and ends with `/`. Cookies and service workers are confined to it. */
  readonly prefix: string;
  /** Whether the backend sees requests without the prefix. */
  readonly prefixStripped: boolean;
  readonly context: RequestContext;
  /** The header that carried a secret of ours. `authorization`: that header is removed; an app's own passes. Default `none`. */
  readonly credentials?: "authorization" | "cookie" | "none";
  /** The hub's own paths, which redirects of a backend may name (RULES R6). Default `/hub/`; empty without a hub. */
  readonly hubPrefix?: string;
  /** Headers for the backend; they replace the browser's. */
  readonly requestHeaders?: Readonly<Record<string, string>>;
  /** RULES R7: off unless an administrator turned it on. */
  readonly rewriteHtml: boolean;
  /** What else happens to the request and its answer. Default: nothing. */
  readonly reshape?: Reshape;
  /** Answers the browser. Called at most once, and only before anything has been sent to it. */
  readonly onError: (error: GatewayError) => void;
  /** Called when a response broke off and the browser's connection was cut, for the log. */
  readonly onCut?: (error: GatewayError) => void;
  /** Called with an accepted upgrade, just before its bytes flow. */
  readonly onTunnel?: (tunnel: Tunnel) => void;
}
