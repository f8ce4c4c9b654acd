import type { KeyObject } from "node:crypto";
import { type Revoked, RevokedSchema, type ShareOverview, ShareOverviewSchema } from "@waiide/protocol";
import type { TSchema } from "typebox";
import Value from "typebox/value";
// Only the parts in use, as proxy/backend.ts does.
import sendRequest from "undici/lib/api/api-request.js";
import Pool from "undici/lib/dispatcher/pool.js";
import { type ErrorCode, reasonOf } from "../base/errors.ts";
import { parsedJson, readText } from "../hub/answer-text.ts";
import { type Order, serverName, signOrder } from "../share/hub-link/orders.ts";
import type { RunningServer } from "./servers.ts";

/**
 * What a server says. `silent`: nothing, in time; `foreign`: it is no WAIIDE, or an old one; `unaware`: it was not given our
 * key; `refused`: it answers, but not as asked.
 */
export type ServerAnswer<Body> =
  | { readonly kind: "ok"; readonly body: Body }
  | { readonly kind: "silent" | "foreign" | "unaware" | "refused"; readonly reason: string };

export interface ServerClientOptions {
  /** Origin of the hub's proxy. */
  readonly proxyUrl: string;
  /** Name of this service, for the owners' history. */
  readonly service: string;
  readonly key: KeyObject;
  /** Milliseconds. */
  readonly timeout: number;
  /** Connections at once. */
  readonly connections: number;
}

/** Longer answers are not a WAIIDE's: a hundred shares with fifty guests each are a tenth of it. Bytes. */
const maxAnswerLength = 8 * 1024 * 1024;
/** What the hub and its proxy say of a server that is not there (JupyterHub answers 424 for one that is stopped). */
const notThere = new Set([424, 500, 502, 503, 504]);
/** What a WAIIDE says that does not know our key, or knows no orders at all. */
const unaware: ReadonlySet<string> = new Set<ErrorCode>(["SHARE_ORDER_KEY_UNKNOWN", "LOGIN_REQUIRED", "NOT_FOUND"]);

/** Asks users' servers through the hub's proxy. Whatever they are and say, an answer comes, and no secret goes there. */
export class ServerClient {
  readonly #options: ServerClientOptions;
  readonly #pool: InstanceType<typeof Pool>;

  constructor(options: ServerClientOptions) {
    this.#options = options;
    const { proxyUrl, connections, timeout } = options;
    this.#pool = new Pool(proxyUrl, { connections, pipelining: 1, connect: { timeout } });
  }

  overview(server: RunningServer, administrator: string): Promise<ServerAnswer<ShareOverview>> {
    return this.#give(server, administrator, "GET", "/api/share/overview", ShareOverviewSchema);
  }

  /** @param share undefined: all of this server's */
  revoke(server: RunningServer, administrator: string, share: string | undefined): Promise<ServerAnswer<Revoked>> {
    const path = share === undefined ? "/api/share/revoke" : `/api/share/revoke/${encodeURIComponent(share)}`;
    return this.#give(server, administrator, "DELETE", path, RevokedSchema);
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #give<Schema extends TSchema>(
    server: RunningServer,
    administrator: string,
    method: Order["method"],
    path: string,
    schema: Schema,
  ): Promise<ServerAnswer<ReturnType<typeof Value.Parse<Schema>>>> {
    const { service, key, timeout } = this.#options;
    const order = { service, administrator, server: serverName(server.user, server.name), method, path };
    const signal = AbortSignal.timeout(timeout);
    try {
      const response = await sendRequest.call(this.#pool, {
        method,
        path: `${server.path}${path.slice(1)}`,
        headers: {
          accept: "application/json",
          authorization: signOrder(order, key),
          ...(server.host === undefined ? {} : { host: server.host }),
        },
        signal,
      });
      const body = parsedJson(await readText(response.body, maxAnswerLength));
      if (response.statusCode !== 200) return refusal(response.statusCode, body);
      if (!Value.Check(schema, body)) return { kind: "foreign", reason: "its answer is not from WAIIDE" };
      return { kind: "ok", body: body as ReturnType<typeof Value.Parse<Schema>> };
    } catch (error) {
      return { kind: "silent", reason: signal.aborted ? `no answer in ${timeout / 1_000} s` : reasonOf(error) };
    }
  }
}

function refusal(status: number, body: unknown): Exclude<ServerAnswer<never>, { kind: "ok" }> {
  const { error } = Object(body) as { error?: unknown };
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  if (typeof code === "string" && typeof message === "string") {
    return { kind: unaware.has(code) ? "unaware" : "refused", reason: message };
  }
  if (notThere.has(status)) return { kind: "silent", reason: `the hub's proxy answers ${status}` };
  return { kind: "foreign", reason: `it answers ${status}, which is not an answer of WAIIDE` };
}
