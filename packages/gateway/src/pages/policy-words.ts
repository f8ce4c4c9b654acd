import { type AppPolicy, type ShareOverview, setDurationWords } from "@waiide/protocol";
import { type Html, html } from "../http/pages/html.ts";

/** The most servers that are listed by name; of more only the number is shown. */
const maxNames = 20;

type Policy = Omit<ShareOverview, "shares" | "version">;

/** Servers with one policy. */
interface PolicyGroup {
  readonly policy: Policy;
  readonly servers: readonly string[];
}

/** What the servers permit: first the policy of most of them, then the ones that differ. */
export function policySection(told: readonly { readonly server: string; readonly overview: ShareOverview }[]): Html {
  const groups = grouped(told);
  const [usual, ...others] = groups;
  if (usual === undefined) return html``;
  const where = others.length === 0 ? "On every server" : `On ${usual.servers.length} of ${told.length} servers`;
  return html`<section class="card" aria-labelledby="policy">
<h2 id="policy">What may be shared</h2>
<p class="soft">${where}, as administrators have set it: in <span class="path">/etc/waiide/config.json</span> or the spawner's environment.</p>
${policyTable(usual.policy)}
${others.map(
  ({ policy, servers }) => html`<h3>Different on ${namesOf(servers)}</h3>
${policyTable(policy)}`,
)}
</section>`;
}

function namesOf(servers: readonly string[]): string {
  const shown = servers.slice(0, maxNames).join(", ");
  return servers.length <= maxNames ? shown : `${shown} and ${servers.length - maxNames} more`;
}

function grouped(told: readonly { readonly server: string; readonly overview: ShareOverview }[]): PolicyGroup[] {
  const groups = new Map<string, { policy: Policy; servers: string[] }>();
  for (const { server, overview } of told) {
    const { shares: _shares, version: _version, ...policy } = overview;
    const key = JSON.stringify(policy);
    const group = groups.get(key) ?? { policy, servers: [] };
    group.servers.push(server);
    groups.set(key, group);
  }
  return [...groups.values()].sort((one, other) => other.servers.length - one.servers.length);
}

/** Which running apps may be shared. */
const appWords: Readonly<Record<AppPolicy, string>> = {
  off: " Running apps may not be shared.",
  configured: " Of running apps, only configured ones may be shared.",
  ports: "",
};

function policyTable({
  sharing_available,
  reason,
  levels,
  most_shares,
  links,
  hub_users_only,
  approval,
  apps,
}: Policy): Html {
  if (!sharing_available) return html`<p>Nothing: ${reason}.</p>`;
  const rows = levels.map(
    ({ level, permission, allowed, allowed_named, longest_life }) => html`<tr>
<th scope="row"><span class="level ${level}">${permission}</span></th>
<td>${yesOrNo(allowed)}</td>
<td>${yesOrNo(allowed_named ?? allowed)}</td>
<td>${longest_life === null ? "no limit" : setDurationWords(longest_life * 1_000)}</td>
</tr>`,
  );
  const guests = hub_users_only ? "Guests with a link must log in at the hub." : "Guests with a link need no account.";
  const accepted = approval === "always" ? " The owner accepts each guest before they join." : "";
  return html`<table class="policy">
<thead><tr><th scope="col">Level</th><th scope="col">By link</th><th scope="col">With named people</th><th scope="col">Longest life</th></tr></thead>
<tbody>${rows}</tbody>
</table>
<p class="soft small">At most ${most_shares} shares at once on a server. ${links === false ? "Links are turned off." : guests}${accepted}${apps === undefined ? "" : appWords[apps]}</p>`;
}

function yesOrNo(is: boolean): Html {
  return is ? html`<span class="yes">yes</span>` : html`<span class="soft">no</span>`;
}
