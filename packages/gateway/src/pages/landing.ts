import { html } from "./html.ts";
import { type Page, renderPage } from "./page.ts";

/**
 * Takes the secret out of the address bar, then asks what it opens, and exchanges it for a cookie when the guest says so.
 * Nothing is known of the share before: the page is the same for every address below `share/` (RULES R15).
 */
const script = `
const { base } = document.body.dataset;
const element = (id) => document.getElementById(id);
const show = (id) => { for (const part of document.querySelectorAll("[data-step]")) part.hidden = part.id !== id; };
const secret = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
async function post(what, body) {
  const answer = await fetch(base + what, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    credentials: "same-origin",
    cache: "no-store",
    body: JSON.stringify(body),
  });
  if (answer.status === 204) return undefined;
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.error.message + " " + content.error.action);
  return content;
}
function fail(error) {
  element("why").textContent = error instanceof TypeError ? "The server does not answer. Try again in a moment." : error.message;
  show("failed");
}
function until(time) {
  if (time === null) return "until the owner ends it";
  return "until " + new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
async function begin() {
  if (secret === "") return show("incomplete");
  try {
    const share = await post("look", { secret });
    element("owner").textContent = share.owner;
    element("what").textContent = share.what;
    element("level").textContent = share.permission;
    element("promise").textContent = share.promise;
    element("until").textContent = until(share.expires_at);
    element("warning").hidden = share.level !== "terminal";
    element("understood").required = share.level === "terminal";
    document.title = share.owner + " shares " + share.what;
    show("enter");
    element("name").focus();
  } catch (error) {
    fail(error);
  }
}
element("enter").addEventListener("submit", async (event) => {
  event.preventDefault();
  element("go").disabled = true;
  element("problem").textContent = "";
  try {
    await post("enter", { secret, name: element("name").value });
    location.reload();
  } catch (error) {
    element("problem").textContent = error.message;
    element("go").disabled = false;
  }
});
begin();
`;

export interface LandingPageContent {
  /** Path of the share, begins and ends with `/`. */
  readonly sharePath: string;
}

/** Where a share's link leads: who shares what, at which level and until when; then a name, and in. */
export function landingPage({ sharePath }: LandingPageContent): Page {
  return renderPage({
    title: "A shared workspace",
    data: { base: sharePath },
    script,
    body: html`<noscript><p>This page needs JavaScript: without it your browser would have to send the link's secret in an address.</p></noscript>
<div id="wait" data-step role="status" aria-live="polite"><p class="phase"><span class="spinner" aria-hidden="true"></span>Looking at the link …</p></div>
<div id="incomplete" data-step role="alert" hidden><p class="bad">The link is not complete: the part after “#” is missing.</p>
<p>Copy the whole link and open it again, or ask who sent it for a new one.</p></div>
<div id="failed" data-step role="alert" hidden><p class="bad" id="why"></p></div>
<form id="enter" data-step hidden>
<p><strong id="owner"></strong> shares <strong id="what"></strong> with you.</p>
<p><strong id="level"></strong>. <span id="promise"></span></p>
<p class="soft">Open <span id="until"></span>.</p>
<div id="warning" hidden>
<p class="bad">With Terminal Access you work as the owner, on the owner's machine. What you type and run there, the owner can see, and so can programs of the owner's: do not log in to accounts of your own.</p>
<label class="check"><input id="understood" type="checkbox"> I understand</label>
</div>
<label for="name">Your name, for the others</label>
<input id="name" name="name" type="text" maxlength="40" autocomplete="name" required>
<button id="go" type="submit">Open</button>
<p id="problem" class="bad" role="alert"></p>
</form>`,
  });
}
