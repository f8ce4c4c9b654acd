import type { GatewayError } from "../base/errors.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { Backend } from "./backend.ts";
import type { Tunnel } from "./tunnel.ts";

/** One request or upgrade on its way to a backend. */
export interface Forward {
  readonly backend: Backend;
  /** Path and query for the backend, byte for byte as the browser sent them but for the prefix. */
  readonly target: string;
  /** Where the browser sees this backend; begins and ends with `/`. Cookies and service workers are confined to it. */
  readonly prefix: string;
  /** Whether the backend sees requests without the prefix. */
  readonly prefixStripped: boolean;
  readonly context: RequestContext;
  /** Which header carried a secret of ours. `authorization`: that header is removed; an app's own passes. Default `none`. */
  readonly credentials?: "authorization" | "cookie" | "none";
  /** The hub's own paths, which redirects of a backend may name (RULES R6). Default `/hub/`; empty: there is no hub. */
  readonly hubPrefix?: string;
  /** Headers set on the request to the backend, over the browser's. */
  readonly requestHeaders?: Readonly<Record<string, string>>;
  /** RULES R7: off unless an administrator asked for it. */
  readonly rewriteHtml: boolean;
  /** Answers the browser; called at most once, and only while nothing has been sent to it. */
  readonly onError: (error: GatewayError) => void;
  /** Told when an answer broke off halfway and the browser's connection was cut, for the log. */
  readonly onCut?: (error: GatewayError) => void;
  /** Given an accepted upgrade, just before its bytes flow. */
  readonly onTunnel?: (tunnel: Tunnel) => void;
}
