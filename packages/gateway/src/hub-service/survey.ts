import type { ShareOverview } from "@waiide/protocol";
import type { ServerAnswer, ServerClient } from "./server-client.ts";
import type { RunningServer } from "./servers.ts";

/** What became of one server. `starting`: the hub has not finished; `unasked`: there was no time left. */
export interface Surveyed {
  readonly server: RunningServer;
  readonly found: ServerAnswer<ShareOverview> | { readonly kind: "starting" | "unasked"; readonly reason: string };
}

export interface SurveyOptions {
  readonly client: Pick<ServerClient, "overview">;
  /** Servers asked at the same time. */
  readonly atOnce: number;
  /** Milliseconds after which no other server is asked. */
  readonly longest: number;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/** Asks all servers, many at once: one that is slow takes one place, and delays no other. In the order given. */
export async function survey(
  servers: readonly RunningServer[],
  administrator: string,
  { client, atOnce, longest, clock = Date.now }: SurveyOptions,
): Promise<Surveyed[]> {
  const end = clock() + longest;
  const ask = async (server: RunningServer): Promise<Surveyed["found"]> => {
    if (!server.isReady) return { kind: "starting", reason: "the hub is starting or stopping it" };
    if (clock() >= end) return { kind: "unasked", reason: "too many others were slow" };
    return client.overview(server, administrator);
  };
  const found = new Map<RunningServer, Surveyed["found"]>();
  const waiting = servers.values();
  const work = async () => {
    for (const server of waiting) found.set(server, await ask(server));
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, servers.length) }, work));
  return servers.map((server) => ({ server, found: found.get(server) ?? { kind: "unasked", reason: "" } }));
}
