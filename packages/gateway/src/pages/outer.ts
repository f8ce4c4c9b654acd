import type { WorkbenchManifest } from "@waiide/protocol";
import { proofSegment } from "../http/page-proof.ts";
import { html } from "../http/pages/html.ts";
import { iconSvg } from "../http/pages/icon.ts";
import type { Page } from "../http/pages/page.ts";

export interface OuterPageContent {
  readonly manifest: WorkbenchManifest;
  /** Path of the share, begins and ends with `/`. */
  readonly sharePath: string;
  /** Path of the page's files, begins and ends with `/`. */
  readonly assets: string;
  /** Hosts, with ports, at which the browser may see this page. */
  readonly hosts: readonly string[];
  /** Proves that a request comes from this page (RULES R5). */
  readonly proof: string;
}

/**
 * RULES R31: the page around a shared app. Its frame shows nothing but this share's app, wherever that sends it, and no page
 * frames it.
 */
export function outerPage({ manifest, sharePath, assets, hosts, proof }: OuterPageContent): Page {
  const { entry, styles } = manifest.app;
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>A shared app – WAIIDE</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(iconSvg)}">
${styles.map((name) => html`<link rel="stylesheet" href="${assets}${name}">\n`)}<script type="module" src="${assets}${entry}"></script>
</head>
<body data-base="${sharePath}${proofSegment(proof)}/">
<noscript>This page needs JavaScript to show what is shared.</noscript>
</body>
</html>
`;
  return {
    html: text,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": outerPolicy(sharePath, hosts),
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
    },
  };
}

function outerPolicy(sharePath: string, hosts: readonly string[]): string {
  // CSP 3 §2.3.1: these two would end the source.
  const path = `${sharePath}app/`.replaceAll(";", "%3B").replaceAll(",", "%2C");
  return [
    "default-src 'none'",
    "script-src 'self'",
    // Colors of people are written into elements.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    `frame-src ${hosts.map((host) => `${host}${path}`).join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
