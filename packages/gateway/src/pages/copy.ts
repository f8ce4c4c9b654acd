import { pageProof } from "@waiide/protocol";
import { html } from "../http/pages/html.ts";
import { type Page, renderPage } from "../http/pages/page.ts";

interface CopyPageContent {
  /** Of the folder. */
  readonly name: string;
  readonly owner: string;
  /** Path of the share, begins and ends with `/`. */
  readonly sharePath: string;
  /** Shows that a request comes from this page (RULES R5). */
  readonly proof: string;
}

const style = `.choices { display: flex; flex-wrap: wrap; align-items: center; gap: 1.25rem; margin: 1.2rem 0; }
a.button { font-weight: 600; padding: .5rem 1.15rem; border-radius: 8px; text-decoration: none; background: var(--accent); color: var(--on-accent); }
code { font: .875rem/1.5 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }`;

interface CopyPagePlaces {
  /** Leads to the guest's server at the hub; undefined without a hub. */
  readonly hubAddress: string | undefined;
  /** The owner's profile of the hub's spawn page, and where a server with it starts; undefined: it is not offered. */
  readonly withProfile: { readonly profile: string; readonly address: string } | undefined;
}

/** Where a guest's own copy may go. */
export function copyPage({
  name,
  owner,
  sharePath,
  proof,
  hubAddress,
  withProfile,
}: CopyPageContent & CopyPagePlaces): Page {
  const own =
    hubAddress === undefined
      ? undefined
      : html`<h2>Into your own server at JupyterHub</h2>
<p>Your server starts if it is not running. It shows you what is in the copy, and what would run, before anything is written.</p>
<p class="choices"><a class="button" href="${hubAddress}">Make My Own Copy</a></p>
${profilePart(withProfile)}`;
  const file = (kind: string) => `${sharePath}${pageProof.segment}${proof}/archive.${kind}`;
  return renderPage({
    title: `Copy “${name}”`,
    body: html`<p><strong>${owner}</strong> lets you make your own copy. What you change in it stays yours.</p>
${own}
<h2>To your computer</h2>
<p>Unpack it and open the folder. VS Code with the Dev Containers extension, GitHub Codespaces and DevPod read its <code>devcontainer.json</code>.</p>
<p class="choices"><a class="button" href="${file("zip")}" download>Download .zip</a> <a href="${file("tar.gz")}" download>Download .tar.gz</a></p>
<p class="soft small">If the download does not begin at once, the copy is being made: try again in a few seconds.</p>
<p><a href="${sharePath}">Back to the share</a></p>`,
    style,
  });
}

function profilePart(withProfile: CopyPagePlaces["withProfile"]) {
  return (
    withProfile &&
    html`<p>Or into one like the owner's: JupyterHub starts another server for you, with the profile <strong>${withProfile.profile}</strong> that the owner's server has.</p>
<p class="choices"><a href="${withProfile.address}">Make My Own Copy with This Profile</a></p>`
  );
}

/** Takes the ticket to the other server: in the fragment, which no server sees and no log holds. */
const script = `
const { base, proof, to } = document.body.dataset;
const send = document.getElementById("send");
const problem = document.getElementById("problem");
send.addEventListener("click", async () => {
  send.disabled = true;
  problem.textContent = "";
  try {
    const answer = await fetch(base + "copy-ticket", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "${pageProof.header}": proof },
      credentials: "same-origin",
      cache: "no-store",
      body: JSON.stringify({ to }),
    });
    const content = await answer.json();
    if (!answer.ok) throw new Error(content.error.message + " " + content.error.action);
    location.replace(content.to + "#" + content.ticket);
  } catch (error) {
    problem.textContent = error instanceof TypeError ? "The server does not answer. Try again in a moment." : error.message;
    send.disabled = false;
    send.focus();
  }
});
send.focus();
`;

/** Asks whether a copy may go to a server of the hub. */
export function sendCopyPage({
  name,
  owner,
  sharePath,
  proof,
  target,
}: CopyPageContent & { readonly target: { readonly to: string; readonly user: string } }): Page {
  return renderPage({
    title: `Send a copy to ${target.user}'s server?`,
    data: { base: sharePath, proof, to: target.to },
    script,
    body: html`<p>The server of <strong>${target.user}</strong> asks for a copy of “${name}”, which <strong>${owner}</strong> shares with you. It gets the copy once, within ten minutes.</p>
<p>Send it only if this is your own server.</p>
<p class="choices"><button id="send" type="button">Send the Copy</button> <a href="${sharePath}">Back to the share</a></p>
<p id="problem" class="bad" role="alert"></p>`,
    style,
  });
}
