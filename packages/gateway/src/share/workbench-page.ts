import { html } from "../pages/html.ts";
import { type Page, renderPage } from "../pages/page.ts";

/** What a guest sees where this WAIIDE was built without its guest workbench. */
export function missingWorkbenchPage(): Page {
  return renderPage({
    title: "You are in",
    body: html`<p>This WAIIDE was built without the page that shows what is shared.</p>
<p>Ask an administrator of this server to run “npm run build”.</p>`,
  });
}
