import type { GatewayError } from "../../base/errors.ts";
import { type Html, html } from "./html.ts";
import { type Page, renderPage } from "./page.ts";

export interface WaitingPageContent {
  readonly title: string;
  /** What the page waits for, as a sentence. */
  readonly waitsFor: string;
  /** Why the program is not ready, and what people can do. */
  readonly error: GatewayError;
  /** The exact failure, for troubleshooting. */
  readonly detail?: string;
  /** The last lines of the program's output; if undefined, the page only checks whether the program answers. */
  readonly log?: readonly string[];
}

/** Header of our own errors with their code, for pages that send HEAD. */
export const errorHeader = "Waiide-Error";
/** The media type with which the starting page of an app gets a report from the gateway, and not the app's response. */
export const reportType = "application/vnd.waiide.app-report+json";

/** The page reloads after this time where JavaScript is off. Seconds. */
const refreshInterval = 5;

/**
 * Checks once a second while the page is visible, and reloads when there is something else to see: the program, its failure,
 * or a login. It requests its own address: by HEAD to see whether the program answers, or a report of the gateway. These
 * requests carry no proof (RULES R5): other pages of the origin can request an app's address too.
 */
const script = `
const { code } = document.body.dataset;
const address = location.pathname + location.search;
const log = document.getElementById("log");
const phase = document.getElementById("phase");
const waits = phase.textContent;
let asking = false;
const show = (element, text) => { if (element.textContent !== text) element.textContent = text; };
async function look() {
  const options = log === null ? { method: "HEAD" } : { headers: { Accept: "${reportType}" } };
  const answer = await fetch(address, { ...options, cache: "no-store" });
  show(phase, waits);
  if (log === null) {
    if (answer.headers.get("${errorHeader}") !== code) location.reload();
    return;
  }
  if (answer.headers.get("content-type") !== "${reportType}") return location.reload();
  const { state, log: lines } = await answer.json();
  if (state !== "starting") return location.reload();
  const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
  show(log, lines.join("\\n"));
  if (atEnd) log.scrollTop = log.scrollHeight;
}
async function watch() {
  if (document.hidden || asking) return;
  asking = true;
  try {
    await look();
  } catch {
    show(phase, "WAIIDE does not answer. Trying again …");
  }
  asking = false;
}
if (log) log.scrollTop = log.scrollHeight;
setInterval(watch, 1000);
document.addEventListener("visibilitychange", watch);
`;

/** What people see while a program on a port, or an app, is not there yet. */
export function waitingPage({ title, waitsFor, error, detail, log }: WaitingPageContent): Page {
  return renderPage({
    title,
    script,
    data: { code: error.code },
    refresh: refreshInterval,
    body: html`<p class="phase" role="status" aria-live="polite"><span class="spinner" aria-hidden="true"></span><span id="phase">${waitsFor}</span></p>
<p>${error.action}</p>
<p class="soft small">This page continues automatically.${detail === undefined ? undefined : html` ${error.code}: ${detail}`}</p>
${log === undefined ? undefined : logBox(log)}`,
  });
}

function logBox(log: readonly string[]): Html {
  return html`<h2 id="log-title">Last lines of its output</h2>
<pre id="log" role="log" aria-live="off" aria-labelledby="log-title" tabindex="0">${log.join("\n")}</pre>`;
}
