import type { IncomingMessage } from "node:http";

/** Whether a person opened this address: programs get no page (RULES R1). */
export function isNavigation(request: IncomingMessage): boolean {
  if (request.method !== "GET") return false;
  const mode = request.headers["sec-fetch-mode"];
  if (mode !== undefined) return mode === "navigate";
  return acceptsPage(request);
}

/** As browsers do where they show the response as a page. */
export function acceptsPage({ headers }: IncomingMessage): boolean {
  return (headers.accept ?? "").includes("text/html");
}

/** Whether a person sees the response, as opposed to a program that also accepts pages. */
export function isPersonsNavigation(request: IncomingMessage): boolean {
  const { "sec-fetch-mode": mode, "user-agent": agent } = request.headers;
  // Browsers send no Sec-Fetch-* over plain HTTP, but all name themselves like this.
  return isNavigation(request) && (mode !== undefined || agent?.startsWith("Mozilla/") === true);
}

/** A login in a frame would not be visible: the hub forbids framing. */
export function isTopLevelNavigation(request: IncomingMessage): boolean {
  const destination = request.headers["sec-fetch-dest"];
  return isNavigation(request) && (destination === undefined || destination === "document");
}

/** Browsers send it before a request of another origin's page, always without a login (Fetch §4.8). */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === "OPTIONS" && headers.origin !== undefined && headers["access-control-request-method"] !== undefined;
}

/** Browsers send this for a reload (RFC 9111 §5.2.1.1), not for a navigation. */
export function isReload({ headers }: IncomingMessage): boolean {
  return /\b(no-cache|max-age=0)\b/i.test(headers["cache-control"] ?? "");
}
