import { ownerAppFacts } from "@waiide/protocol";
import { type Html, html } from "../http/pages/html.ts";

// “Share” on the page of apps: a dialog that makes a share of one app and shows its link.

export const appSharingStyle = `
dialog { width: min(36rem, 100% - 2rem); padding: 1.5rem; color: var(--text); background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
dialog::backdrop { background: rgb(0 0 0 / 45%); }
dialog h2 { margin: 0; font-size: 1.15rem; color: var(--text); }
dialog ul { margin: .8rem 0; padding-inline-start: 1.2rem; font-size: .9375rem; }
select { width: 100%; padding: .6rem .75rem; font: inherit; color: inherit; background: var(--log); border: 1px solid var(--soft); border-radius: 8px; margin-bottom: 1rem; }
.choices { display: flex; flex-wrap: wrap; gap: .75rem; }
button.second { background: transparent; color: var(--accent); }
li button.share { flex: none; }
`;

/** Runs behind the script of the page of apps, whose `proof` it uses. */
export const appSharingScript = `
const dialog = document.getElementById("share");
if (dialog !== null) {
  const part = (id) => document.getElementById(id);
  const [form, made, problem, who] = [part("share-form"), part("share-made"), part("share-problem"), part("share-who")];
  let app = "";
  let confirm = false;
  const showName = () => {
    const isNamed = who.value === "user" || who.value === "group";
    part("share-name-row").hidden = !isNamed;
    part("share-name").required = isNamed;
  };
  who.addEventListener("change", showName);
  for (const button of document.querySelectorAll("button.share")) button.addEventListener("click", () => {
    app = button.closest("[data-app]").dataset.app;
    confirm = false;
    part("share-title").textContent = "Share " + button.dataset.title;
    form.reset();
    form.hidden = false;
    made.hidden = true;
    problem.textContent = "";
    showName();
    dialog.showModal();
  });
  for (const button of dialog.querySelectorAll("[data-close]")) button.addEventListener("click", () => dialog.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const life = part("share-life").value;
    const name = part("share-name").value.trim();
    const body = {
      permission: "Use the App",
      app: { name: app },
      expires_in: life === "" ? null : Number(life),
      note: part("share-note").value,
      ...(who.value === "accepted" && { approve: true }),
      ...(who.value === "user" && { with: { user: name } }),
      ...(who.value === "group" && { with: { group: name } }),
      ...(confirm && { confirm }),
    };
    part("share-go").disabled = true;
    try {
      const answer = await fetch(document.body.dataset.create, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", ...proven },
        body: JSON.stringify(body),
      });
      const content = await answer.json();
      if (answer.ok) return show(content);
      const { code, message, action } = content.error;
      confirm = code.endsWith("_CONFIRM");
      problem.textContent = confirm ? message + " Choose Create Link again to share it nevertheless." : message + " " + action;
    } catch {
      problem.textContent = "The server does not answer. Try again in a moment.";
    } finally {
      part("share-go").disabled = false;
    }
  });
  const show = ({ url }) => {
    form.hidden = true;
    made.hidden = false;
    part("share-link").value = url;
    part("share-open").href = url;
    part("share-copied").textContent = "";
    part("share-link").select();
  };
  part("share-copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(part("share-link").value);
      part("share-copied").textContent = "Copied.";
    } catch {
      part("share-link").select();
      part("share-copied").textContent = "The browser does not let this page copy. Copy the selected link by hand.";
    }
  });
}
`;

/** The button of an app's row. */
export function shareButton(title: string): Html {
  return html`<button type="button" class="share second" data-title="${title}" aria-label="Share ${title}">Share…</button>`;
}

/** The dialog for all of them. @param hasHub whether there are named people */
export function appSharingDialog(hasHub: boolean): Html {
  const named = html`<option value="user">A user of the hub</option><option value="group">A group of the hub</option>`;
  return html`<dialog id="share" aria-labelledby="share-title">
<h2 id="share-title">Share</h2>
<form id="share-form">
<ul>${ownerAppFacts.map((fact) => html`<li>${fact}</li>`)}</ul>
<label for="share-who">Who can join</label>
<select id="share-who"><option value="link">Anyone with the link</option><option value="accepted">Anyone with the link whom I accept</option>${hasHub ? named : undefined}</select>
<div id="share-name-row" hidden><label for="share-name">Name at the hub</label><input id="share-name" type="text" maxlength="255" autocomplete="off"></div>
<label for="share-life">Expires after</label>
<select id="share-life"><option value="3600">1 hour</option><option value="14400">4 hours</option><option value="86400" selected>1 day</option><option value="604800">7 days</option><option value="">Never</option></select>
<label for="share-note">A note for yourself (optional)</label>
<input id="share-note" type="text" maxlength="500" autocomplete="off">
<p id="share-problem" class="bad" role="alert"></p>
<div class="choices"><button id="share-go" type="submit">Create Link</button><button type="button" class="second" data-close>Cancel</button></div>
</form>
<div id="share-made" hidden>
<p role="status">The link is made. The Sharing view of the IDE lists it and can revoke it.</p>
<label for="share-link">Link</label><input id="share-link" type="text" readonly>
<p id="share-copied" role="status"></p>
<div class="choices"><button id="share-copy" type="button">Copy Link</button><a id="share-open" target="_blank" rel="noopener">Open as guests see it</a><button type="button" class="second" data-close>Close</button></div>
</div>
</dialog>`;
}
