import { type Guest, guestsOnline, recipientFacts, type ScopeFacts, type Share, scopeFacts } from "@waiide/protocol";
import { type Html, html } from "../http/pages/html.ts";

/** The most guests that are listed by name; of more only the number is shown. */
const maxNames = 6;

/** The level as a badge. The color adds nothing to the word. */
export function levelBadge({ level, permission }: Pick<Share, "level" | "permission">): Html {
  return html`<span class="level ${level}">${permission}</span>`;
}

export function recipientWords(share: Pick<Share, "with">): string {
  const recipient = recipientFacts(share);
  if (recipient.kind === "link") return "anyone with the link";
  return recipient.kind === "user" ? `only ${recipient.name}` : `only the group ${recipient.name}`;
}

/** What is shared, and where. */
export function scopeWords({
  scope,
  root,
  commit,
}: Pick<Share, "scope" | "root"> & Partial<Pick<Share, "commit">>): Html {
  const place = html`<p class="soft small path">${root}</p>`;
  if (commit) return html`<p>${commit.branch === null ? "Commit" : "Branch"} ${commit.name}</p>${place}`;
  const { name: app, path, lines } = scopeFacts(scope);
  if (scope.kind === "app") return html`<p>App ${app}</p>`;
  const name = path === "" ? html`<p>Whole workspace</p>` : html`<p class="path">${path}${lineWords(lines)}</p>`;
  return html`${name}${place}`;
}

function lineWords(lines: ScopeFacts["lines"]): string {
  if (lines === undefined) return "";
  return lines.isOne ? `, line ${lines.first}` : `, lines ${lines.first}–${lines.last}`;
}

/** Guests with an open page. Names that no login confirms are marked, since guests can choose any name. */
export function guestWords(guests: readonly Guest[]): Html {
  const present = guestsOnline({ guests });
  if (present.length === 0) return html`<span class="soft">nobody</span>`;
  const names = present.slice(0, maxNames).map(({ name, hub_user }) => {
    const note = hub_user === null ? "name not verified" : "account at the hub";
    return html`<li>${hub_user ?? name} <span class="soft small">(${note})</span></li>`;
  });
  const others = present.length - names.length;
  const more = others > 0 ? html`<li class="soft">and ${others} more</li>` : undefined;
  return html`<ul class="guests">${names}${more}</ul>`;
}

/** In UTC; our script shows it in the browser's time zone and language. */
export function timeWords(time: string | null): Html {
  if (time === null) return html`never`;
  const words = `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
  return html`<time datetime="${time}">${words}</time>`;
}
