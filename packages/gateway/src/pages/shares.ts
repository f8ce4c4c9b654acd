import { counted, guestsOnline, type Share, timeLeftWords } from "@waiide/protocol";
import { type Html, html } from "../http/pages/html.ts";
import { type Page, renderPage } from "../http/pages/page.ts";
import type { Notice } from "../hub-service/notices.ts";
import type { RunningServer } from "../hub-service/servers.ts";
import type { Surveyed } from "../hub-service/survey.ts";
import { policySection } from "./policy-words.ts";
import { guestWords, levelBadge, recipientWords, scopeWords, timeWords } from "./share-words.ts";
import { sharesStyle } from "./shares-style.ts";

/** The values that all pages for administrators need. */
export interface AdministratorFrame {
  /** Path of the service, begins and ends with `/`. */
  readonly baseUrl: string;
  /** Ends with `/hub/`. */
  readonly hubAddress: string;
  readonly administrator: string;
  /** Part of each form. */
  readonly proof: string;
}

export interface SharesPageContent extends AdministratorFrame {
  readonly servers: readonly Surveyed[];
  readonly notice: Notice | undefined;
  /** Milliseconds since 1970. */
  readonly takenAt: number;
  /** Seconds until the page reloads; undefined if it does not. */
  readonly refresh: number | undefined;
}

/**
 * Shows times in the browser's language, and reloads the page if the administrator wants that: not while the page is hidden,
 * nor while an element has the focus, which would be lost.
 */
const script = `
for (const time of document.querySelectorAll("time")) {
  const date = new Date(time.dateTime);
  time.title = time.textContent;
  time.textContent = date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
const { refresh } = document.body.dataset;
if (refresh !== undefined) setInterval(() => {
  const isIdle = document.activeElement === null || document.activeElement === document.body;
  if (isIdle && document.visibilityState === "visible") location.reload();
}, refresh * 1000);
document.getElementById("notice")?.focus();
if (location.search.includes("done=")) history.replaceState(null, "", location.pathname);
`;

/** One server and its shares. */
type Told = Surveyed & { readonly found: Extract<Surveyed["found"], { readonly kind: "ok" }> };

/** All active shares that an administrator may manage, what may be shared, and the servers that did not answer. */
export function sharesPage(content: SharesPageContent): Page {
  const { servers, notice, refresh, administrator } = content;
  const told = servers.filter((one): one is Told => one.found.kind === "ok");
  const silent = servers.filter((one) => one.found.kind !== "ok");
  return renderPage({
    title: "Shares on this hub",
    style: sharesStyle,
    script,
    ...(refresh === undefined ? {} : { refresh, data: { refresh: String(refresh) } }),
    body: html`${bar(content, told)}
${notice && noticeBox(notice)}
${sharesTable(content, told, silent.some(isTrouble))}
${silentSection(silent)}
${policySection(told.map(({ server, found }) => ({ server: fullName(server), overview: found.body })))}
<p class="soft small">You are ${administrator}. The owner's history shows which shares you end.</p>`,
  });
}

function bar({ baseUrl, hubAddress, takenAt, refresh, servers }: SharesPageContent, told: readonly Told[]): Html {
  const shares = told.flatMap(({ found }) => found.body.shares);
  const guests = guestsOnline(...shares).length;
  const live =
    refresh === undefined
      ? html`<a href="${baseUrl}?live">Refresh every 30 s</a>`
      : html`<a href="${baseUrl}">Stop refreshing</a>`;
  return html`<div class="bar">
<p>${counted(shares.length, "share")} on ${counted(servers.length, "running server")}, ${counted(guests, "guest")} online. As of ${timeWords(new Date(takenAt).toISOString())}.</p>
<nav aria-label="This page"><a href="${baseUrl}${refresh === undefined ? "" : "?live"}">Refresh</a>${live}<a href="${hubAddress}home">Hub</a><a href="${baseUrl}logout">Log out</a></nav>
</div>`;
}

function noticeBox({ isGood, lines }: Notice): Html {
  return html`<div id="notice" class="notice${isGood ? "" : " bad"}" role="${isGood ? "status" : "alert"}" tabindex="-1">${lines.map((line) => html`<p>${line}</p>`)}</div>`;
}

function sharesTable(content: SharesPageContent, told: readonly Told[], isPartial: boolean): Html {
  const owners = Map.groupBy(
    told.filter(({ found }) => found.body.shares.length > 0),
    ({ server }) => server.user,
  );
  if (owners.size === 0) {
    const where = isPartial ? "Nothing is shared on the servers that answered." : "Nothing is shared.";
    return html`<section class="card empty"><p>${where}</p>
<p class="soft">Shares of stopped servers let nobody in. They are listed when their servers run.</p></section>`;
  }
  // Tables lose these roles when the style lays them out as blocks.
  return html`<div class="card shares"><table role="table">
<caption class="clip">Live shares by owner</caption>
<thead role="rowgroup"><tr role="row">${["Server", "Level", "What", "Guests online", "Ends", "Note"].map((name) => html`<th scope="col" role="columnheader">${name}</th>`)}<th scope="col" role="columnheader"><span class="clip">Action</span></th></tr></thead>
${[...owners].map(([owner, servers]) => ownerRows(content, owner, servers))}
</table></div>`;
}

function ownerRows(content: SharesPageContent, owner: string, servers: readonly Told[]): Html {
  const number = servers.reduce((sum, { found }) => sum + found.body.shares.length, 0);
  const query = String(new URLSearchParams({ user: owner }));
  const all = html`<a class="button end" href="${content.baseUrl}end?${query}">End all of ${owner} …</a>`;
  return html`<tbody role="rowgroup">
<tr role="row"><th scope="rowgroup" colspan="7" role="rowheader" class="owner"><div><h2>${owner} <span class="soft small">${counted(number, "share")}</span></h2>${all}</div></th></tr>
${servers.flatMap(({ server, found }) => found.body.shares.map((share) => shareRow(content, server, share)))}
</tbody>`;
}

function shareRow({ baseUrl, proof, takenAt }: SharesPageContent, server: RunningServer, share: Share): Html {
  const label = `End the ${share.permission} share of ${server.user}${share.note === "" ? "" : `, ${share.note}`}`;
  return html`<tr role="row">
<td role="cell" data-name="Server">${shortName(server)}</td>
<td role="cell" data-name="Level">${levelBadge(share)}<p class="soft small">${recipientWords(share)}</p></td>
<td role="cell" data-name="What">${scopeWords(share)}</td>
<td role="cell" data-name="Guests online">${guestWords(share.guests)}</td>
<td role="cell" data-name="Ends">${timeWords(share.expires_at)}${leftWords(share.expires_at, takenAt)}</td>
<td role="cell" data-name="Note">${share.note === "" ? html`<span class="soft">–</span>` : html`${share.note}`}</td>
<td role="cell"><form method="post" action="${baseUrl}end">
<input type="hidden" name="proof" value="${proof}"><input type="hidden" name="user" value="${server.user}">
<input type="hidden" name="server" value="${server.name}"><input type="hidden" name="share" value="${share.id}">
<button class="small end" aria-label="${label}">End</button></form></td>
</tr>`;
}

/** In the words that guests and owner see. */
function leftWords(end: string | null, now: number): Html | undefined {
  return end === null ? undefined : html`<p class="soft small">${timeLeftWords(Date.parse(end) - now)}</p>`;
}

const whys = [
  ["unaware", "Started before this page was set up: restart them"],
  ["silent", "No answer"],
  ["refused", "Refused"],
  ["unasked", "Not asked: there was no time left"],
  ["starting", "Starting or stopping"],
  ["foreign", "Other software, or an old WAIIDE"],
] as const;

/** Lists the servers without an answer. Other software is no problem, and may be most of a hub. */
function silentSection(silent: readonly Surveyed[]): Html | undefined {
  if (silent.length === 0) return undefined;
  const rows = whys.flatMap(([kind, words]) => {
    const servers = silent.filter(({ found }) => found.kind === kind);
    if (servers.length === 0) return [];
    const names = servers.map(({ server, found }) => {
      const reason = found.kind === "silent" || found.kind === "refused" ? `: ${found.reason}` : "";
      return html`<p>${fullName(server)}<span class="soft small">${reason}</span></p>`;
    });
    return [html`<dt>${words}</dt><dd>${names}</dd>`];
  });
  return html`<section class="card"><details${silent.some(isTrouble) ? html` open` : undefined}>
<summary>${counted(silent.length, "server")} whose shares are not known</summary>
<dl class="why">${rows}</dl>
</details></section>`;
}

function isTrouble({ found: { kind } }: Surveyed): boolean {
  return kind !== "ok" && kind !== "foreign" && kind !== "starting";
}

function shortName({ name }: RunningServer): string {
  return name === "" ? "default" : name;
}

function fullName(server: RunningServer): string {
  return server.name === "" ? server.user : `${server.user}/${server.name}`;
}
