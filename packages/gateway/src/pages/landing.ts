import { guestAppFacts } from "@waiide/protocol";
import { type Html, html } from "../http/pages/html.ts";
import { type Page, renderPage } from "../http/pages/page.ts";

/**
 * Removes the secret from the address bar, asks the gateway what it opens, and exchanges it for a cookie when the guest
 * agrees. Before that the page shows nothing of the share: it is the same for every address below `share/` (RULES R15).
 */
const script = `
const { base, hub, wasIn, proof, ahead } = document.body.dataset;
const element = (id) => document.getElementById(id);
const show = (id) => { for (const part of document.querySelectorAll("[data-step]")) part.hidden = part.id !== id; };
const kept = "waiide-link:" + base;
const keptGoal = "waiide-copy:" + base;
// A place in an app, in a window that it opened: no secret.
const given = location.hash.startsWith("#open=") ? "" : location.hash.slice(1);
// Another page of the share may have ended just now: the first of several pages here has removed the cookie.
const isOver = given === "over";
const hasLeft = given === "left";
// A browser that blocks site data throws at any access.
const storage = (() => { try { return sessionStorage; } catch { return undefined; } })();
const canEnter = keepsCookies();
const secret = (isOver || hasLeft ? "" : given) || storage?.getItem(kept) || "";
storage?.removeItem(kept);
// A guest who has yet to join is on the way to the page for copies.
const goal = new URLSearchParams(location.search).get("to") ?? storage?.getItem(keptGoal) ?? "";
storage?.removeItem(keptGoal);
// Guests who allow cookies and reload need the whole link.
if (canEnter) history.replaceState(null, "", location.pathname);
function keepsCookies() {
  const test = "waiide-check=1; SameSite=Lax; Path=" + base;
  try {
    document.cookie = test;
    const isKept = document.cookie.includes("waiide-check=1");
    document.cookie = test + "; Max-Age=0";
    return isKept;
  } catch {
    return false;
  }
}
// A proxy answers while the server restarts.
function isUnreachable({ headers }) {
  return !(headers.get("Content-Type") ?? "").includes("json");
}
async function post(what, body, signal) {
  const answer = await fetch(base + what, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", ...(proof && { "X-WAIIDE-Page": proof }) },
    credentials: "same-origin",
    cache: "no-store",
    body: JSON.stringify(body),
    signal,
  });
  if (answer.status === 204) return undefined;
  if (isUnreachable(answer)) throw new TypeError("not the server");
  const content = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(content.error.message + " " + content.error.action), { code: content.error.code });
  return content;
}
function wordsOf(error) {
  return error instanceof TypeError ? "The server does not answer. Try again in a moment." : error.message;
}
function until(time) {
  if (time === null) return "the owner ends it";
  element("until").lang = new Intl.DateTimeFormat().resolvedOptions().locale;
  return new Date(time).toLocaleString(undefined, { dateStyle: "full", timeStyle: "short" });
}
// Screen readers announce the new content by the focus and its description.
function askForLogin() {
  element("unkept").hidden = storage !== undefined || secret === "";
  show("login");
  element("log-in").focus();
}
async function begin() {
  const isLost = secret === "" && (isOver || wasIn !== undefined);
  if (hasLeft) return show("left");
  if (secret === "" && hub === undefined) return show(isLost ? "ended" : "incomplete");
  if (!canEnter) return show("blocked");
  show("wait");
  try {
    const share = await post("look", { secret: secret || undefined });
    const title = share.owner + " shares " + share.what;
    document.querySelector("h1").textContent = title + " with you";
    owner = share.owner;
    for (const place of document.querySelectorAll("[data-owner]")) place.textContent = owner;
    element("approval").hidden = !share.approval;
    element("go").textContent = share.approval ? "Ask to join" : "Open";
    element("level").textContent = share.permission;
    element("promise").textContent = share.promise;
    element("until").textContent = until(share.expires_at);
    const isTerminal = share.level === "terminal";
    element("warning").hidden = !isTerminal;
    element("understood").required = isTerminal;
    const isApp = share.level === "app";
    element("app").hidden = !isApp;
    element("as").textContent = share.hub_user;
    element("known").hidden = share.hub_user === null;
    element("asked").hidden = share.hub_user !== null;
    element("name").required = share.hub_user === null;
    document.title = title;
    const first = element(isTerminal ? "understood" : share.hub_user === null ? "name" : "go");
    first.setAttribute("aria-describedby", "title about" + (isTerminal ? " danger" : "") + (isApp ? " app" : "") + (share.approval ? " approval" : ""));
    askForName = () => { document.title = title; element("go").disabled = false; show("enter"); first.focus(); };
    askForName();
    if (!isTerminal && !isApp) fetchAhead();
  } catch (error) {
    const isUnknown = error.code === "SHARE_HUB_LOGIN";
    element("again").hidden = !isUnknown;
    if (isLost && (isUnknown || error.code === "SHARE_LINK_WRONG")) return show("ended");
    element("named").hidden = secret !== "";
    element("linked").hidden = secret === "";
    if (isUnknown) return askForLogin();
    element("why").textContent = wordsOf(error);
    show("failed");
  }
}
// Into the browser's cache. A file that does not come now is the page's to load, and to speak about.
function fetchAhead() {
  if (navigator.connection?.saveData) return;
  for (const file of ahead.split(" ")) fetch(file, { priority: "low" }).then((answer) => answer.blob(), () => undefined);
}
let owner = "The owner";
let askForName = () => undefined;
let asking;
// Each question lasts until the owner answers, or a while; then it is asked again.
async function join() {
  asking = new AbortController();
  const body = { secret: secret || undefined, name: element("name").value };
  for (;;) {
    const isWaiting = body.waiting !== undefined;
    try {
      const answer = await post("enter", body, asking.signal);
      if (answer === undefined) return goal === "" ? location.reload() : location.replace(base + "copy?to=" + encodeURIComponent(goal));
      body.waiting = answer.waiting;
      if (!isWaiting) showWaiting();
    } catch (error) {
      const isPassing = error instanceof TypeError || error.code === "SHARING_UNAVAILABLE";
      if (!isWaiting || !isPassing) throw error;
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
    if (asking.signal.aborted) return;
  }
}
function showWaiting() {
  document.title = "Waiting for " + owner;
  show("waiting");
  element("cancel").focus();
}
function showDeclined(error) {
  document.title = "Not joined";
  element("refusal").textContent = wordsOf(error);
  show("declined");
  element("ask").focus();
}
element("cancel").addEventListener("click", () => { asking.abort(); askForName(); });
element("ask").addEventListener("click", () => askForName());
element("enter").addEventListener("submit", async (event) => {
  event.preventDefault();
  const focused = document.activeElement;
  element("go").disabled = true;
  element("problem").textContent = "";
  try {
    await join();
  } catch (error) {
    if (error.name === "AbortError") return;
    if (error.code === "SHARE_DECLINED" || error.code === "SHARE_UNANSWERED") return showDeclined(error);
    if (!element("waiting").hidden) askForName();
    if (error.code === "SHARE_HUB_LOGIN") return askForLogin();
    element("problem").textContent = wordsOf(error);
    element("go").disabled = false;
    focused.focus();
  }
});
for (const id of ["log-in", "again"]) element(id).addEventListener("click", () => {
  // The secret stays in this tab until the hub sends the guest back; no server sees it.
  if (secret !== "") storage?.setItem(kept, secret);
  if (goal !== "") storage?.setItem(keptGoal, goal);
  location.assign(base + "login");
});
begin();
`;

export interface LandingPageContent {
  /** Path of the share, begins and ends with `/`. */
  readonly sharePath: string;
  /** The browser sent an invalid cookie for this share. */
  readonly wasIn: boolean;
  /** Behind a hub shares can be for named people, who have no secret. */
  readonly hasHub: boolean;
  /** Whether shared apps have hosts of their own. */
  readonly hasAppHosts: boolean;
  /** Addresses of the guest page's files, which the browser fetches while the guest reads. */
  readonly ahead: readonly string[];
  /** For people who are logged in at the hub: proves that a request comes from this page (RULES R5). */
  readonly proof?: string | undefined;
}

/** The page of a share's link: says who shares what, at which level and until when, and asks for the guest's name. */
export function landingPage({ sharePath, wasIn, hasHub, hasAppHosts, ahead, proof }: LandingPageContent): Page {
  return renderPage({
    title: "A shared workspace",
    data: {
      base: sharePath,
      ahead: ahead.join(" "),
      ...(hasHub ? { hub: "" } : {}),
      ...(wasIn ? { "was-in": "" } : {}),
      ...(proof && { proof }),
    },
    script,
    body: html`<noscript><p>This page needs JavaScript: without it your browser would have to send the link's secret in an address.</p></noscript>
<div id="wait" data-step role="status" aria-live="polite" hidden><p class="phase"><span class="spinner" aria-hidden="true"></span>Checking the link …</p></div>
<div id="incomplete" data-step role="alert" hidden><p class="bad">The link is not complete: the part after “#” is missing.</p>
<p>Open the complete link again (a reload is not enough, because this page removes that part from the address), or ask the person who sent it for a new one.</p></div>
<div id="left" data-step role="status" hidden><p>You have left this share.</p>
<p>To come back, open your link again.</p></div>
<div id="ended" data-step role="alert" hidden><p class="bad">You are no longer in this share: it has ended, or its owner has removed you.</p>
<p>If you still have the link, open it again. If it does not work, ask the person who sent it for a new one.</p>
<button id="again" type="button" hidden>Log in at JupyterHub again</button></div>
<div id="blocked" data-step role="alert" hidden><p class="bad">Your browser blocks cookies and site data for this site. This share needs one cookie, which tells the server that you opened the link.</p>
<p>Allow cookies for this site (in most browsers: the icon to the left of the address), then reload this page.</p></div>
<div id="failed" data-step role="alert" hidden><p class="bad" id="why"></p></div>
<div id="login" data-step hidden>
<p id="linked">This share is for people with an account at JupyterHub. Log in there; you then return to this page.</p>
<p id="named" hidden>If this is shared with your account at JupyterHub, log in there; you then return to this page. If somebody sent you a link, it is not complete: the part after “#” is missing.</p>
<p class="soft">If JupyterHub then says “403: Forbidden”, you have no access to this server: ask the person who sent you the link, or an administrator.</p>
<p id="unkept" class="bad" hidden>Your browser blocks site data for this site, so this page cannot remember the link: open it again after the login.</p>
<button id="log-in" type="button" aria-describedby="linked named unkept">Log in</button>
</div>
<div id="waiting" data-step hidden>
<p class="phase" id="waits" role="status"><span class="spinner" aria-hidden="true"></span><span>Waiting until <strong data-owner></strong> lets you in …</span></p>
<p class="soft" id="continues">Keep this page open. It continues automatically when you are accepted.</p>
<button id="cancel" type="button" aria-describedby="waits continues">Cancel</button>
</div>
<div id="declined" data-step hidden>
<p class="bad" id="refusal" role="alert"></p>
<button id="ask" type="button" aria-describedby="refusal">Ask again</button>
</div>
<form id="enter" data-step hidden>
<dl id="about">
<dt>Level</dt><dd><strong id="level"></strong><br><span id="promise"></span></dd>
<dt>Until</dt><dd id="until"></dd>
</dl>
<div id="warning" class="warning" hidden>
<p id="danger">You work as the owner, on the owner's machine. The owner and the owner's programs can see everything that you type and run: do not log in to your own accounts there.</p>
<label class="check"><input id="understood" type="checkbox"> I understand</label>
</div>
<ul id="app" hidden>${guestAppFacts(hasAppHosts).map(appFact)}</ul>
<p id="known" hidden>You join as <strong id="as"></strong>, your name at JupyterHub. Others will see it.</p>
<div id="asked">
<label for="name">Your name (others will see it)</label>
<input id="name" name="name" type="text" maxlength="40" autocomplete="name" required>
</div>
<p id="approval" class="soft" hidden><span data-owner></span> must accept you first, and sees your name.</p>
<button id="go" type="submit">Open</button>
<p id="problem" class="bad" role="alert"></p>
</form>`,
  });
}

/** The page learns the owner's name later. */
function appFact(fact: string): Html {
  const [first = "", ...rest] = fact.split("{owner}");
  return html`<li>${first}${rest.map((text) => html`<span data-owner></span>${text}`)}</li>`;
}
