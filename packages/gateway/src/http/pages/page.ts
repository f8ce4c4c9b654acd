import { createHash } from "node:crypto";
import { asDeclared } from "../content-type.ts";
import { Html, html } from "./html.ts";
import { iconSvg } from "./icon.ts";
import { style } from "./style.ts";

/** A page of ours, ready to send. */
export interface Page {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface PageContent {
  /** Heading and title of the window. */
  readonly title: string;
  readonly body: Html;
  /** A constant: the policy has its hash, so it must not contain anything of a request. */
  readonly script?: string;
  /** A constant too: the styles of this page besides the common ones. */
  readonly style?: string;
  /** Data for the script: attributes `data-…` of the body. */
  readonly data?: Readonly<Record<string, string>>;
  /** Seconds after which browsers without JavaScript reload. */
  readonly refresh?: number;
  /** Where the page leads at once: an address of its own host. */
  readonly leadsTo?: string;
}

/** RULES R18: the policy of a page. It permits only the scripts and styles whose hashes it lists. */
export function contentSecurityPolicy(script: string | undefined, ownStyle?: string): string {
  return [
    "default-src 'none'",
    `style-src ${[style, ...(ownStyle === undefined ? [] : [ownStyle])].map(hashOf).join(" ")}`,
    ...(script === undefined ? [] : [`script-src ${hashOf(script)}`, "connect-src 'self'"]),
    "img-src data:",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** The common frame of our pages: one file without external parts, light or dark as the browser prefers. */
export function renderPage({ title, body, script, style: ownStyle, data = {}, refresh, leadsTo }: PageContent): Page {
  const attributes = Object.entries(data).map(([name, value]) => html` data-${name}="${value}"`);
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – WAIIDE</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(iconSvg)}">
${refresh === undefined ? undefined : html`<noscript><meta http-equiv="refresh" content="${refresh}"></noscript>`}
${leadsTo === undefined ? undefined : html`<meta http-equiv="refresh" content="0;url=${leadsTo}">`}
<style>${new Html(style)}</style>
${ownStyle === undefined ? undefined : html`<style>${new Html(ownStyle)}</style>`}
</head>
<body${attributes}>
<main>
<header>${new Html(iconSvg.replace("<svg ", '<svg aria-hidden="true" '))}<h1 id="title">${title}</h1></header>
${body}
</main>
${script === undefined ? undefined : html`<script>${new Html(script)}</script>`}
</body>
</html>
`;
  return {
    html: text,
    headers: pageHeaders(contentSecurityPolicy(script, ownStyle)),
  };
}

/** Headers of every page of ours. @param policy its Content-Security-Policy */
export function pageHeaders(policy: string): Page["headers"] {
  return {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": policy,
    "Cache-Control": "no-store",
    ...asDeclared,
    "Referrer-Policy": "no-referrer",
  };
}

/** A source expression for the text of a `<script>` or `<style>` (CSP 3 §2.3.1). */
function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
