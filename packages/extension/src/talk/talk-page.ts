import { escaped } from "../text/escaped.ts";
import type { TalkWords } from "./messages.ts";

const style = `
body { display: flex; flex-direction: column; gap: 8px; box-sizing: border-box; height: 100vh; margin: 0; padding: 8px 12px;
  font: var(--vscode-font-size) / 1.4 var(--vscode-font-family); color: var(--vscode-foreground); }
[hidden] { display: none !important; }
select, textarea { box-sizing: border-box; width: 100%; padding: 4px 6px; font: inherit; color: var(--vscode-input-foreground);
  background: var(--vscode-input-background); border: 1px solid var(--vscode-input-border, var(--vscode-contrastBorder, transparent)); }
.messages { flex: 1; min-height: 4em; overflow-y: auto; }
.messages:empty::before { content: attr(data-none); color: var(--vscode-descriptionForeground); }
.message { padding: 5px 0; }
.message p { margin: 1px 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
strong { unicode-bidi: isolate; }
strong::before { content: ""; display: inline-block; width: 8px; height: 8px; margin-inline-end: 5px; border-radius: 50%;
  background: var(--person, var(--vscode-foreground)); }
time, .soft { color: var(--vscode-descriptionForeground); }
form p { margin: 4px 0; }
.problem { color: var(--vscode-errorForeground); }
button { padding: 3px 10px; font: inherit; cursor: pointer; color: var(--vscode-button-foreground); background: var(--vscode-button-background);
  border: 1px solid var(--vscode-button-border, transparent); border-radius: 2px; }
button.link { display: inline; padding: 0; text-align: start; overflow-wrap: anywhere; text-decoration: underline;
  color: var(--vscode-textLink-foreground); background: none; border: none; }
@media (max-height: 300px) { form .soft { display: none; } textarea { height: 2.8em; } }
:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 1px; }
`;

/** The page of the conversation's view: our script and style, and nothing from elsewhere. @param nonce new for each page */
export function talkPage(script: string, words: TalkWords, nonce: string): string {
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<style nonce="${nonce}">${style}</style>
</head>
<body data-words="${escaped(JSON.stringify(words))}">
<script nonce="${nonce}">${script.replaceAll("</script", "<\\/script")}</script>
</body>
</html>`;
}
