import {
  MessageText,
  MovedFilesSchema,
  ResolveThreadSchema,
  StartThreadSchema,
  ThreadSchema,
  ThreadsSchema,
  WholeNumber,
} from "@waiide/protocol";
import { Type } from "typebox";
import type { RouteHost } from "../../access/route-host.ts";
import type { OwnerComments } from "./owner-comments.ts";

const Id = Type.Object({ id: Type.String() });
const ThreadId = Type.Object({ id: Type.String(), thread: WholeNumber({ minimum: 1 }) });
const CommentId = Type.Object({ ...ThreadId.properties, comment: WholeNumber({ minimum: 1 }) });
const ReplySchema = Type.Object({ text: MessageText }, { additionalProperties: false });
const owner = { config: { who: "owner" } } as const;

/** Comments on lines of files, for the owner. */
export function addCommentRoutes(api: RouteHost, comments: OwnerComments): void {
  api.get(
    "/api/share/:id/comments",
    {
      ...owner,
      schema: {
        summary: "The comments on lines of a share's files, the oldest first",
        params: Id,
        response: { 200: ThreadsSchema },
      },
    },
    (request) => comments.list(request.params.id),
  );
  api.post(
    "/api/share/:id/comments",
    {
      ...owner,
      schema: {
        summary: "Comments on lines of a file; guests of the share who see the file read it",
        params: Id,
        body: StartThreadSchema,
        response: { 201: ThreadSchema },
      },
    },
    async (request, reply) => {
      const thread = await comments.start(request.params.id, request.body);
      reply.code(201);
      return thread;
    },
  );
  api.post(
    "/api/share/moved-files",
    {
      ...owner,
      schema: {
        summary: "Tells that the owner's IDE has renamed or deleted files: comments on their lines go along",
        body: MovedFilesSchema,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await comments.moved(request.body);
      reply.code(204);
      return null;
    },
  );
  addThreadRoutes(api, comments);
}

function addThreadRoutes(api: RouteHost, comments: OwnerComments): void {
  api.post(
    "/api/share/:id/comments/:thread",
    {
      ...owner,
      schema: {
        summary: "Writes another comment into a thread",
        params: ThreadId,
        body: ReplySchema,
        response: { 201: ThreadSchema },
      },
    },
    async (request, reply) => {
      const { id, thread } = request.params;
      const changed = await comments.reply(id, Number(thread), request.body.text);
      reply.code(201);
      return changed;
    },
  );
  api.patch(
    "/api/share/:id/comments/:thread",
    {
      ...owner,
      schema: {
        summary: "Marks a thread as resolved, or not",
        params: ThreadId,
        body: ResolveThreadSchema,
        response: { 200: ThreadSchema },
      },
    },
    (request) => comments.resolve(request.params.id, Number(request.params.thread), request.body.resolved),
  );
  api.delete(
    "/api/share/:id/comments/:thread/:comment",
    {
      ...owner,
      schema: { summary: "Deletes a comment, whoever wrote it", params: CommentId, response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      const { id, thread, comment } = request.params;
      await comments.delete(id, Number(thread), Number(comment));
      reply.code(204);
      return null;
    },
  );
}
