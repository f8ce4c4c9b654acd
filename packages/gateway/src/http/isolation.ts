import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * RULES R5: whoever opened a window with an answer of ours cannot read it. Chromium has a value for just that. Elsewhere the
 * nearest one separates it from every page but those that send the same value, which another user's server could.
 */
export function openerPolicy({ headers }: Pick<IncomingMessage, "headers">): string {
  return /Chrom(?:e|ium)\//.test(headers["user-agent"] ?? "") ? "noopener-allow-popups" : "same-origin-allow-popups";
}

/** Keeps an answer of ours from frames, openers and pages of other origins, whatever it is; pages say more themselves. */
export function isolate(request: IncomingMessage, response: ServerResponse): void {
  response
    .setHeader("Cross-Origin-Opener-Policy", openerPolicy(request))
    .setHeader("Cross-Origin-Resource-Policy", "same-origin")
    .setHeader("Content-Security-Policy", "frame-ancestors 'none'")
    .setHeader("X-Frame-Options", "DENY");
}
