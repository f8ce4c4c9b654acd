import type { IncomingMessage } from "node:http";
import { isSafe } from "../http/origin.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { Route } from "./routes.ts";

/**
 * What a route demands of a browser besides the login (RULES R5). `page`: a person opened it in a window of its own.
 * `proof`: the request comes from a page of ours. `nothing`: for files that are the same for everybody, and for programs
 * behind us, whose pages have no proof.
 */
export type PageDemand = "page" | "proof" | "nothing";

/** Static files of the IDE, and what its starting page and the browser request; the same for everybody. */
const publicIdePath =
  /^\/(?:[a-z]+-[0-9a-f]+\/static\/|_static\/|(?:manifest\.json|waiide-(?:page|webviews)\.js|waiide-state|waiide-keeper\/[\da-f-]{36}\/[\w.]+|version|callback)$)/;
/** Our pages, and addresses that log in or out, below the base URL. */
const pageOfApi = /^\/(?:login|logout|oauth_callback|git-pull|copy(?:\/return)?|apps\/|share\/[^/]+\/(?:login|copy)?)$/;

/** Deny by default: everything that is not known to be public needs a proof. */
export function demandOf(
  request: IncomingMessage,
  route: Route,
  { path }: Pick<RequestContext, "path">,
  upgrade: boolean,
): PageDemand {
  const isRead = isSafe(request) && !upgrade;
  switch (route.kind) {
    case "ide":
      return demandOfIde(route.path, isRead);
    case "share":
      if (route.part === "ide") return demandOfIde(route.path, isRead);
      return route.part === "proxy" || route.part === "absproxy" ? "nothing" : "proof";
    case "api":
      if (isRead && pageOfApi.test(path)) return "page";
      return route.who === "anyone" ? "nothing" : "proof";
    case "port-login":
      return "page";
    default:
      return "nothing";
  }
}

function demandOfIde(path: string, isRead: boolean): PageDemand {
  if (!isRead) return "proof";
  if (path === "/") return "page";
  return publicIdePath.test(path) ? "nothing" : "proof";
}

/**
 * Whether a page can have sent the request. All supported browsers send Sec-Fetch-Site, Sec-Fetch-Mode and Sec-Fetch-Dest
 * together (HTTPS and loopback); programs' libraries send some of them at most. Over plain HTTP to another machine browsers
 * send Origin with WebSockets and unsafe methods, and nothing with requests that only read.
 * @param sharesOrigin whether pages of other people can have our origin
 */
export function isFromBrowser({ headers }: IncomingMessage, sharesOrigin: boolean): boolean {
  const hasMetadata = ["sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"].every(
    (name) => headers[name] !== undefined,
  );
  return hasMetadata || (sharesOrigin && headers.origin !== undefined);
}

/**
 * Whether a person opened the address in a window of its own. A service worker cannot imitate that: its own requests have no
 * destination, and the browser marks those that it sends for the worker meanwhile.
 */
export function isOpened(request: IncomingMessage): boolean {
  const { headers } = request;
  if (!isSafe(request) || headers["service-worker-navigation-preload"] !== undefined) return false;
  const destination = headers["sec-fetch-dest"];
  return headers["sec-fetch-mode"] === "navigate" && (destination === undefined || destination === "document");
}

/** Whether a person typed the address or opened a bookmark, so that no page is involved. */
export function isTyped(request: IncomingMessage): boolean {
  return isOpened(request) && request.headers["sec-fetch-site"] === "none";
}
