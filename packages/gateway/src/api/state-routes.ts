import {
  type Health,
  HealthSchema,
  type IdeState,
  type Services,
  ServicesSchema,
  type Status,
  StatusSchema,
} from "@waiide/protocol";
import { Type } from "typebox";
import type { RouteHost } from "../access/route-host.ts";
import { version } from "../base/version.ts";
import type { Metrics } from "./metrics.ts";

// Routes that say how the gateway is: health, status, services and metrics.

export interface StateRoutesOptions {
  readonly status: () => Status;
  readonly services: () => Services["services"];
  readonly metrics: Metrics;
}

const anyone = { config: { who: "anyone" } } as const;
const owner = { config: { who: "owner" } } as const;

/** How the gateway is: for hubs, probes, monitoring and the owner. */
export function addStateRoutes(host: RouteHost, { status, services, metrics }: StateRoutesOptions): void {
  const named = Type.Object({ name: Type.String(), version: Type.String() });
  host.get(
    "/api",
    { ...anyone, schema: { summary: "Answers at once, whatever the IDE does", response: { 200: named } } },
    () => ({ name: "waiide", version }),
  );
  host.get(
    "/api/health",
    { ...anyone, schema: { summary: "For probes", response: { 200: HealthSchema, 503: HealthSchema } } },
    (_request, reply) => {
      const health = healthOf(status().ide.state);
      reply.code(health.status === "failed" ? 503 : 200);
      return health;
    },
  );
  host.get(
    "/api/status",
    { ...owner, schema: { summary: "Activity and the IDE's state and log", response: { 200: StatusSchema } } },
    () => status(),
  );
  host.get(
    "/api/services",
    { ...owner, schema: { summary: "What can be opened here", response: { 200: ServicesSchema } } },
    () => ({ services: services() }),
  );
  host.get("/metrics", { ...owner, schema: { summary: "Prometheus metrics" } }, async (_request, reply) => {
    const { contentType, text } = await metrics.scrape();
    reply.type(contentType);
    return text;
  });
  host.get(
    "/healthz",
    { ...anyone, schema: { summary: "Liveness: “ok”, or JSON as code-server answers where that is accepted" } },
    (request, reply) => {
      reply.header("Vary", "Accept");
      const accepts = request.headers.accept ?? "";
      return accepts.includes("application/json") ? heartbeatOf(status()) : "ok\n";
    },
  );
}

/** code-server's answer: `alive` if somebody was here within this time. Milliseconds (code-server 4, src/node/heart.ts). */
const heartbeat = 60_000;

/** @returns `lastHeartbeat` in milliseconds since 1970 */
function heartbeatOf({ last_activity, connections }: Status): { status: "alive" | "expired"; lastHeartbeat: number } {
  // Open pages count as alive: code-server's heart beats with every message of theirs.
  const lastHeartbeat = connections > 0 ? Date.now() : Date.parse(last_activity);
  return { status: Date.now() - lastHeartbeat < heartbeat ? "alive" : "expired", lastHeartbeat };
}

function healthOf(ide: IdeState): Health {
  if (ide === "ready") return { status: "ok", version, ide };
  return { status: ide === "starting" ? "starting" : "failed", version, ide };
}
