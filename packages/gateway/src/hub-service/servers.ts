import { WholeNumber } from "@waiide/protocol";
import { type Static, Type } from "typebox";
import Value from "typebox/value";
import { GatewayError } from "../base/errors.ts";
import type { HubClient } from "../hub/client.ts";
import type { Manageable } from "./access.ts";

/** A server that the hub has started, or is starting. */
export interface RunningServer extends Manageable {
  /** At the hub's proxy; begins and ends with `/`, encoded as the hub has it. */
  readonly path: string;
  /** The host by which the proxy tells servers apart, where every user has a name of his own. */
  readonly host: string | undefined;
  readonly isReady: boolean;
}

/** The hub's own limit unless an administrator lowers it (`api_page_max_limit`). */
const pageSize = 200;
/** Answers are then objects that say where the next page begins (JupyterHub 2). */
const paginated = "application/jupyterhub-pagination+json";

const ServerSchema = Type.Object({
  ready: Type.Boolean(),
  url: Type.String(),
  full_url: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});
const PageSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      name: Type.String(),
      groups: Type.Optional(Type.Array(Type.String())),
      servers: Type.Optional(Type.Record(Type.String(), ServerSchema)),
    }),
  ),
  _pagination: Type.Object({
    next: Type.Union([Type.Object({ offset: WholeNumber({ minimum: 1 }) }), Type.Null()]),
  }),
});

/**
 * All of them, page by page, in the order of the users' names.
 * @param token with `list:users`, `read:servers` and, for filters by group, `read:users:groups`
 * @throws GatewayError HUB_LIST_FAILED
 */
export async function listServers(client: Pick<HubClient, "request">, token: string): Promise<RunningServer[]> {
  const servers: RunningServer[] = [];
  for (let offset: number | undefined = 0; offset !== undefined; ) {
    const path = `/users?state=active&offset=${offset}&limit=${pageSize}`;
    const answer = await client.request("GET", path, { token, accept: paginated });
    if (answer.kind !== "ok") throw new GatewayError("HUB_LIST_FAILED", { reason: answer.reason });
    if (!Value.Check(PageSchema, answer.body)) {
      throw new GatewayError("HUB_LIST_FAILED", { reason: "its answer is not a list of users" });
    }
    const { items, _pagination: pages } = answer.body;
    servers.push(...items.flatMap(serversOf));
    // A hub that goes back would be asked for ever.
    offset = pages.next !== null && pages.next.offset > offset ? pages.next.offset : undefined;
  }
  return servers.sort((one, other) => one.user.localeCompare(other.user) || one.name.localeCompare(other.name));
}

type ListedUser = Static<typeof PageSchema>["items"][number];

function serversOf({ name: user, groups = [], servers = {} }: ListedUser): RunningServer[] {
  return Object.entries(servers).map(([name, { ready, url, full_url }]) => {
    // With subdomains older hubs give whole URLs here as well.
    const whole = [full_url ?? "", url].find((text) => URL.canParse(text));
    const path = URL.canParse(url) ? new URL(url).pathname : url;
    return { user, name, groups, path, host: whole && new URL(whole).host, isReady: ready };
  });
}
