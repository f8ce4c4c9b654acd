import { randomBytes } from "node:crypto";
import type { CreatedShare } from "@waiide/protocol";
import { renderSVG } from "uqr";
import { ViewColumn, window } from "vscode";
import { escaped } from "../text/escaped.ts";
import { t } from "../text/translation.ts";

/** Shows a link as a QR code, in a tab that stays. @param facts about the share, without strangers' text */
export function showQrCode({ url }: Pick<CreatedShare, "url">, facts: string): void {
  const options = { enableScripts: false, localResourceRoots: [] };
  const panel = window.createWebviewPanel("waiide.qrCode", t("QR Code of a Link"), ViewColumn.Active, options);
  panel.webview.html = qrPage(url, facts, randomBytes(16).toString("base64url"));
}

const style = `
body { display: flex; flex-direction: column; align-items: center; gap: 16px; margin: 0; padding: 24px;
  font: var(--vscode-font-size) / 1.4 var(--vscode-font-family); color: var(--vscode-foreground); }
svg { width: min(60vmin, 360px); height: auto; border-radius: 4px; }
p { margin: 0; max-width: 60ch; text-align: center; overflow-wrap: anywhere; }
`;

/** The page of a code: nothing from elsewhere, no script. @param nonce new for each page */
export function qrPage(link: string, facts: string, nonce: string): string {
  const code = renderSVG(link, { border: 3, ecc: "M" });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'">
<style nonce="${nonce}">${style}</style>
</head>
<body>
<p>${escaped(facts)}</p>
<div role="img" aria-label="${escaped(t("QR code of the link"))}">${code}</div>
<p><code>${escaped(link)}</code></p>
</body>
</html>`;
}
