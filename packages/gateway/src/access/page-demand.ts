import type { IncomingMessage } from "node:http";
import { isSafe } from "../http/origin.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { Route } from "./routes.ts";

/**
 * What a route asks of a browser besides who it is (RULES R5). `page`: that a person opened it, in a window of its own.
 * `proof`: that a page of ours asks. `nothing`: files that are the same for everybody, and programs behind us, whose pages
 * cannot prove anything.
 */
export type PageDemand = "page" | "proof" | "nothing";

/** Static files of the IDE, and what its starting page and the browser ask for; nothing of it is anybody's own. */
const publicIdePath =
  /^\/(?:[a-z]+-[0-9a-f]+\/static\/|_static\/|(?:manifest\.json|waiide-(?:page|webviews)\.js|waiide-state|waiide-keeper\/[\da-f-]{36}\/[\w.]+|version|callback)$)/;
/** Our pages, and addresses that change who is logged in, below the base URL. */
const pageOfApi = /^\/(?:login|logout|oauth_callback|share\/[^/]+\/(?:login)?)$/;

/** Deny by default: what is not known to be for everybody needs a proof. */
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
      if (route.who !== "anyone") return "proof";
      return isRead && pageOfApi.test(path) ? "page" : "nothing";
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
 * Whether a page can have sent it. All browsers that we support send Sec-Fetch-Site, Sec-Fetch-Mode and Sec-Fetch-Dest together
 * (HTTPS and loopback); programs' libraries send some of them at most. Over plain HTTP to another machine they send Origin
 * with each WebSocket and unsafe method, and nothing with what only reads.
 * @param sharesOrigin pages of others may have the very origin that we have
 */
export function isFromBrowser({ headers }: IncomingMessage, sharesOrigin: boolean): boolean {
  const hasMetadata = ["sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"].every(
    (name) => headers[name] !== undefined,
  );
  return hasMetadata || (sharesOrigin && headers.origin !== undefined);
}

/**
 * Whether a person opened it in a window of its own. A service worker that answers in our place cannot ask so: what it
 * fetches has no destination, and what the browser fetches for it meanwhile is marked.
 */
export function isOpened(request: IncomingMessage): boolean {
  const { headers } = request;
  if (!isSafe(request) || headers["service-worker-navigation-preload"] !== undefined) return false;
  const destination = headers["sec-fetch-dest"];
  return headers["sec-fetch-mode"] === "navigate" && (destination === undefined || destination === "document");
}

/** Whether a person typed the address, or has it among the bookmarks: no page has a part in it. */
export function isTyped(request: IncomingMessage): boolean {
  return isOpened(request) && request.headers["sec-fetch-site"] === "none";
}
