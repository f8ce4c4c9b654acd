import { html } from "../http/pages/html.ts";
import { type Page, renderPage } from "../http/pages/page.ts";

export interface ForeignVisitPageContent {
  /** Where the browser was sent: path and query, below the base URL. */
  readonly address: string;
  /** What answers there, such as “port 8501”. */
  readonly program: string;
  /** Origin of the page that sent the browser; undefined if it did not say. */
  readonly sender: string | undefined;
  /** Where the IDE is; undefined if that is not known. */
  readonly home: string | undefined;
}

/** Parameters can be as long as an address. Characters. */
const maxShownLength = 300;

/** Asks a person whom another site sent to one of their programs. Their click is a request of this origin, which passes. */
export function foreignVisitPage({ address, program, sender, home }: ForeignVisitPageContent): Page {
  const from = sender === undefined ? html`Another web site` : html`The web site <strong>${sender}</strong>`;
  const instead = home === undefined ? undefined : html`<a href="${home}">Go to the IDE instead</a>`;
  const shown = address.length > maxShownLength ? `${address.slice(0, maxShownLength)}…` : address;
  return renderPage({
    title: `Open ${program}?`,
    body: html`<p>${from} sent you to this address:</p>
<p><code id="address">${shown}</code></p>
<p>A program on your server answers there, with your rights. The address, or what other people entered in the program, could make it do something that you do not want. Open it only if you expected this.</p>
<p class="choices"><a class="button" href="${address}" aria-describedby="address">Open</a> ${instead}</p>
<p class="soft small">WAIIDE asks because the link was not on a page of this server. An address that you type, and your own bookmarks, open without this question.</p>`,
    style: `.choices { display: flex; flex-wrap: wrap; align-items: center; gap: 1.25rem; margin: 1.2rem 0; }
a.button { font-weight: 600; padding: .5rem 1.15rem; border-radius: 8px; text-decoration: none; background: var(--accent); color: var(--on-accent); }
code { font: .875rem/1.5 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }`,
  });
}
