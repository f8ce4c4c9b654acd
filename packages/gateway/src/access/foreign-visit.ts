import type { IncomingMessage } from "node:http";
import { isFromBrowser } from "./page-demand.ts";
import type { Route } from "./routes.ts";

/**
 * RULES R5: a page of another site can open a program of the owner at any address below it, and what guests stored in a program
 * may attack the owner there, on the IDE's origin. So such a visit meets a question first. Only windows: frames, pictures
 * and requests of scripts are answered as before, and without `SameSite=None` they carry no login.
 * @param isTrusted whether an origin is the hub's, one that an administrator allowed, or that of the IDE's own pages
 */
export function isForeignVisit(
  request: IncomingMessage,
  route: Route,
  upgrade: boolean,
  isTrusted: (origin: string) => boolean,
): boolean {
  if (upgrade || (route.kind !== "port" && route.kind !== "app") || !isFromBrowser(request, false)) return false;
  const { "sec-fetch-mode": mode, "sec-fetch-dest": destination, "sec-fetch-site": site } = request.headers;
  if (mode !== "navigate" || destination !== "document") return false;
  // A subdomain hub's users are of one site: another user's page is as foreign as any.
  if (site !== "cross-site" && site !== "same-site") return false;
  const sender = senderOf(request);
  return sender === undefined || !isTrusted(sender);
}

/** The origin of the page that sent the browser here. No page can name another page's. */
export function senderOf({ headers: { referer } }: Pick<IncomingMessage, "headers">): string | undefined {
  if (referer === undefined || !URL.canParse(referer)) return undefined;
  const { origin } = new URL(referer);
  return origin === "null" ? undefined : origin;
}
