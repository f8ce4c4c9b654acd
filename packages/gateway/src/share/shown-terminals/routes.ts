import { ShownTerminalSchema, ShowTerminalSchema, TerminalOutputSchema } from "@waiide/protocol";
import { Type } from "typebox";
import type { RouteHost } from "../../access/route-host.ts";
import type { ShownTerminals } from "./shown-terminals.ts";

const Share = Type.Object({ id: Type.String() });
const Terminal = Type.Object({ id: Type.String(), terminal: Type.String() });
const owner = { config: { who: "owner" } } as const;

/** `/api/share/<id>/terminals`: the owner's IDE shows a terminal to the guests of a share. */
export function addTerminalRoutes(api: RouteHost, terminals: ShownTerminals): void {
  api.post(
    "/api/share/:id/terminals",
    {
      ...owner,
      schema: {
        summary: "Begins to show a terminal to the guests of a share; listen to its events within 10 s",
        params: Share,
        body: ShowTerminalSchema,
        response: { 201: ShownTerminalSchema },
      },
    },
    async (request, reply) => {
      const shown = await terminals.show(request.params.id, request.body);
      reply.code(201);
      return shown;
    },
  );
  api.post(
    "/api/share/:id/terminals/:terminal/output",
    {
      ...owner,
      schema: {
        summary: "What a shown terminal wrote, or its new size",
        params: Terminal,
        body: TerminalOutputSchema,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      terminals.write(request.params.id, request.params.terminal, request.body);
      reply.code(204);
      return null;
    },
  );
  api.get(
    "/api/share/:id/terminals/:terminal/events",
    {
      ...owner,
      schema: {
        summary: "Server-sent events: `watched` and `ended`; the terminal is shown while somebody listens",
        params: Terminal,
      },
    },
    (request, reply) => {
      terminals.listen(request.params.id, request.params.terminal, reply.raw);
      reply.hijack();
    },
  );
  api.delete(
    "/api/share/:id/terminals/:terminal",
    {
      ...owner,
      schema: { summary: "Stops showing a terminal", params: Terminal, response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      terminals.stop(request.params.id, request.params.terminal);
      reply.code(204);
      return null;
    },
  );
}
