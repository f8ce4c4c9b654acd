import { pageProofHeader } from "../http/page-proof.ts";
import { html } from "../http/pages/html.ts";
import { type Page, renderPage } from "../http/pages/page.ts";

export interface GitPullPageContent {
  readonly order: { readonly repository: string; readonly branch: string | undefined; readonly folder: string };
  /** The link's, which the click sends back. */
  readonly query: string;
  readonly baseUrl: string;
  /** Proves that a request comes from this page (RULES R5). */
  readonly proof: string | undefined;
}

/** Sends the order, shows what git says, and goes on to what the link opens. */
const script = `
const { query, base, proof } = document.body.dataset;
const button = document.getElementById("pull");
const phase = document.getElementById("phase");
const progress = document.getElementById("progress");
const log = document.getElementById("log");
const problem = document.getElementById("problem");
const lines = [];
function said(line) {
  const isSame = lines.length > 0 && lines.at(-1).split(":")[0] === line.split(":")[0] && /\\d%/.test(line);
  if (isSame) lines.pop();
  lines.push(line);
  log.textContent = lines.slice(-500).join("\\n");
  log.scrollTop = log.scrollHeight;
}
function failed(text) {
  problem.textContent = text;
  problem.hidden = false;
  phase.hidden = true;
  button.disabled = false;
  button.textContent = "Try again";
}
function goOn({ path, folder, file }) {
  if (path !== undefined) return location.assign(base + path);
  const opened = new URLSearchParams({ folder });
  const address = "vscode-remote://" + location.host + (file ?? "").split("/").map(encodeURIComponent).join("/");
  if (file !== undefined) opened.set("payload", JSON.stringify([["openFile", address]]));
  location.assign(base + "ide/?" + opened);
}
async function pull() {
  button.disabled = true;
  problem.hidden = true;
  progress.hidden = phase.hidden = false;
  lines.length = 0;
  const headers = { "Content-Type": "application/json", Accept: "application/x-ndjson, application/json", ...(proof && { "${pageProofHeader}": proof }) };
  const answer = await fetch(base + "git-pull", { method: "POST", headers, body: JSON.stringify({ query }) });
  if (!answer.ok) {
    const told = answer.headers.get("content-type")?.includes("json") ? (await answer.json()).error : undefined;
    return failed(told ? told.message + " " + told.action : "WAIIDE answered " + answer.status + ".");
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let end;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const parts = (rest + value).split("\\n");
    rest = parts.pop();
    for (const part of parts.filter(Boolean)) {
      const told = JSON.parse(part);
      if (told.said !== undefined) said(told.said);
      else end = told;
    }
  }
  if (end?.done) return goOn(end.done);
  failed(end?.failed ?? "The connection ended before it was done.");
}
document.getElementById("form").addEventListener("submit", (event) => {
  event.preventDefault();
  pull().catch((error) => failed("WAIIDE does not answer (" + error.message + ")."));
});
`;

/** Asks before a repository is brought into the workspace: anyone can write a link to this page. */
export function gitPullPage({ order, query, baseUrl, proof }: GitPullPageContent): Page {
  return renderPage({
    title: "Get a repository?",
    script,
    data: { query, base: baseUrl, ...(proof && { proof }) },
    body: html`<p>A link asks to bring this repository into your workspace:</p>
<dl><dt>Repository</dt><dd>${order.repository}</dd>
<dt>Branch</dt><dd>${order.branch ?? "the repository's own default"}</dd>
<dt>Folder</dt><dd>${order.folder}</dd></dl>
<p>If the folder is a clone of it already, it is brought up to date. What you changed stays: where both changed the same lines, yours win, and
files of yours that are in the way of new ones get another name. Nothing of the repository runs by itself, but look at it before you run it.</p>
<form id="form"><button id="pull">Get it</button> <a href="${baseUrl}ide/">Go to the IDE instead</a></form>
<p id="phase" class="phase" role="status" hidden><span class="spinner" aria-hidden="true"></span>Git is working …</p>
<p id="problem" class="bad" role="alert" hidden></p>
<div id="progress" hidden><h2 id="log-title">What git says</h2><pre id="log" tabindex="0" aria-labelledby="log-title"></pre></div>
<noscript><p class="bad">This page needs JavaScript.</p></noscript>`,
  });
}
