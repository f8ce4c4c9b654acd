import { html } from "../http/pages/html.ts";
import { type Page, renderPage } from "../http/pages/page.ts";

/**
 * Ends a login on a port's own name. A page in place of a redirect: what it leads to, and a reload of that, come from this origin, so
 * that nobody is asked about a visit that began elsewhere. @param address a path of this host
 */
export function portEntryPage(address: string): Page {
  return renderPage({
    title: "Opening the program",
    body: html`<p><a href="${address}">Continue</a></p>`,
    leadsTo: address,
  });
}
