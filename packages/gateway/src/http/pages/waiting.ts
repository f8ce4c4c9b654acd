import type { GatewayError } from "../../base/errors.ts";
import { type Html, html } from "./html.ts";
import { type Page, renderPage } from "./page.ts";

export interface WaitingPageContent {
  readonly title: string;
  /** What is waited for, as a sentence. */
  readonly waitsFor: string;
  /** Why it is not there yet, and what people can do. */
  readonly error: GatewayError;
  /** What exactly was met, for those who look for a fault. */
  readonly detail?: string;
  /** The last lines that it wrote; undefined: nobody knows them, and the page asks only whether it is there. */
  readonly log?: readonly string[];
}

/** Header of our own error answers: which error it is, for pages that ask by HEAD. */
export const errorHeader = "Waiide-Error";
/** What the page of an app that starts asks the app's address for, in place of what the app answers there. */
export const reportType = "application/vnd.waiide.app-report+json";

/** How long people without JavaScript wait for the next look. Seconds. */
const refreshInterval = 5;

/**
 * Asks once a second while the page is seen, and loads it again when there is something else to see: the program, why it
 * failed, or a login. Its own address is asked: by HEAD whether somebody answers, or for a report that the gateway makes. It
 * carries no proof (RULES R5): other pages of the origin can ask for what lies at an app's address, too.
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
