import {
  AuditSchema,
  ChangeShareSchema,
  CreatedShareSchema,
  CreateShareSchema,
  GuestChangesSchema,
  GuestWritesSchema,
  HistorySurveySchema,
  LowerGuestSchema,
  NewLinkSchema,
  OriginalSchema,
  OwnerSaveAnswerSchema,
  OwnerSaveSchema,
  ReadTalkSchema,
  RevokedSchema,
  SaySchema,
  ShareInfoSchema,
  ShareListSchema,
  ShareOverviewSchema,
  ShareSchema,
  SurveyRequestSchema,
  TalkMessageSchema,
  TalkPageSchema,
  WholeNumber,
  WithoutGuestsQuestionSchema,
  WithoutGuestsSchema,
} from "@waiide/protocol";
import { Type } from "typebox";
import type { RequestActors } from "../access/request-actors.ts";
import type { RouteHost } from "../access/route-host.ts";
import { addCommentRoutes } from "./comments/comment-routes.ts";
import { addProposalRoutes } from "./commits/proposal-routes.ts";
import type { OwnerShares } from "./owner-shares.ts";

const Id = Type.Object({ id: Type.String() });
const RevokeQuery = Type.Object({
  also_made_during: Type.Optional(
    Type.Boolean({
      description: "Also end the shares that were made while this Terminal Access share was in use.",
    }),
  ),
});
const GuestId = Type.Object({ id: Type.String(), session: Type.String() });
const AuditQuery = Type.Object({
  before: Type.Optional(WholeNumber({ minimum: 1, description: "Only entries older than this one." })),
  share: Type.Optional(Type.String({ description: "Only this share's entries." })),
  limit: Type.Optional(WholeNumber({ minimum: 1, maximum: 1000 })),
});
/** Base and text of a file that guests can edit, as JSON. Bytes. */
const maxSaveSize = 64 * 1024 * 1024;
const ChangesQuery = Type.Object({
  offset: Type.Optional(WholeNumber({ minimum: 0, description: "Files to leave out; a page has 1,000." })),
});
const owner = { config: { who: "owner" } } as const;

/** `/api/share/*` (DESIGN §3.3): the owner's API, over the network and the control socket alike. */
export function addShareRoutes(api: RouteHost, shares: OwnerShares, actors: RequestActors): void {
  addLookingRoutes(api, shares);
  addChangingRoutes(api, shares);
  addRequestRoutes(api, shares);
  addTalkRoutes(api, shares);
  addCommentRoutes(api, shares.comments);
  addProposalRoutes(api, shares);
  addEndingRoutes(api, shares, actors);
  addSavingRoutes(api, shares, maxSaveSize);
}

function addLookingRoutes(api: RouteHost, shares: OwnerShares): void {
  api.get(
    "/api/share/info",
    {
      ...owner,
      schema: { summary: "Whether sharing is available, and what may be shared", response: { 200: ShareInfoSchema } },
    },
    () => shares.info(),
  );
  api.get(
    "/api/share/list",
    { ...owner, schema: { summary: "Active shares, with guests online", response: { 200: ShareListSchema } } },
    async () => ({ shares: await shares.list() }),
  );
  api.get(
    "/api/share/overview",
    {
      ...owner,
      schema: { summary: "For the administrator's page: shares and policy", response: { 200: ShareOverviewSchema } },
    },
    () => shares.overview(),
  );
  api.get(
    "/api/share/audit",
    {
      ...owner,
      schema: { summary: "What happened, newest first", querystring: AuditQuery, response: { 200: AuditSchema } },
    },
    (request) => shares.auditPage(request.query),
  );
  api.get(
    "/api/share/:id/changes",
    {
      ...owner,
      schema: {
        summary: "What guests of a share, also an ended one, changed",
        params: Id,
        querystring: ChangesQuery,
        response: { 200: GuestChangesSchema },
      },
    },
    (request) => shares.changesIn(request.params.id, Number(request.query.offset ?? 0)),
  );
  api.get(
    "/api/share/:id/original",
    {
      ...owner,
      schema: {
        summary: "What a file held before guests changed it",
        params: Id,
        querystring: Type.Object({
          path: Type.String({ minLength: 1, description: "Relative to the root." }),
          version: Type.Optional(
            Type.String({
              description:
                "In its place: one of the row's `versions`; `guests`: as guests left it; `others`: the same moment, without what guests changed.",
            }),
          ),
        }),
        response: { 200: OriginalSchema },
      },
    },
    (request) => shares.originalOf(request.params.id, request.query.path, request.query.version),
  );
  api.get(
    "/api/share/events",
    {
      ...owner,
      schema: {
        summary:
          "Server-sent events: `change`, `created`, `stopped`, `survivors`, `paused`, `said` and `thread`, as they happen",
      },
    },
    (_request, reply) => {
      reply.hijack();
      shares.streamEvents(reply.raw);
    },
  );
}

/** The owner's editor asks before it saves, or takes back what guests changed (RULES R11, R13). */
function addSavingRoutes(api: RouteHost, shares: OwnerShares, largest: number): void {
  api.get(
    "/api/share/guest-writes",
    {
      ...owner,
      schema: {
        summary: "Whether guests wrote to a file",
        querystring: Type.Object({ path: Type.String({ minLength: 1, description: "Absolute." }) }),
        response: { 200: GuestWritesSchema },
      },
    },
    async (request) => ({ written: await shares.isWrittenByGuests(request.query.path) }),
  );
  api.post(
    "/api/share/owner-save",
    {
      ...owner,
      bodyLimit: largest,
      schema: {
        summary: "Merges what the owner is about to save with what guests changed meanwhile",
        body: OwnerSaveSchema,
        response: { 200: OwnerSaveAnswerSchema },
      },
    },
    (request) => shares.saveForOwner(request.body),
  );
  api.post(
    "/api/share/:id/without-guests",
    {
      ...owner,
      bodyLimit: largest,
      schema: {
        summary: "What a file would hold without guests' changes; everybody else's stay, and nothing is written",
        params: Id,
        body: WithoutGuestsQuestionSchema,
        response: { 200: WithoutGuestsSchema },
      },
    },
    (request) => shares.withoutGuests(request.params.id, request.body),
  );
}

function addChangingRoutes(api: RouteHost, shares: OwnerShares): void {
  api.post(
    "/api/share/create",
    {
      ...owner,
      schema: { summary: "Creates a share", body: CreateShareSchema, response: { 201: CreatedShareSchema } },
    },
    async (request, reply) => {
      const created = await shares.create(request.body);
      reply.code(201);
      return created;
    },
  );
  api.post(
    "/api/share/survey",
    {
      ...owner,
      schema: {
        summary: "Looks through the history of a commit for hidden names and secrets",
        body: SurveyRequestSchema,
        response: { 200: HistorySurveySchema },
      },
    },
    (request) => shares.survey(request.body),
  );
  api.patch(
    "/api/share/:id",
    {
      ...owner,
      schema: {
        summary: "Lowers the level, changes expiry, note or number of guests",
        params: Id,
        body: ChangeShareSchema,
        response: { 200: ShareSchema },
      },
    },
    (request) => shares.change(request.params.id, request.body),
  );
  api.post(
    "/api/share/:id/refresh",
    {
      ...owner,
      schema: {
        summary: "Shows guests what the shared branch holds now",
        params: Id,
        response: { 200: ShareSchema },
      },
    },
    (request) => shares.refreshCommit(request.params.id),
  );
  api.post(
    "/api/share/:id/resume",
    {
      ...owner,
      schema: {
        summary: "Goes on with a paused app: the program that listens on its port now is meant",
        params: Id,
        response: { 200: ShareSchema },
      },
    },
    (request) => shares.resumeApp(request.params.id),
  );
  api.post(
    "/api/share/:id/link",
    {
      ...owner,
      schema: { summary: "Creates a link", params: Id, body: NewLinkSchema, response: { 201: CreatedShareSchema } },
    },
    async (request, reply) => {
      const created = await shares.newLink(request.params.id, request.body.end_old === true);
      reply.code(201);
      return created;
    },
  );
}

/** The conversation of a share. */
function addTalkRoutes(api: RouteHost, shares: OwnerShares): void {
  api.get(
    "/api/share/:id/talk",
    {
      ...owner,
      schema: {
        summary: "The newest messages of a share's conversation, oldest first",
        params: Id,
        querystring: ReadTalkSchema,
        response: { 200: TalkPageSchema },
      },
    },
    (request) => shares.talk(request.params.id, request.query.before),
  );
  api.post(
    "/api/share/:id/talk",
    {
      ...owner,
      schema: {
        summary: "Writes a message that all guests of a share read",
        params: Id,
        body: SaySchema,
        response: { 201: TalkMessageSchema },
      },
    },
    async (request, reply) => {
      const message = await shares.say(request.params.id, request.body.text);
      reply.code(201);
      return message;
    },
  );
}

/** People who wait until the owner lets them in. */
function addRequestRoutes(api: RouteHost, shares: OwnerShares): void {
  const answered = { params: Type.Object({ request: Type.String() }), response: { 204: Type.Null() } };
  api.post(
    "/api/share/requests/:request/accept",
    { ...owner, schema: { summary: "Lets somebody in who waits", ...answered } },
    (request, reply) => {
      shares.accept(request.params.request);
      reply.code(204);
      return null;
    },
  );
  api.post(
    "/api/share/requests/:request/decline",
    { ...owner, schema: { summary: "Declines the request of somebody who waits", ...answered } },
    async (request, reply) => {
      await shares.decline(request.params.request);
      reply.code(204);
      return null;
    },
  );
}

function addEndingRoutes(api: RouteHost, shares: OwnerShares, actors: RequestActors): void {
  api.patch(
    "/api/share/:id/guests/:session",
    {
      ...owner,
      schema: {
        summary: "Lowers one guest's level for the rest of their visit",
        params: GuestId,
        body: LowerGuestSchema,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { id, session } = request.params;
      await shares.lowerGuest(id, session, request.body.permission);
      reply.code(204);
      return null;
    },
  );
  api.delete(
    "/api/share/:id/guests/:session",
    { ...owner, schema: { summary: "Removes one guest", params: GuestId, response: { 204: Type.Null() } } },
    async (request, reply) => {
      await shares.removeGuest(request.params.id, request.params.session);
      reply.code(204);
      return null;
    },
  );
  api.delete(
    "/api/share/revoke",
    { ...owner, schema: { summary: "Revokes all shares", response: { 200: RevokedSchema } } },
    (request) => shares.revokeAll(actors.of(request.raw)),
  );
  api.delete(
    "/api/share/revoke/:id",
    {
      ...owner,
      schema: {
        summary: "Ends a share at once",
        params: Id,
        querystring: RevokeQuery,
        response: { 200: RevokedSchema },
      },
    },
    (request) => shares.revoke(request.params.id, actors.of(request.raw), request.query.also_made_during),
  );
}
