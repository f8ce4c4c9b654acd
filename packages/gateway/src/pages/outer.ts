import { html } from "../http/pages/html.ts";
import { type Page, renderPage } from "../http/pages/page.ts";

/** The page around a shared app, which shows the app in a frame. */
export function outerPage({ title }: { readonly title: string }): Page {
  return renderPage({ title, body: html`<p>This app is shared with you.</p>` });
}
