import type { GatewayError } from "../base/errors.ts";
import { html } from "../http/pages/html.ts";
import { type Page, renderPage } from "../http/pages/page.ts";

export interface StartingPageContent {
  /** Path prefix of the gateway, begins and ends with `/`. */
  readonly baseUrl: string;
  /** Guests may not ask the API, nor restart anything: the page asks the IDE itself. Default: the owner's. */
  readonly forGuests?: boolean;
  /** Shows that a request comes from this page (RULES R5). */
  readonly proof: string;
  readonly state: "stopped" | "starting" | "ready" | "failed";
  /** What goes on, in words. */
  readonly phase: string;
  /** The last lines of the IDE server's log. */
  readonly log: readonly string[];
  /** Set when it failed. */
  readonly error: GatewayError | undefined;
}

/** How long people without JavaScript wait for the next look. Seconds. */
const refreshInterval = 3;

/**
 * Asks `<base>/api/status` for the phase and the log (whoever may not, `<base>/api/health`; guests of a share, the IDE itself), one question at a time,
 * and loads the page again when the state changes: then the IDE is there, or a login is needed, or the failure is explained.
 */
const script = `
const { status, health, restart, state, probe, proof } = document.body.dataset;
const headers = { Accept: "application/json", "X-WAIIDE-Page": proof };
let source = status;
const phase = document.getElementById("phase");
const log = document.getElementById("log");
const button = document.getElementById("restart");
const show = (element, text) => { if (element.textContent !== text) element.textContent = text; };
async function look() {
  let answer;
  try {
    answer = await fetch(probe ?? source, { headers, cache: "no-store" });
  } catch {
    show(phase, "WAIIDE does not answer. Trying again …");
    return;
  }
  if (answer.status === 403 && source === status && probe === undefined) {
    source = health;
    return;
  }
  if (probe !== undefined) {
    const unready = answer.status === 503 ? (await answer.json()).error.code : undefined;
    const now = unready === undefined ? "ready" : unready === "IDE_STARTING" ? "starting" : "failed";
    // Gone to, not loaded again: the IDE opens the shared file only then.
    // Without the fragment: a browser loads nothing again for an address that ends in one, be it empty.
    if (now !== state) location.replace(location.pathname + location.search);
    return;
  }
  if (answer.status === 401 || answer.status === 403) return location.reload();
  if (source === health) {
    if (!answer.headers.get("content-type")?.includes("json")) return;
    if ((await answer.json()).ide !== state) location.reload();
    return;
  }
  if (!answer.ok) return;
  const { ide } = await answer.json();
  if (ide.state !== state) return location.reload();
  show(phase, ide.phase);
  const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
  show(log, ide.log.join("\\n"));
  if (atEnd) log.scrollTop = log.scrollHeight;
}
async function watch() {
  await look();
  setTimeout(watch, document.hidden ? 2000 : 500);
}
log.scrollTop = log.scrollHeight;
setTimeout(watch, 500);
button?.form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  try {
    await fetch(restart, { method: "POST", headers });
    location.reload();
  } catch {
    button.disabled = false;
  }
});
`;

/** What people see in place of the IDE while it starts, and when it does not run. */
export function startingPage({ baseUrl, forGuests, proof, state, phase, log, error }: StartingPageContent): Page {
  const data: Record<string, string> = forGuests
    ? { state: state === "stopped" ? "failed" : state, probe: "version", proof }
    : {
        status: `${baseUrl}api/status`,
        health: `${baseUrl}api/health`,
        restart: `${baseUrl}api/ide/restart`,
        state,
        proof,
      };
  const restart = forGuests
    ? undefined
    : html`<form method="post" action="${baseUrl}api/ide/restart"><button id="restart" type="submit">Restart</button></form>`;
  const logBox = html`<h2 id="log-title">Log of the IDE server</h2>
<pre id="log" role="log" aria-live="off" aria-labelledby="log-title" tabindex="0">${log.join("\n")}</pre>`;
  if (state === "failed" || state === "stopped") {
    return renderPage({
      title: "The IDE server is not running",
      data,
      script,
      body: html`<p id="phase" class="bad" role="alert">${error?.message ?? phase}</p>
<p>${error?.action}</p>
${restart}
${logBox}`,
    });
  }
  return renderPage({
    title: "The IDE is starting",
    data,
    script,
    refresh: refreshInterval,
    body: html`<p class="phase" role="status" aria-live="polite"><span class="spinner" aria-hidden="true"></span><span id="phase">${phase}</span></p>
<p class="soft small">This page continues automatically.</p>
${logBox}`,
  });
}
