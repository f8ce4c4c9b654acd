import {
  CloneTokenSchema,
  CopyTicketRequestSchema,
  CopyTicketSchema,
  EnterSchema,
  LandingSchema,
  LookSchema,
  SharedSchema,
  WaitingSchema,
} from "@waiide/protocol";
import { Type } from "typebox";
import type { RouteHost } from "../../access/route-host.ts";
import { answerRedirect } from "../../http/answer.ts";
import type { Origination, TrustedProxies } from "../../http/forwarded.ts";
import type { CopyEntry } from "../copies/copy-entry.ts";
import type { SharePages } from "../page/pages.ts";
import type { GuestEntry } from "./entry.ts";

const Id = Type.Object({ id: Type.String() });
const CopyQuery = Type.Object({ to: Type.Optional(Type.String({ minLength: 1, maxLength: 2_000 })) });
const LinkQuery = Type.Object({ token: Type.Optional(Type.String({ maxLength: 200 })) });

export interface GuestRouteSources {
  readonly guests: { readonly entry: GuestEntry; readonly pages: SharePages; readonly copies: CopyEntry };
  readonly trustedProxies: TrustedProxies;
}

/** A share's page and the way in (RULES R15). Everything else below `share/<id>/` is behind the gate. */
export function addGuestRoutes(api: RouteHost, { guests, trustedProxies }: GuestRouteSources): void {
  const { entry, pages, copies } = guests;
  const anyone = { config: { who: "anyone" } } as const;
  const guest = { config: { who: "guest" } } as const;
  api.get(
    "/share/:id/",
    { ...anyone, schema: { summary: "A share's page: landing, then its content", params: Id, querystring: LinkQuery } },
    async (request, reply) => {
      reply.hijack();
      await pages.answer(request.raw, reply.raw, originOf(request.raw), request.params.id, request.query.token);
    },
  );
  api.post(
    "/share/:id/look",
    {
      ...anyone,
      schema: { summary: "What a link opens", params: Id, body: LookSchema, response: { 200: LandingSchema } },
    },
    (request) => entry.look(request.raw, originOf(request.raw), request.params.id, request.body),
  );
  api.post(
    "/share/:id/enter",
    {
      ...anyone,
      schema: {
        summary:
          "Exchanges a link's secret for a cookie; 202: the owner must accept the guest first, ask again at once",
        params: Id,
        body: EnterSchema,
        response: { 202: WaitingSchema, 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { params, body, raw } = request;
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());
      const entered = await entry.enter(raw, originOf(raw), params.id, body, gone.signal);
      reply.header("Cache-Control", "no-store");
      if ("waiting" in entered) {
        reply.code(202);
        return entered;
      }
      reply.code(204).header("Set-Cookie", entered.cookie);
      return null;
    },
  );
  api.get(
    "/share/:id/login",
    { ...anyone, schema: { summary: "To the hub's login, and back to the share", params: Id } },
    (request, reply) => {
      reply.hijack();
      const { location, cookies } = entry.beginLogin(request.raw, originOf(request.raw), request.params.id);
      answerRedirect(reply.raw, 303, location, cookies);
    },
  );
  api.get(
    "/share/:id/about",
    {
      ...guest,
      schema: { summary: "What is shared, for a guest of the share", params: Id, response: { 200: SharedSchema } },
    },
    (request) => entry.about(request.raw, originOf(request.raw), request.params.id),
  );
  api.post(
    "/share/:id/clone-token",
    {
      ...guest,
      schema: {
        summary: "A password with which git fetches a shared commit",
        params: Id,
        response: { 200: CloneTokenSchema },
      },
    },
    (request, reply) => {
      reply.header("Cache-Control", "no-store");
      return entry.cloneToken(request.raw, originOf(request.raw), request.params.id);
    },
  );
  api.get(
    "/share/:id/copy",
    {
      ...guest,
      schema: { summary: "Where a guest's own copy goes", params: Id, querystring: CopyQuery },
    },
    (request, reply) => {
      const { raw, params, query } = request;
      const { headers, html } = copies.page(raw, originOf(raw), params.id, query.to);
      reply.hijack();
      reply.raw.writeHead(200, headers).end(raw.method === "HEAD" ? undefined : html);
    },
  );
  api.post(
    "/share/:id/copy-ticket",
    {
      ...guest,
      schema: {
        summary: "A ticket with which another server of the hub fetches a copy, once",
        params: Id,
        body: CopyTicketRequestSchema,
        response: { 200: CopyTicketSchema },
      },
    },
    (request, reply) => {
      reply.header("Cache-Control", "no-store");
      return copies.ticket(request.raw, originOf(request.raw), request.params.id, request.body.to);
    },
  );
  api.post(
    "/share/:id/leave",
    { ...guest, schema: { summary: "A guest leaves for good", params: Id, response: { 204: Type.Null() } } },
    (request, reply) => {
      const cookie = entry.leave(request.raw, originOf(request.raw), request.params.id);
      reply.code(204).header("Set-Cookie", cookie);
      return null;
    },
  );

  function originOf(raw: Parameters<TrustedProxies["originationOf"]>[0]): Origination {
    return trustedProxies.originationOf(raw);
  }
}
