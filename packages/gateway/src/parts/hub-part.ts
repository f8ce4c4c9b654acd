import type { IdePageHub } from "@waiide/protocol";
import type { AddRoutes } from "../access/route-host.ts";
import type { Activity } from "../activity/activity.ts";
import type { HubSettings } from "../config/hub-settings.ts";
import type { HubLink } from "../front.ts";
import { ActivityReporter } from "../hub/activity-reporter.ts";
import { checkHub } from "../hub/checks.ts";
import { Hub, hubAddress, hubOrigins } from "../hub/hub.ts";
import { addHubRoutes } from "../hub/hub-routes.ts";
import { Orders, serverName } from "../share/hub-link/orders.ts";
import type { Foundation } from "./foundation.ts";

/** The gateway's side of a JupyterHub. */
export interface HubPart {
  readonly hub: Hub;
  readonly link: HubLink;
  /** The hub's pages that the owner's page leads to once its server was stopped. */
  readonly pages: IdePageHub;
  /** Where the hub says that browsers see us. */
  readonly origins: readonly string[];
  /** What the hub's administrators may do here. */
  readonly orders: Orders;
  readonly routes: AddRoutes;
  /** Starts to report activity to the hub. */
  reportActivity(activity: Activity): void;
}

/** @returns undefined without a hub */
export function hubPart({ config, logger, lifetime, trustedProxies }: Foundation): HubPart | undefined {
  const { hub: settings, hubShareLevel, allowAnyHubUser, passHubToken, allowExposedHubToken, sharing } = config;
  if (settings === undefined) return undefined;
  const policy = { hubShareLevel, allowAnyHubUser };
  const hub = lifetime.keep(new Hub(settings, { ...policy, passHubToken, allowExposedHubToken }, logger));
  hub.start(logger);
  const { client, companionTokens } = hub;
  return {
    hub,
    link: { address: hubAddress(settings), path: `${settings.baseUrl}hub/`, version: () => client.version },
    pages: pagesOf(settings),
    origins: hubOrigins(settings),
    orders: new Orders({ keys: sharing.adminKeys, server: serverName(settings.user, settings.serverName) }),
    routes: (host) => {
      addHubRoutes(host, { hub, trustedProxies, checkHub: () => checkHub(settings, policy, client, companionTokens) });
    },
    reportActivity: (activity) => {
      const { serverName: server, activityInterval: interval, activityUrl, apiToken: token } = settings;
      const reporter = new ActivityReporter({
        activity,
        serverName: server,
        interval,
        logger,
        send: (report, signal) => client.request("POST", activityUrl, { token, body: { ...report }, signal }),
      });
      lifetime.keep(reporter).start();
    },
  };
}

function pagesOf(settings: HubSettings): IdePageHub {
  const address = hubAddress(settings);
  const server = [settings.user, settings.serverName].filter((name) => name !== "").map(encodeURIComponent);
  return { home: `${address}home`, start: `${address}spawn/${server.join("/")}` };
}
