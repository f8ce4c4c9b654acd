import { ActivityAnswerSchema, ActivityReportSchema, IdeWindowsSchema } from "@waiide/protocol";
import { Type } from "typebox";
import type { RouteHost } from "../access/route-host.ts";
import type { EventStreams } from "../http/event-streams.ts";
import type { Activity } from "./activity.ts";
import type { IdeActivity } from "./ide-activity.ts";
import type { IdeWindows } from "./ide-windows.ts";
import type { IdleShutdown } from "./idle-shutdown.ts";

export interface ActivityRoutesOptions {
  readonly activity: Activity;
  readonly ideActivity: IdeActivity;
  readonly ideWindows: IdeWindows;
  readonly idle: IdleShutdown;
  readonly idleEvents: EventStreams;
}

const owner = { config: { who: "owner" } } as const;

/** `/api/activity*`: for the extension, over the control socket (RULES R20). */
export function addActivityRoutes(
  api: RouteHost,
  { activity, ideActivity, ideWindows, idle, idleEvents }: ActivityRoutesOptions,
): void {
  api.post(
    "/api/activity",
    {
      ...owner,
      schema: {
        summary: "Activity in a window of the IDE",
        body: ActivityReportSchema,
        response: { 200: ActivityAnswerSchema },
      },
    },
    (request) => {
      ideActivity.report(request.body);
      ideWindows.report(request.body);
      return { report_every: ideActivity.interval };
    },
  );
  api.get(
    "/api/activity/windows",
    {
      ...owner,
      schema: { summary: "Windows of the IDE that open files for “waiide code”", response: { 200: IdeWindowsSchema } },
    },
    () => ({ windows: ideWindows.list() }),
  );
  api.post(
    "/api/activity/keep",
    { ...owner, schema: { summary: "Somebody keeps working: the server is not idle", response: { 204: Type.Null() } } },
    (_request, reply) => {
      activity.touch();
      idle.recheck();
      reply.code(204);
      return null;
    },
  );
  api.get(
    "/api/activity/events",
    { ...owner, schema: { summary: "Server-sent events: `ending` before an idle server ends, `staying`" } },
    (_request, reply) => {
      reply.hijack();
      idleEvents.add(reply.raw);
      const { endsAt } = idle;
      if (endsAt !== undefined) idleEvents.send("ending", { ends_at: endsAt.toISOString() });
    },
  );
}
