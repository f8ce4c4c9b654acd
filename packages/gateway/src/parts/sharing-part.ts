import { join } from "node:path";
import { AppNames } from "../access/app-names.ts";
import type { RequestActors } from "../access/request-actors.ts";
import type { AddRoutes } from "../access/route-host.ts";
import type { Activity } from "../activity/activity.ts";
import type { Config } from "../config/config.ts";
import type { Hub } from "../hub/hub.ts";
import { addEnvironmentRoute } from "../share/copies/environment-route.ts";
import { addGuestRoutes } from "../share/guests/routes.ts";
import { ShareAssets } from "../share/page/assets.ts";
import { WorkbenchFiles } from "../share/page/workbench-files.ts";
import { addShareRoutes } from "../share/share-routes.ts";
import { createSharing, type Sharing, type SharingSettings } from "../share/sharing.ts";
import { addTerminalRoutes } from "../share/shown-terminals/routes.ts";
import { RestrictedMode } from "../webviews/restricted-mode.ts";
import type { Webviews } from "../webviews/webviews.ts";
import type { AppsPart } from "./apps-part.ts";
import type { Foundation } from "./foundation.ts";
import { ideConfig } from "./ide-config.ts";

/** Shares and their guests. */
export interface SharingPart {
  readonly sharing: Sharing;
  readonly appNames: AppNames;
  readonly assets: ShareAssets;
  readonly restricted: RestrictedMode;
  readonly routes: AddRoutes;
}

export interface SharingPartOptions {
  /** Undefined without one. */
  readonly hub: Hub | undefined;
  readonly activity: Activity;
  readonly apps: AppsPart;
  readonly webviews: Webviews;
  readonly actors: RequestActors;
  /** Holds the page that guests see. */
  readonly workbenchFolder: string;
}

export function sharingPart(
  { config, logger, runtimeFolder, children, proofs, trustedProxies }: Foundation,
  { hub, activity, apps, webviews, actors, workbenchFolder }: SharingPartOptions,
): SharingPart {
  const workbench = new WorkbenchFiles(workbenchFolder, logger);
  const { appDomain: domain, publicOrigin: mainOrigin } = config.sharing;
  const appNames = new AppNames({ domain, mainOrigin });
  const sharing = createSharing({
    settings: sharingSettings(config),
    ide: ideConfig(config),
    logger,
    runtimeFolder: runtimeFolder.path,
    children,
    pages: proofs,
    hub,
    ...apps,
    workbench,
    webviews,
    appNames,
    onActivity: () => activity.touch(),
  });
  return {
    sharing,
    appNames,
    assets: new ShareAssets(workbench),
    restricted: new RestrictedMode(join(config.gatewayFolder, "restricted-mode"), () => sharing.owner.mayBeEdited),
    routes: (host) => {
      addShareRoutes(host, sharing.owner, actors);
      addEnvironmentRoute(host, sharing.environment);
      addTerminalRoutes(host, sharing.shownTerminals);
      addGuestRoutes(host, { guests: sharing.guests, trustedProxies });
    },
  };
}

function sharingSettings(config: Config): SharingSettings {
  const { mode, hub, sharing, baseUrl, workspace, gatewayFolder, dataFolder, ideServer } = config;
  return { environment: mode, hub, policy: sharing, baseUrl, workspace, gatewayFolder, dataFolder, ideServer };
}
