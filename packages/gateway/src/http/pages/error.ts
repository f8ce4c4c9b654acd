import type { ErrorCode, GatewayError } from "../../base/errors.ts";
import type { RequestContext } from "../request-context.ts";
import { html } from "./html.ts";
import { type Page, renderPage } from "./page.ts";

const titles: Readonly<Record<number, string>> = {
  400: "Invalid request",
  401: "Login required",
  403: "Not allowed",
  404: "Not found",
  405: "This address is not a page",
  429: "Too many attempts",
  502: "The program behind this address does not answer",
  503: "Not ready yet",
};

/** With these errors the IDE is not accessible, or there is none, so the page has no link to it. */
const withoutWayIn: ReadonlySet<ErrorCode> = new Set(["HUB_ACCESS_DENIED", "HUB_SHARE_LEVEL", "HUB_SERVICE_DENIED"]);

/** The page for any error of a request. */
export function errorPage(error: GatewayError, context: Pick<RequestContext, "id" | "baseUrl" | "home">): Page {
  const home = context.home === undefined ? context.baseUrl : context.home();
  const hasWayIn = home !== undefined && !withoutWayIn.has(error.code);
  const wayIn = hasWayIn ? html`<p><a href="${home}">Open the IDE</a></p>` : undefined;
  return renderPage({
    title: titles[error.status] ?? "Something went wrong",
    body: html`<p>${error.message}</p>
<p>${error.action}</p>
${wayIn}
<p class="soft small">${error.code}, request ${context.id}</p>`,
  });
}
