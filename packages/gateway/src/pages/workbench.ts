import type { WorkbenchManifest } from "@waiide/protocol";
import { proofSegment } from "../http/page-proof.ts";
import { html } from "../http/pages/html.ts";
import { iconSvg } from "../http/pages/icon.ts";
import { type Page, renderPage } from "../http/pages/page.ts";

export interface WorkbenchPageContent {
  readonly manifest: WorkbenchManifest;
  readonly share: string;
  /** Path of the share, begins and ends with `/`. */
  readonly sharePath: string;
  /** Path of the workbench's files, begins and ends with `/`. */
  readonly assets: string;
  /** Proves that a request comes from this page (RULES R5). */
  readonly proof: string;
}

/** The guest workbench: the page contains nothing of the share and asks over its session (DESIGN §3.5). */
export function workbenchPage({ manifest, share, sharePath, assets, proof }: WorkbenchPageContent): Page {
  const styles = manifest.styles.map((name) => html`<link rel="stylesheet" href="${assets}${name}">\n`);
  const preload = manifest.preload.map((name) => html`<link rel="modulepreload" href="${assets}${name}">\n`);
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>A shared workspace – WAIIDE</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(iconSvg)}">
${styles}${preload}<script type="module" src="${assets}${manifest.entry}"></script>
</head>
<body data-share="${share}" data-base="${sharePath}${proofSegment(proof)}/" data-assets="${assets}">
<noscript>This page needs JavaScript to show what is shared.</noscript>
</body>
</html>
`;
  return {
    html: text,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": manifest.policy.replaceAll("{assets}", assets).replaceAll("{share}", sharePath),
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
    },
  };
}

/** The page for guests if this WAIIDE was built without its guest workbench. */
export function missingWorkbenchPage(): Page {
  return renderPage({
    title: "You have joined",
    body: html`<p>This WAIIDE was built without the page for guests.</p>
<p>Ask an administrator of this server to run “npm run build”.</p>`,
  });
}
