import type { WorkbenchManifest } from "@waiide/protocol";
import { proofSegment } from "../http/page-proof.ts";
import { html } from "../http/pages/html.ts";
import type { Page } from "../http/pages/page.ts";
import { bundlePage } from "./bundle-page.ts";

export interface OuterPageContent {
  readonly manifest: WorkbenchManifest;
  /** Path of the share, begins and ends with `/`. */
  readonly sharePath: string;
  /** Path of the page's files, begins and ends with `/`. */
  readonly assets: string;
  /** Hosts, with ports, at which the browser may see this page. */
  readonly hosts: readonly string[];
  /** Origin of the app's own host; undefined: it is sealed. */
  readonly own: string | undefined;
  /** Proves that a request comes from this page (RULES R5). */
  readonly proof: string;
}

/**
 * RULES R31: the page around a shared app. Its frame shows nothing but this share's app, wherever that sends it, and no page
 * frames it.
 */
export function outerPage({ manifest, sharePath, assets, hosts, own, proof }: OuterPageContent): Page {
  const { entry, styles } = manifest.app;
  return bundlePage({
    title: "A shared app – WAIIDE",
    assets,
    styles,
    entry,
    data: html`data-base="${sharePath}${proofSegment(proof)}/"`,
    policy: outerPolicy(sharePath, hosts, own),
  });
}

function outerPolicy(sharePath: string, hosts: readonly string[], own: string | undefined): string {
  // CSP 3 §2.3.1: these two would end the source.
  const path = `${sharePath}app/`.replaceAll(";", "%3B").replaceAll(",", "%2C");
  const sealed = hosts.map((host) => `${host}${path}`);
  return [
    "default-src 'none'",
    "script-src 'self'",
    // Colors of people are written into elements.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    ["connect-src 'self'", ...(own === undefined ? [] : [`${own}/~waiide/`])].join(" "),
    `frame-src ${[...sealed, ...(own === undefined ? [] : [`${own}/`])].join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
