import type { IncomingMessage } from "node:http";

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether a request only reads (RFC 9110 §9.2.1). */
export function isSafe(request: IncomingMessage): boolean {
  return safeMethods.has(request.method ?? "");
}

/**
 * RULES R5: a page of another origin must not send unsafe requests or open WebSockets with the owner's cookie.
 * Applies to requests with a cookie or without credentials.
 * @param allowedOrigins `https://host[:port]`, besides the host the request was sent to
 * @returns undefined if the request may pass, else the origin it came from, in words
 */
export function foreignOrigin(
  request: IncomingMessage,
  upgrade: boolean,
  allowedOrigins: readonly string[],
): string | undefined {
  if (!upgrade && isSafe(request)) return undefined;
  const { origin, host } = request.headers;
  const site = request.headers["sec-fetch-site"];
  if (site === "same-origin") return undefined;
  // Supported browsers send one of the two with each unsafe request and WebSocket.
  if (origin === undefined) return site === undefined ? undefined : `none (${String(site)})`;
  if (allowedOrigins.includes(origin)) return undefined;
  if (site === undefined && host !== undefined && hostOfOrigin(origin) === host.toLowerCase()) return undefined;
  return origin;
}

/** `http://localhost:8070` → `localhost:8070`, as a browser writes it into Host; undefined for `null` and non-URLs. */
function hostOfOrigin(origin: string): string | undefined {
  const match = /^https?:\/\/([^/]+)$/i.exec(origin);
  return match?.[1]?.toLowerCase();
}
