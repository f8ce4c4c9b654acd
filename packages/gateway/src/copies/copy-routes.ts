import type { IncomingMessage } from "node:http";
import {
  BeginCopySchema,
  CopiesSchema,
  CopyProgressSchema,
  copyPartSize,
  SetUpCopySchema,
  TakenSetUpSchema,
  TakeSetUpSchema,
  WholeNumber,
} from "@waiide/protocol";
import { Type } from "typebox";
import type { RouteHost } from "../access/route-host.ts";
import { answerRedirect } from "../http/answer.ts";
import { newCopyPage } from "../pages/new-copy.ts";
import type { Copies } from "./copies.ts";

export interface CopyRouteSources {
  readonly copies: Copies;
  readonly baseUrl: string;
  /** Proves that a request comes from a page that is made now (RULES R5). */
  readonly proofFor: (request: IncomingMessage) => string | undefined;
}

const Id = Type.Object({ id: Type.String() });
const owner = { config: { who: "owner" } } as const;

/** `/copy`, where a recipient's browser arrives from a share's page. A question: nothing changes (RULES R29). */
export function addCopyPages(api: RouteHost, { copies, baseUrl, proofFor }: CopyRouteSources): void {
  api.get(
    "/copy",
    {
      ...owner,
      schema: {
        summary: "To the owner's server, which asks whether to send a copy here",
        querystring: Type.Object({ from: Type.String({ description: "Path of the share, ends with a slash." }) }),
      },
    },
    (request, reply) => {
      const location = copies.begin(request.query.from);
      reply.hijack();
      answerRedirect(reply.raw, 303, location);
    },
  );
  api.get(
    "/copy/return",
    {
      ...owner,
      schema: {
        summary: "The page that shows what a copy consists of, and makes it",
        querystring: Type.Object({ state: Type.Optional(Type.String()), copy: Type.Optional(Type.String()) }),
      },
    },
    (request, reply) => {
      const page = newCopyPage({ baseUrl, proof: proofFor(request.raw) });
      return reply.headers(page.headers).send(page.html);
    },
  );
  api.get(
    "/api/copies/source",
    {
      ...owner,
      schema: {
        summary: "Which share a browser was sent to",
        querystring: Type.Object({ state: Type.String() }),
        response: { 200: Type.Object({ source: Type.String(), to: Type.String() }) },
      },
    },
    (request) => copies.sourceOf(request.query.state),
  );
  api.post(
    "/api/copies",
    {
      ...owner,
      bodyLimit: 2 * 1024 * 1024,
      schema: {
        summary: "Shows what a copy would consist of; nothing is written",
        body: BeginCopySchema,
        response: { 201: CopyProgressSchema },
      },
    },
    async (request, reply) => {
      const shown = await copies.show(request.body, request.headers.origin);
      reply.code(201);
      return shown;
    },
  );
}

/** `/api/copies`: copies in the making, and those that were made. */
export function addCopyRoutes(api: RouteHost, copies: Copies): void {
  api.get(
    "/api/copies",
    { ...owner, schema: { summary: "Folders that are copies of what others shared", response: { 200: CopiesSchema } } },
    () => copies.list(),
  );
  api.get(
    "/api/copies/:id",
    { ...owner, schema: { summary: "How far a copy is", params: Id, response: { 200: CopyProgressSchema } } },
    (request) => copies.progressOf(request.params.id),
  );
  api.post(
    "/api/copies/:id/accept",
    {
      ...owner,
      schema: {
        summary: "Makes the copy that was shown",
        params: Id,
        body: Type.Object(
          { name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })) },
          { additionalProperties: false },
        ),
        response: { 202: CopyProgressSchema },
      },
    },
    async (request, reply) => {
      const begun = await copies.accept(request.params.id, request.body.name);
      reply.code(202);
      return begun;
    },
  );
  addPartRoute(api, copies);
  api.delete(
    "/api/copies/:id",
    {
      ...owner,
      schema: { summary: "Cancels a copy that is not finished", params: Id, response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      await copies.cancel(request.params.id);
      reply.code(204);
      return null;
    },
  );
  addSetUpRoutes(api, copies);
}

function addPartRoute(api: RouteHost, copies: Copies): void {
  api.addContentTypeParser("application/zip", (_request, payload, done) => done(null, payload));
  api.put(
    "/api/copies/:id/archive",
    {
      ...owner,
      bodyLimit: copyPartSize,
      schema: {
        summary: "A part of the archive, where only the browser can reach the owner's server",
        params: Id,
        querystring: Type.Object({ offset: WholeNumber(), last: Type.Optional(Type.Boolean()) }),
        response: { 200: CopyProgressSchema },
      },
    },
    (request) => {
      const { offset, last = false } = request.query;
      return copies.receive(request.params.id, request.body as IncomingMessage, Number(offset), last);
    },
  );
}

function addSetUpRoutes(api: RouteHost, copies: Copies): void {
  api.delete(
    "/api/copies/:id/extensions",
    {
      ...owner,
      schema: {
        summary: "Offers the owner's extensions no more; the IDE installs those that the recipient chose",
        params: Id,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await copies.extensionsAnswered(request.params.id);
      reply.code(204);
      return null;
    },
  );
  api.post(
    "/api/copies/:id/set-up",
    {
      ...owner,
      schema: {
        summary: "Lets the IDE run the commands that were shown, once it has opened the folder",
        params: Id,
        body: SetUpCopySchema,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await copies.wantSetUp(request.params.id, request.body.commands);
      reply.code(204);
      return null;
    },
  );
  api.post(
    "/api/copies/take-set-up",
    {
      ...owner,
      schema: {
        summary: "The commands that the recipient wants to run in a folder; once",
        body: TakeSetUpSchema,
        response: { 200: TakenSetUpSchema },
      },
    },
    async (request) => ({ commands: [...(await copies.takeSetUp(request.body.folder))] }),
  );
}
