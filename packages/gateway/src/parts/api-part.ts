import type { RequestListener } from "node:http";
import type { Status } from "@waiide/protocol";
import type { RequestActors } from "../access/request-actors.ts";
import type { AddRoutes } from "../access/route-host.ts";
import { type ApiOptions, createApi } from "../api/api.ts";
import { Metrics } from "../api/metrics.ts";
import { serverFacts } from "../api/server-facts.ts";
import { addServerRoutes, type ServerRoutesOptions } from "../api/server-routes.ts";
import { addStateRoutes } from "../api/state-routes.ts";
import type { Apps } from "../apps/apps.ts";
import { addAppsRoutes } from "../apps/apps-routes.ts";
import type { LogLines } from "../base/log-lines.ts";
import type { Config } from "../config/config.ts";
import { addGitPullRoutes, type GitPullOptions } from "../git-pull/git-pull-routes.ts";
import { UserGit } from "../git-pull/user-git.ts";
import type { Hub } from "../hub/hub.ts";
import { ServerStop } from "../hub/server-stop.ts";
import type { Ide } from "../ide/ide.ts";
import { childEnvironment } from "../ide/server/environment.ts";
import type { Webviews } from "../webviews/webviews.ts";
import type { ActivityPart } from "./activity-part.ts";
import type { Foundation } from "./foundation.ts";
import type { SharingPart } from "./sharing-part.ts";

/** Our own routes: those about the server as a whole, and those that the other parts bring. */
export interface ApiPart {
  readonly handler: RequestListener;
  readonly metrics: Metrics;
}

export interface ApiPartOptions {
  /** Undefined without one. */
  readonly hub: Hub | undefined;
  readonly activity: ActivityPart;
  readonly apps: Apps;
  readonly sharing: SharingPart;
  readonly webviews: Webviews;
  readonly ide: Ide;
  readonly actors: RequestActors;
  /** The last lines of the gateway's own log. */
  readonly recentLog: LogLines;
  /** Of the other parts. */
  readonly routes: readonly AddRoutes[];
}

export async function apiPart(foundation: Foundation, options: ApiPartOptions): Promise<ApiPart> {
  const { config, logger } = foundation;
  const { activity, apps, ide } = options;
  const { mode, baseUrl } = config;
  const metrics = new Metrics({
    activity: activity.activity,
    ideReady: () => ide.status().state === "ready",
    ideRestarts: () => ide.status().restarts,
    live: options.sharing.sharing.live.counts,
  });
  const server = serverSources(foundation, options);
  const gitPull = gitPullSources(foundation, options);
  const addOwnRoutes: AddRoutes = (host) => {
    addStateRoutes(host, {
      metrics,
      status: () => statusOf(foundation, activity, ide),
      services: () => [ide.service(baseUrl), ...apps.list()],
    });
    addServerRoutes(host, server);
    addGitPullRoutes(host, gitPull);
    addAppsRoutes(host, {
      apps,
      baseUrl,
      ide: () => ide.service(baseUrl),
      holderOf: (request) => options.actors.holderOf(request),
      proofs: foundation.proofs,
      hasHub: options.hub !== undefined,
    });
  };
  const handler = await startApi(foundation, { mode, baseUrl, logger, routes: [addOwnRoutes, ...options.routes] });
  return { handler, metrics };
}

/** Fastify answers through its handler alone; the server's events are ours. */
async function startApi({ lifetime, server }: Foundation, options: ApiOptions): Promise<RequestListener> {
  const { promise, resolve } = Promise.withResolvers<RequestListener>();
  const api = createApi(options, (handler) => {
    resolve(handler);
    return server;
  });
  const handler = await promise;
  await lifetime.keep(api).ready();
  return handler;
}

function gitPullSources(foundation: Foundation, { actors, apps }: ApiPartOptions): GitPullOptions {
  const { config, logger, children, lifetime, proofs } = foundation;
  const environment = childEnvironment(process.env, config.passHubToken);
  return {
    git: lifetime.keep(new UserGit({ children, environment })),
    workspace: config.workspace,
    baseUrl: config.baseUrl,
    app: () => ["git-pull", "nbgitpuller"].find((name) => apps.describe(name) !== undefined),
    holderOf: (request) => actors.holderOf(request),
    proofs,
    logger,
  };
}

function serverSources({ config, logger }: Foundation, options: ApiPartOptions): ServerRoutesOptions {
  const { hub, webviews, ide, recentLog } = options;
  const { sharing, restricted } = options.sharing;
  const stop = new ServerStop({
    hub: hub && {
      settings: hub.settings,
      client: hub.client,
      ownerToken: () => hub.authentication.ownerToken(),
    },
    logger,
    end: () => process.kill(process.pid, "SIGTERM"),
  });
  return {
    facts: () =>
      serverFacts({
        mode: config.mode,
        idleTimeout: config.shutdownNoActivityTimeout,
        hub,
        webviews,
        restricted,
        origin: sharing.owner.origin.value,
        environment: process.env,
      }),
    log: () => ({ gateway: [...recentLog.lines], ide: ide.status().log }),
    doctor: () => doctorText(config),
    stop: () => void stop.stop(),
    restrict: (on) => restricted.set(on),
  };
}

/** The checks are loaded on demand: the start does not need them. */
async function doctorText(config: Config): Promise<string> {
  const [{ runChecks }, { describe }] = await Promise.all([
    import("../doctor/checks.ts"),
    import("../doctor/doctor.ts"),
  ]);
  return describe(await runChecks(config));
}

function statusOf({ trustedProxies: { untrusted } }: Foundation, part: ActivityPart, ide: Ide): Status {
  const { activity, ideActivity, idle } = part;
  return {
    started_at: activity.startedAt.toISOString(),
    last_activity: activity.lastActivity.toISOString(),
    activity_source: ideActivity.source,
    shutting_down_at: idle.endsAt?.toISOString() ?? null,
    connections: activity.connections,
    ide: { ...ide.status(), log: [...ide.status().log] },
    ...(untrusted === undefined ? {} : { untrusted_proxy: untrusted }),
  };
}
