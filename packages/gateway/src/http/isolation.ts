import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * RULES R5: a page that opens a window with one of our responses cannot read it. Chromium has a value for exactly that. In
 * other browsers the closest one separates it from all pages except those that send the same value, which another user's
 * server could do.
 */
export function openerPolicy({ headers }: Pick<IncomingMessage, "headers">): string {
  return /Chrom(?:e|ium)\//.test(headers["user-agent"] ?? "") ? "noopener-allow-popups" : "same-origin-allow-popups";
}

/** Keeps a response of ours from frames, openers and pages of other origins. Our pages add more headers themselves. */
export function isolate(request: IncomingMessage, response: ServerResponse): void {
  response
    .setHeader("Cross-Origin-Opener-Policy", openerPolicy(request))
    .setHeader("Cross-Origin-Resource-Policy", "same-origin")
    .setHeader("Content-Security-Policy", "frame-ancestors 'none'")
    .setHeader("X-Frame-Options", "DENY");
}
