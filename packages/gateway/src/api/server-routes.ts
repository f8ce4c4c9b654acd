import {
  DoctorReportSchema,
  type ServerFacts,
  ServerFactsSchema,
  type ServerLog,
  ServerLogSchema,
} from "@waiide/protocol";
import { type Static, Type } from "typebox";
import type { RouteHost } from "../access/route-host.ts";

export interface ServerRoutesOptions {
  readonly facts: () => Promise<ServerFacts>;
  readonly log: () => ServerLog;
  /** What `waiide doctor` prints. */
  readonly doctor: () => Promise<string>;
  readonly stop: () => void;
  /** Turns Restricted Mode on or off. */
  readonly restrict: (on: boolean) => Promise<void>;
}

const RestrictedModeSchema = Type.Object({ on: Type.Boolean() }, { additionalProperties: false });

const owner = { config: { who: "owner" } } as const;

/** `/api/server*`: about the server itself, for its owner. */
export function addServerRoutes(host: RouteHost, server: ServerRoutesOptions): void {
  host.get(
    "/api/server",
    { ...owner, schema: { summary: "Name, hub, limits, version", response: { 200: ServerFactsSchema } } },
    () => server.facts(),
  );
  host.get(
    "/api/server/log",
    { ...owner, schema: { summary: "Last lines of the logs", response: { 200: ServerLogSchema } } },
    () => server.log(),
  );
  host.get(
    "/api/server/doctor",
    { ...owner, schema: { summary: "What “waiide doctor” prints", response: { 200: DoctorReportSchema } } },
    async () => ({ text: await server.doctor() }),
  );
  host.put(
    "/api/server/restricted-mode",
    {
      ...owner,
      schema: {
        summary:
          "Opens the IDE in VS Code's Restricted Mode from the next page on, while a Full Access share is active",
        body: RestrictedModeSchema,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await server.restrict((request.body as Static<typeof RestrictedModeSchema>).on);
      reply.code(204);
      return null;
    },
  );
  host.post(
    "/api/server/stop",
    { ...owner, schema: { summary: "Stops the server", response: { 202: Type.Null() } } },
    (_request, reply) => {
      server.stop();
      reply.code(202);
      return null;
    },
  );
}
