import { counted } from "@waiide/protocol";
import { html } from "../http/pages/html.ts";
import { type Page, renderPage } from "../http/pages/page.ts";
import type { Surveyed } from "../hub-service/survey.ts";
import { guestWords, levelBadge, scopeWords } from "./share-words.ts";
import type { AdministratorFrame } from "./shares.ts";
import { sharesStyle } from "./shares-style.ts";

export interface EndAllPageContent extends AdministratorFrame {
  readonly user: string;
  readonly servers: readonly Surveyed[];
}

/** Asks before all shares of a user end, and lists them. */
export function endAllPage({ baseUrl, proof, user, servers }: EndAllPageContent): Page {
  const shares = servers.flatMap(({ found }) => (found.kind === "ok" ? found.body.shares : []));
  const unknown = servers.filter(({ found }) => found.kind !== "ok" && found.kind !== "foreign").length;
  const rows = shares.map(
    (share) =>
      html`<li>${levelBadge(share)} ${share.note}${scopeWords(share)}Guests online: ${guestWords(share.guests)}</li>`,
  );
  const doubt =
    unknown === 0
      ? undefined
      : html`<p class="bad">${counted(unknown, "server")} of ${user} did not answer. WAIIDE asks it to end all shares too.</p>`;
  return renderPage({
    title: `End all shares of ${user}?`,
    style: sharesStyle,
    body: html`<section class="card">
<p>${counted(shares.length, "share")} of ${user} would end at once, on every running server of theirs that you may manage. Guests are disconnected, and everything that Terminal Access guests run is stopped. This cannot be undone.</p>
${doubt}
<ul class="stop">${rows}</ul>
<div class="actions"><form method="post" action="${baseUrl}end">
<input type="hidden" name="proof" value="${proof}"><input type="hidden" name="user" value="${user}">
<button class="danger">End all of them</button></form>
<a class="button plain" href="${baseUrl}">Keep them</a></div>
</section>`,
  });
}
