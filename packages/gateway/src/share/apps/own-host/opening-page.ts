import { hash } from "node:crypto";
import type { Page } from "../../../http/pages/page.ts";
import { hostHeaders } from "./host-answers.ts";

/** A constant: the policy has its hash. */
const script = `
const place = new URL(decodeURIComponent(location.hash.slice(1)), location.origin);
location.replace(place.origin === location.origin ? place.href : "/");
`;

/**
 * Where the frame of an app on a host of its own begins. It goes on to the app by itself, so that the app's first page, too, is
 * asked for by a page of that host: other sites can ask for none (RULES R35). @param mainOrigin what may frame it
 */
export function openingPage(mainOrigin: string): Page {
  const policy = `default-src 'none'; script-src 'sha256-${hash("sha256", script, "base64")}'; base-uri 'none'; frame-ancestors ${mainOrigin}`;
  return {
    html: `<!doctype html><meta charset="utf-8"><title>Opening the app</title><script>${script}</script>`,
    headers: {
      ...hostHeaders(mainOrigin),
      "Content-Security-Policy": policy,
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-store",
      "Referrer-Policy": "no-referrer",
    },
  };
}
