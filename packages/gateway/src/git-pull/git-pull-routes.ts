import type { IncomingMessage } from "node:http";
import { type Static, Type } from "typebox";
import type { RouteHost } from "../access/route-host.ts";
import { GatewayError, reasonOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { asDeclared } from "../http/content-type.ts";
import type { PageHolder, PageProofs } from "../http/page-proof.ts";
import { gitPullPage } from "../pages/git-pull.ts";
import { destinationOf } from "./destination.ts";
import { LinkError, type PullOrder, readLink } from "./link.ts";
import { PullRefusal, pull } from "./pull.ts";
import { type UserGit, UserGitError } from "./user-git.ts";

export interface GitPullOptions {
  readonly git: UserGit;
  readonly workspace: string;
  readonly baseUrl: string;
  /** The app that answers such links in our place, if there is one. */
  readonly app: () => string | undefined;
  readonly holderOf: (request: IncomingMessage) => PageHolder | undefined;
  readonly proofs: Pick<PageProofs, "of">;
  readonly logger: Logger;
}

const OrderSchema = Type.Object(
  { query: Type.String({ maxLength: 8_000, description: "The link's query, as nbgitpuller reads it." }) },
  { additionalProperties: false },
);

/** Lines of JSON: what git says, then how it ended. */
type Told =
  | { readonly said: string }
  | { readonly failed: string }
  | { readonly done: Awaited<ReturnType<typeof destinationOf>> };

/** `/git-pull?repo=…`, links of nbgitpuller: looking changes nothing, the person's click does (RULES R33). */
export function addGitPullRoutes(host: RouteHost, options: GitPullOptions): void {
  const { baseUrl, app, holderOf, proofs } = options;
  const running = new Set<string>();
  host.get(
    "/git-pull",
    { config: { who: "owner" }, schema: { summary: "Asks before it pulls" } },
    async ({ raw }, reply) => {
      const query = queryOf(raw.url ?? "");
      const name = app();
      if (name !== undefined) return reply.redirect(`${baseUrl}apps/${name}/git-pull?${query}`, 303);
      const holder = holderOf(raw);
      const page = gitPullPage({ order: orderOf(query), query, baseUrl, proof: holder && proofs.of(holder) });
      return reply.headers(page.headers).send(page.html);
    },
  );
  host.post(
    "/git-pull",
    {
      config: { who: "owner" },
      schema: { summary: "Clones or pulls a repository, and tells how it goes", body: OrderSchema },
    },
    async (request, reply) => {
      const { query } = request.body as Static<typeof OrderSchema>;
      const order = orderOf(query);
      if (running.has(order.folder))
        throw new GatewayError("GIT_PULL_REFUSED", { reason: "it is being pulled already" });
      running.add(order.folder);
      reply.hijack();
      const tell = (line: Told) => {
        if (!reply.raw.destroyed) reply.raw.write(`${JSON.stringify(line)}\n`);
      };
      reply.raw.writeHead(200, {
        "Content-Type": "application/x-ndjson; charset=utf-8",
        "Cache-Control": "no-store",
        ...asDeclared,
      });
      try {
        tell(await carryOut(order, options, tell));
      } finally {
        running.delete(order.folder);
        reply.raw.end();
      }
    },
  );
}

async function carryOut(
  order: PullOrder,
  { git, workspace, logger }: GitPullOptions,
  tell: (line: Told) => void,
): Promise<Told> {
  try {
    const clone = await pull(order, { git, workspace, say: (said) => tell({ said }) });
    return { done: await destinationOf(order.opens, workspace, clone) };
  } catch (error) {
    if (error instanceof PullRefusal) return { failed: error.message };
    if (error instanceof UserGitError) return { failed: `Git could not do it: ${error.message}` };
    logger.warn({ reason: reasonOf(error) }, "a repository could not be pulled");
    return { failed: `It could not be stored: ${reasonOf(error)}` };
  }
}

/** @throws GatewayError GIT_PULL_REFUSED */
function orderOf(query: string): PullOrder {
  try {
    return readLink(new URLSearchParams(query));
  } catch (error) {
    if (error instanceof LinkError) throw new GatewayError("GIT_PULL_REFUSED", { reason: error.message });
    throw error;
  }
}

function queryOf(url: string): string {
  const at = url.indexOf("?");
  return at < 0 ? "" : url.slice(at + 1);
}
