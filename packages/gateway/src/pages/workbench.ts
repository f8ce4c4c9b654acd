import type { WorkbenchManifest } from "@waiide/protocol";
import { proofSegment } from "../http/page-proof.ts";
import { html } from "../http/pages/html.ts";
import { type Page, renderPage } from "../http/pages/page.ts";
import { bundlePage } from "./bundle-page.ts";

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
  const { styles, preload, entry, policy } = manifest;
  return bundlePage({
    title: "A shared workspace – WAIIDE",
    assets,
    styles,
    preload: preload.map((name) => ({ name, size: manifest.files[name]?.size ?? 0 })),
    entry,
    data: html`data-share="${share}" data-base="${sharePath}${proofSegment(proof)}/" data-assets="${assets}"`,
    policy: policy.replaceAll("{assets}", assets).replaceAll("{share}", sharePath),
  });
}

/** The page for guests if this WAIIDE was built without its guest workbench. */
export function missingWorkbenchPage(): Page {
  return renderPage({
    title: "You have joined",
    body: html`<p>This WAIIDE was built without the page for guests.</p>
<p>Ask an administrator of this server to run “npm run build”.</p>`,
  });
}
