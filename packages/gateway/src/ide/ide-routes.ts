import { Type } from "typebox";
import type { RouteHost } from "../access/route-host.ts";
import type { Ide } from "./ide.ts";

/** `/api/ide/*`, for the owner. */
export function addIdeRoutes(host: RouteHost, ide: Pick<Ide, "restart">): void {
  host.post(
    "/api/ide/restart",
    { config: { who: "owner" }, schema: { summary: "Restarts the IDE server", response: { 202: Type.Null() } } },
    (_request, reply) => {
      ide.restart();
      reply.code(202);
      return null;
    },
  );
}
