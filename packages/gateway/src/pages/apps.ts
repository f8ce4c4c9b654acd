import { pageProofHeader } from "../http/page-proof.ts";
import { html } from "../http/pages/html.ts";
import { type Page, renderPage } from "../http/pages/page.ts";
import { appSharingDialog, appSharingScript, appSharingStyle, shareButton } from "./app-sharing.ts";

type State = "stopped" | "starting" | "ready" | "failed";

/** A row of the page. */
export interface ListedApp {
  readonly name: string;
  readonly title: string;
  readonly state: State;
  /** Path with the base URL. */
  readonly address: string;
  readonly inNewTab: boolean;
  /** `data:` address of its picture; undefined: the first letter of the title stands for it. */
  readonly picture: string | undefined;
}

export interface AppsPageContent {
  /** Path prefix of the gateway, begins and ends with `/`. */
  readonly baseUrl: string;
  readonly ide: Pick<ListedApp, "name" | "title" | "state"> & { readonly url: string };
  readonly apps: readonly ListedApp[];
  /** Proves that a request comes from this page (RULES R5); undefined: it is not for a person. */
  readonly proof: string | undefined;
  /** Whether this is the owner, who may share. */
  readonly mayShare: boolean;
  readonly hasHub: boolean;
}

/** What a state means to a person who opens an app. */
export const stateWords: Readonly<Record<State, string>> = {
  stopped: "Starts when you open it",
  starting: "Starting …",
  ready: "Running",
  failed: "Its last start failed; opening it tries again",
};

const style = `
ul.apps { list-style: none; margin: 0; padding: 0; }
ul.apps li { display: flex; align-items: center; gap: 1rem; }
ul.apps li + li { border-top: 1px solid var(--line); }
ul.apps a { display: flex; flex: 1; min-width: 0; align-items: center; gap: 1rem; padding: .8rem .25rem; color: inherit; text-decoration: none; }
ul.apps a:hover .name { text-decoration: underline; }
.picture { width: 2.4rem; height: 2.4rem; flex: none; border-radius: 8px; object-fit: contain; }
span.picture { display: flex; align-items: center; justify-content: center; background: var(--log); border: 1px solid var(--line);
  color: var(--accent); font-weight: 650; font-size: 1.15rem; }
.name { font-weight: 600; color: var(--accent); overflow-wrap: anywhere; }
.state { display: block; color: var(--soft); font-size: .875rem; }
.state.failed { color: var(--bad); }
`;

/** Keeps the states current while somebody looks at the page. */
const script = `
const { services, words, proof } = document.body.dataset;
const proven = proof === undefined ? {} : { "${pageProofHeader}": proof };
const meanings = JSON.parse(words);
async function look() {
  if (document.visibilityState !== "visible") return;
  let answer;
  try {
    answer = await fetch(services, { headers: { Accept: "application/json", ...proven }, cache: "no-store" });
  } catch {
    return;
  }
  if (answer.status === 401) return location.reload();
  if (!answer.ok) return;
  for (const { name, state } of (await answer.json()).services) {
    const shown = document.querySelector('[data-app="' + CSS.escape(name) + '"] .state');
    if (shown === null || shown.textContent === meanings[state]) continue;
    shown.textContent = meanings[state];
    shown.className = "state " + state;
  }
}
setInterval(look, 2000);
`;

/** What can be opened here, for people. */
export function appsPage({ baseUrl, ide, apps, proof, mayShare, hasHub }: AppsPageContent): Page {
  const share = mayShare && apps.length > 0;
  return renderPage({
    title: "Apps",
    style: `${style}${appSharingStyle}`,
    script: `${script}${appSharingScript}`,
    data: {
      services: `${baseUrl}api/services`,
      create: `${baseUrl}api/share/create`,
      words: JSON.stringify(stateWords),
      ...(proof && { proof }),
    },
    body: html`<ul class="apps">${row({ ...ide, address: ide.url, inNewTab: false, picture: undefined }, false)}${apps.map((app) => row(app, share))}</ul>
${share ? appSharingDialog(hasHub) : undefined}
${apps.length === 0 ? html`<p class="soft">No app is configured. Apps are programs that WAIIDE starts when somebody opens them: see “apps” in its settings.</p>` : undefined}`,
  });
}

function row({ name, title, state, address, inNewTab, picture }: ListedApp, share: boolean) {
  const image =
    picture === undefined
      ? html`<span class="picture" aria-hidden="true">${firstLetter(title)}</span>`
      : html`<img class="picture" alt="" src="${picture}">`;
  const target = inNewTab ? html` target="_blank" rel="noopener"` : undefined;
  return html`<li data-app="${name}"><a href="${address}"${target}>${image}<span><span class="name">${title}</span><span class="state ${state}">${stateWords[state]}</span></span></a>${share ? shareButton(title) : undefined}</li>`;
}

/** Of a title in any language: a whole character, not half of a surrogate pair. */
function firstLetter(title: string): string {
  return (Array.from(new Intl.Segmenter().segment(title))[0]?.segment ?? "").toUpperCase();
}
