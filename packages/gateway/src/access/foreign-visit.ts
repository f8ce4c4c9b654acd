import type { IncomingMessage } from "node:http";
import { isFromBrowser } from "./page-demand.ts";
import type { Route } from "./routes.ts";

/**
 * RULES R5: a page of another site can open a program of the owner at any address below it, and what guests stored in a program
 * may attack the owner there, on the IDE's origin. So such a visit meets a question first. Only windows: frames, pictures
 * and requests of scripts are answered as before, and without `SameSite=None` they carry no login. The hub's own pages on our
 * origin are asked about too: another site can send a person to its login, which goes on to an address of that site's choice.
 * @param isTrusted whether an origin is the hub's, one that an administrator allowed, or that of the IDE's own pages
 * @param hubPath where the hub's pages are if it has our origin; begins and ends with `/`
 */
export function isForeignVisit(
  request: IncomingMessage,
  route: Route,
  upgrade: boolean,
  isTrusted: (origin: string) => boolean,
  hubPath: string | undefined,
): boolean {
  if (upgrade || (route.kind !== "port" && route.kind !== "app") || !isFromBrowser(request, false)) return false;
  const { "sec-fetch-mode": mode, "sec-fetch-dest": destination, "sec-fetch-site": site } = request.headers;
  if (mode !== "navigate" || destination !== "document") return false;
  if (site === "same-origin") return hubPath !== undefined && pathOfSender(request).startsWith(hubPath);
  // A subdomain hub's users are of one site: another user's page is as foreign as any.
  if (site !== "cross-site" && site !== "same-site") return false;
  const sender = senderOf(request);
  return sender === undefined || !isTrusted(sender);
}

/** Empty if the browser does not say it. */
function pathOfSender({ headers: { referer } }: IncomingMessage): string {
  return referer !== undefined && URL.canParse(referer) ? new URL(referer).pathname : "";
}

/** The origin of another page that sent the browser here. No page can name another page's. */
export function senderOf({ headers }: Pick<IncomingMessage, "headers">): string | undefined {
  const { referer, "sec-fetch-site": site } = headers;
  // Of the hub's page nobody knows who sent the browser there.
  if (site === "same-origin") return undefined;
  if (referer === undefined || !URL.canParse(referer)) return undefined;
  const { origin } = new URL(referer);
  return origin === "null" ? undefined : origin;
}
