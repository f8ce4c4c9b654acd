import type { GatewayError } from "../base/errors.ts";
import { html } from "../http/pages/html.ts";
import { type Page, renderPage } from "../http/pages/page.ts";

export interface StartingPageContent {
  /** Path prefix of the gateway, begins and ends with `/`. */
  readonly baseUrl: string;
  /** Guests cannot use the API or restart anything, so their page asks the IDE itself. Default: false. */
  readonly forGuests?: boolean;
  /** Proves that a request comes from this page (RULES R5). */
  readonly proof: string;
  readonly state: "stopped" | "starting" | "ready" | "failed";
  /** What the IDE server does now, in words. */
  readonly phase: string;
  /** The last lines of the IDE server's log. */
  readonly log: readonly string[];
  /** What the IDE's page loads first: fetched while its server starts. Default: nothing. */
  readonly ahead?: readonly FileAhead[] | undefined;
  /** Set if the IDE server failed. */
  readonly error: GatewayError | undefined;
}

/** @property address relative to the IDE's page. @property size bytes, not compressed */
export interface FileAhead {
  readonly address: string;
  readonly size: number;
}

/** The page reloads after this time where JavaScript is off. Seconds. */
const refreshInterval = 3;

/**
 * Requests the phase and the log from `<base>/api/status` (from `<base>/api/health` without the right to that, and from the IDE
 * itself for guests), one request at a time. Reloads when the state changes: then the IDE is ready, a login is needed, or the
 * failure is explained. Meanwhile it fetches what the IDE's page loads first; once the IDE is ready it waits for the rest of
 * that, as a reload would fetch half a file again.
 */
const script = `
const { status, health, restart, state, probe, proof, ahead } = document.body.dataset;
const headers = { Accept: "application/json", "X-WAIIDE-Page": proof };
let source = status;
const phase = document.getElementById("phase");
const log = document.getElementById("log");
const button = document.getElementById("restart");
const show = (element, text) => { if (element.textContent !== text) element.textContent = text; };
const bar = document.getElementById("bar");
const share = document.getElementById("share");
const files = JSON.parse(ahead ?? "[]");
const whole = files.reduce((sum, { size }) => sum + size, 0);
let come = 0;
function add(bytes) {
  come += bytes;
  bar.value = come / whole;
  show(share, Math.floor(bar.value * 100) + " %");
}
async function fetchAhead({ address }) {
  const answer = await fetch(address, { priority: "low" });
  if (!answer.ok) return;
  const reader = answer.body.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) add(read.value.length);
}
// A file that cannot be had now is the IDE's own page's to ask for.
const fetched = Promise.allSettled(files.map(fetchAhead));
async function follow(now, go) {
  if (now === "ready") await fetched;
  go();
}
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
    // A navigation, not a reload: only then the IDE opens the shared file.
    // Without the fragment: browsers do not navigate to the same address with one, even an empty one.
    if (now !== state) await follow(now, () => location.replace(location.pathname + location.search));
    return;
  }
  if (answer.status === 401 || answer.status === 403) return location.reload();
  if (source === health) {
    if (!answer.headers.get("content-type")?.includes("json")) return;
    const now = (await answer.json()).ide;
    if (now !== state) await follow(now, () => location.reload());
    return;
  }
  if (!answer.ok) return;
  const { ide } = await answer.json();
  show(phase, ide.phase);
  if (ide.state !== state) return follow(ide.state, () => location.reload());
  const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
  show(log, ide.log.join("\\n"));
  if (atEnd) log.scrollTop = log.scrollHeight;
}
async function watch() {
  await look();
  setTimeout(watch, document.hidden ? 2000 : 250);
}
log.scrollTop = log.scrollHeight;
setTimeout(watch, 250);
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

const progressStyle = `
.ahead { display: flex; align-items: center; gap: .7rem; }
.ahead progress { flex: 1; accent-color: var(--accent); }
.ahead #share { min-width: 3rem; text-align: right; }
`;

const progress = html`<p class="ahead small soft"><span id="ahead">Files of the IDE</span>
<progress id="bar" value="0" aria-labelledby="ahead"></progress><span id="share" aria-hidden="true"></span></p>
`;

/** The page in place of the IDE while it starts, and if it failed. */
export function startingPage(content: StartingPageContent): Page {
  const { baseUrl, forGuests, proof, state, phase, log, ahead = [], error } = content;
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
    data: ahead.length === 0 ? data : { ...data, ahead: JSON.stringify(ahead) },
    script,
    style: progressStyle,
    refresh: refreshInterval,
    body: html`<p class="phase" role="status" aria-live="polite"><span class="spinner" aria-hidden="true"></span><span id="phase">${phase}</span></p>
${ahead.length === 0 ? undefined : progress}<p class="soft small">This page continues automatically.</p>
${logBox}`,
  });
}
