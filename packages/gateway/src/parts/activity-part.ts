import type { AddRoutes } from "../access/route-host.ts";
import { Activity } from "../activity/activity.ts";
import { addActivityRoutes } from "../activity/activity-routes.ts";
import { IdeActivity } from "../activity/ide-activity.ts";
import { IdeWindows } from "../activity/ide-windows.ts";
import { IdleShutdown } from "../activity/idle-shutdown.ts";
import { EventStreams } from "../http/event-streams.ts";
import type { Foundation } from "./foundation.ts";

/** When a person last did something here, and the end of a gateway that nobody uses. */
export interface ActivityPart {
  readonly activity: Activity;
  readonly ideActivity: IdeActivity;
  readonly idle: IdleShutdown;
  /** Resolves when nobody has used the gateway for too long. */
  readonly unused: Promise<void>;
  readonly routes: AddRoutes;
  start(): void;
}

export function activityPart({ config, logger, lifetime }: Foundation): ActivityPart {
  const { shutdownNoActivityTimeout: timeout } = config;
  const activity = new Activity();
  const unused = Promise.withResolvers<void>();
  const idleEvents = lifetime.keep(new EventStreams());
  const idle = new IdleShutdown({
    activity,
    onNotice: (endsAt) =>
      endsAt ? idleEvents.send("ending", { ends_at: endsAt.toISOString() }) : idleEvents.send("staying", {}),
    timeout,
    logger,
    shutDown: unused.resolve,
  });
  const ideActivity = new IdeActivity({
    activity,
    workCounts: config.workCountsAsActivity,
    logger,
    timeout,
    hubInterval: config.hub?.activityInterval,
    onReport: () => idle.recheck(),
  });
  const ideWindows = new IdeWindows(ideActivity.interval);
  return {
    activity,
    ideActivity,
    idle,
    unused: unused.promise,
    routes: (host) => addActivityRoutes(host, { activity, ideActivity, ideWindows, idle, idleEvents }),
    start: () => {
      lifetime.keep(ideActivity).start();
      lifetime.keep(idle).start();
    },
  };
}
