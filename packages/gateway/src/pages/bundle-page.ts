import { type Html, html } from "../http/pages/html.ts";
import { iconSvg } from "../http/pages/icon.ts";
import { type Page, pageHeaders } from "../http/pages/page.ts";

/** @property size bytes, not compressed: the script shows how much of them has come */
export interface PreloadedFile {
  readonly name: string;
  readonly size: number;
}

export interface BundlePageContent {
  readonly title: string;
  /** Path of the files, begins and ends with `/`. */
  readonly assets: string;
  /** Names of files below `assets`. */
  readonly styles: readonly string[];
  readonly preload?: readonly PreloadedFile[];
  readonly entry: string;
  /** What the script is told, as attributes of the body. */
  readonly data: Html;
  /** Its Content-Security-Policy. */
  readonly policy: string;
}

/** A page for guests that a script of the workbench package fills; it holds nothing of the share. */
export function bundlePage({ title, assets, styles, preload = [], entry, data, policy }: BundlePageContent): Page {
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(iconSvg)}">
${styles.map((name) => html`<link rel="stylesheet" href="${assets}${name}">\n`)}${preload.map(
  ({ name, size }) => html`<link rel="modulepreload" href="${assets}${name}" data-size="${size}">\n`,
)}<script type="module" src="${assets}${entry}"></script>
</head>
<body ${data}>
<noscript>This page needs JavaScript to show what is shared.</noscript>
</body>
</html>
`;
  return { html: text, headers: pageHeaders(policy) };
}
