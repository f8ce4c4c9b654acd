import { existsSync } from "node:fs";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import type { IdePageHub, Status } from "@waiide/protocol";
import { Gate } from "./access/gate.ts";
import type { RouteHost } from "./access/route-host.ts";
import { SocketWatch } from "./access/socket-watch.ts";
import { TokenAuthentication } from "./access/token-authentication.ts";
import { Activity } from "./activity/activity.ts";
import { IdeActivity } from "./activity/ide-activity.ts";
import { IdleShutdown } from "./activity/idle-shutdown.ts";
import { type ApiSources, createApi } from "./api/api.ts";
import { Metrics } from "./api/metrics.ts";
import { MetricsServer } from "./api/metrics-server.ts";
import { serverFacts } from "./api/server-facts.ts";
import type { RefusedService } from "./apps/address-guard.ts";
import { Apps } from "./apps/apps.ts";
import { Ports } from "./apps/ports.ts";
import { type Logger, recentLog } from "./base/log.ts";
import type { Config } from "./config/config.ts";
import { ConfigWatch, type ConfigWatchOptions } from "./config/config-watch.ts";
import { hubEndpoint } from "./config/hub-settings.ts";
import { ControlServer } from "./control/control-server.ts";
import { Front, type HubLink } from "./front.ts";
import { EventStreams } from "./http/event-streams.ts";
import { TrustedProxies, untrustedProxy } from "./http/forwarded.ts";
import { AllowedHosts } from "./http/hosts.ts";
import { createHttpServer, readTls } from "./http/http-server.ts";
import { listen } from "./http/listen.ts";
import { PageProofs } from "./http/page-proof.ts";
import { ActivityReporter } from "./hub/activity-reporter.ts";
import { checkHub } from "./hub/checks.ts";
import { Hub, hubAddress, hubOrigins } from "./hub/hub.ts";
import { OwnExtension, ownExtensionFile } from "./ide/extensions/own-extension.ts";
import { Ide } from "./ide/ide.ts";
import { childEnvironment } from "./ide/server/environment.ts";
import { OwnCommand } from "./ide/server/own-command.ts";
import { bracketed } from "./proxy/backend.ts";
import { ServerStop } from "./server-stop.ts";
import { Orders, serverName } from "./share/hub-link/orders.ts";
import { ShareAssets } from "./share/page/assets.ts";
import { WorkbenchFiles } from "./share/page/workbench-files.ts";
import { createSharing } from "./share/sharing.ts";
import { RuntimeFolder } from "./system/runtime-folder.ts";
import { RestrictedMode } from "./webviews/restricted-mode.ts";
import { WebviewFiles } from "./webviews/webview-files.ts";
import { WebviewServer } from "./webviews/webview-server.ts";
import { Webviews } from "./webviews/webviews.ts";

/** Anything long-lived: whatever was started is closed, in the reverse order. */
interface Closeable {
  close(): void | Promise<void>;
}

/** One user's server. Everything that listens, runs or is kept open belongs to it and ends with `close()`. */
export class Gateway {
  /** Where a browser opens it, with the base URL; never with a token. */
  readonly url: string;
  readonly ide: Ide;
  /** Resolves when nobody has used it for too long (`--shutdown-no-activity-timeout`): it is then to be closed. */
  readonly unused: Promise<void>;
  readonly #front: Front;
  readonly #children: Children;
  readonly #parts: readonly Closeable[];

  private constructor({ url, ide, unused, front, children }: Assembled, parts: readonly Closeable[]) {
    this.url = url;
    this.ide = ide;
    this.unused = unused;
    this.#front = front;
    this.#children = children;
    this.#parts = parts;
  }

  /**
   * Listens first, so that the first question is answered at once; the IDE server starts behind it.
   * @param program this program's own script, for what it does in processes of its own
   * @param watched the administrator's file, and how to read the configuration anew when it changes
   * @throws GatewayError of the command; nothing stays behind then
   */
  static async start(config: Config, logger: Logger, program?: string, watched?: WatchedFile): Promise<Gateway> {
    const parts: Closeable[] = [];
    try {
      return new Gateway(await assemble(config, logger, { program, watched }, parts), parts);
    } catch (error) {
      await closeAll(parts);
      throw error;
    }
  }

  async close(): Promise<void> {
    await closeAll(this.#parts);
  }

  /**
   * Ends it because nobody uses it: whoever still has a page open is told why, for as long as the IDE server and the apps
   * take to end.
   */
  async retire(): Promise<void> {
    this.#front.retire();
    await this.#children.close();
    await this.close();
  }
}

/** Everything that runs programs: ended at the same time, as each may take its whole grace, and once. */
class Children {
  readonly #parts: readonly Closeable[];
  #closing: Promise<void> | undefined;

  constructor(parts: readonly Closeable[]) {
    this.#parts = parts;
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all(this.#parts.map((part) => part.close())).then(() => undefined);
    return this.#closing;
  }
}

type WatchedFile = Pick<ConfigWatchOptions, "file" | "reload" | "interval">;

/** What `assemble` makes of all parts. */
interface Assembled {
  readonly url: string;
  readonly ide: Ide;
  readonly unused: Promise<void>;
  readonly front: Front;
  readonly children: Children;
}

/** Builds all parts and connects them. `parts` grows as they come to life, so that a failure half-way closes them too. */
async function assemble(
  config: Config,
  logger: Logger,
  { program, watched }: { readonly program: string | undefined; readonly watched: WatchedFile | undefined },
  parts: Closeable[],
): Promise<Assembled> {
  const keep = <Part extends Closeable>(part: Part): Part => {
    parts.push(part);
    return part;
  };
  const hub = config.hub && keep(new Hub(config.hub, config, logger));
  hub?.start(logger);
  const tls = config.tls && (await readTls(config.tls));
  const server = createHttpServer(tls && { tls });
  const runtimeFolder = keep(await RuntimeFolder.create(process.env));
  const pages = await PageProofs.open(config.gatewayFolder, logger);
  const shared = { config, logger, runtimeFolder: runtimeFolder.path };
  const activity = new Activity();
  const unused = Promise.withResolvers<void>();
  const idleEvents = keep(new EventStreams());
  const idle: IdleShutdown = new IdleShutdown({
    activity,
    onNotice: (endsAt) =>
      endsAt ? idleEvents.send("ending", { ends_at: endsAt.toISOString() }) : idleEvents.send("staying", {}),
    timeout: config.shutdownNoActivityTimeout,
    logger,
    shutDown: unused.resolve,
  });
  const ideActivity = new IdeActivity({
    activity,
    workCounts: config.workCountsAsActivity,
    logger,
    timeout: config.shutdownNoActivityTimeout,
    hubInterval: config.hub?.activityInterval,
    onReport: () => idle.recheck(),
  });
  const controlSocket = runtimeFolder.socket("control.sock");
  const extension = new OwnExtension({ file: ownExtensionFile(), dataFolder: config.dataFolder, logger });
  const command = program ? new OwnCommand({ folder: join(config.gatewayFolder, "bin"), program, logger }) : undefined;
  const ideVariables = { WAIIDE_CONTROL_SOCKET: controlSocket, ...command?.environment };
  const webviews = new Webviews(config.webviewOrigin, config.baseUrl);
  const ide = new Ide({
    ...shared,
    program,
    extension,
    environment: ideVariables,
    hub: hub && pagesOf(hub),
    webviews,
    isRestricted: () => restricted.isOn,
  });
  const webviewFiles = new WebviewFiles(webviews, (request, response, path) => ide.sendStatic(request, response, path));
  const ports = keep(
    new Ports({ ownPort: () => portOf(server), proxyHosts: config.proxyHosts, refused: ownOtherPorts(config) }),
  );
  const environment = childEnvironment(process.env, config.passHubToken);
  const apps = new Apps({ ...config, ...shared, environment, guard: ports.guard });
  const workbench = new WorkbenchFiles(workbenchFolder(), logger);
  const sharing = createSharing({
    settings: config,
    ide: config,
    logger,
    runtimeFolder: runtimeFolder.path,
    pages,
    hub,
    ports,
    workbench,
    webviews,
    onActivity: () => activity.touch(),
  });
  const restricted = new RestrictedMode(join(config.gatewayFolder, "restricted-mode"), () => sharing.owner.mayBeEdited);
  const children = keep(new Children([ide, apps, sharing.lifecycle]));
  const metrics = new Metrics({
    activity,
    ideReady: () => ide.status().state === "ready",
    ideRestarts: () => ide.status().restarts,
  });
  const stop = new ServerStop({
    hub: hub && {
      settings: hub.settings,
      client: hub.client,
      ownerToken: () => hub.authentication.ownerToken(),
    },
    logger,
    end: () => process.kill(process.pid, "SIGTERM"),
  });
  const trustedProxies = new TrustedProxies(config.trustedProxies, hub !== undefined, (address) =>
    logger.warn(untrustedProxy(address)),
  );
  const authentication = tokenAuthentication(config);

  const { api, handler } = await createApiHandler(server, {
    baseUrl: config.baseUrl,
    authentication,
    hub,
    checkHub: async () => (hub === undefined ? [] : checkHub(hub.settings, config, hub.client, hub.companionTokens)),
    trustedProxies,
    logger,
    metrics,
    activity,
    ideActivity,
    idle,
    idleEvents,
    server: {
      facts: () =>
        serverFacts({
          config,
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
    },
    status: () => ({
      ...statusOf(activity, ideActivity, idle, ide),
      ...(trustedProxies.untrusted === undefined ? {} : { untrusted_proxy: trustedProxies.untrusted }),
    }),
    services: () => [ide.service(config.baseUrl), ...apps.list()],
    restartIde: () => ide.restart(),
    sharing,
  });
  keep(api);
  await api.ready();

  const hosts = hub === undefined ? new AllowedHosts(config.host, config.allowedHosts) : undefined;
  const gate = new Gate({
    webviews,
    hosts,
    allowedOrigins: [...config.allowedOrigins, ...(config.hub === undefined ? [] : hubOrigins(config.hub))],
    skipAuthPreflight: config.skipAuthPreflight,
    pages,
    sharesOrigin: hub !== undefined,
    authentication: hub?.authentication ?? authentication,
    guests: sharing.guests.gate,
    orders: hub && ordersFor(hub, config),
  });
  const sockets = keep(new SocketWatch({ logger }));
  const front = new Front({
    ...config,
    hub: hub && hubLink(hub),
    sockets,
    trustedProxies,
    pages,
    gate,
    api: handler,
    ide,
    ports,
    apps,
    sharing,
    shareAssets: new ShareAssets(workbench),
    webviewFiles,
    activity,
    ideActivity,
    metrics,
    logger,
  });
  server.on("request", front.onRequest).on("checkContinue", front.onRequest).on("upgrade", front.onUpgrade);
  keep({ close: () => closeServer(server, front) });
  await listen(server, config.host, config.port);
  await pages.keep(config.gatewayFolder, logger);

  if (hosts !== undefined && webviews.wantsPort) {
    const portFile = join(config.gatewayFolder, "webview-port");
    const second = keep(
      new WebviewServer({ files: webviewFiles, baseUrl: config.baseUrl, hosts, tls, logger, portFile }),
    );
    webviews.port = await second.start(config.host, config.webviewPort);
  }
  const url = urlOf(config, portOf(server));
  const control = new ControlServer({
    socket: controlSocket,
    folder: config.gatewayFolder,
    url,
    api: handler,
  });
  await keep(control).start();
  if (config.metricsPort !== undefined) await keep(new MetricsServer(metrics)).start(config.host, config.metricsPort);
  await command?.write();
  ide.start();
  sharing.lifecycle.start();
  if (watched !== undefined) {
    const onChange = (changed: Config) => sharing.lifecycle.changeCeilings(changed.sharing);
    keep(new ConfigWatch({ ...watched, onChange, logger })).start();
  }
  if (hub !== undefined) keep(activityReporter(hub, activity, logger)).start();
  keep(ideActivity).start();
  keep(idle).start();
  return { url, ide, unused: unused.promise, front, children };
}

/** Loaded when it is asked for: nobody needs it to start. */
async function doctorText(config: Config): Promise<string> {
  const [{ runChecks }, { describe }] = await Promise.all([import("./doctor/checks.ts"), import("./doctor/doctor.ts")]);
  return describe(await runChecks(config));
}

/** Metrics have no login on their own port and need none through ours; the hub's API trusts who can reach it (RULES R8). */
function ownOtherPorts({ host, metricsPort, hub }: Config): RefusedService[] {
  const refused: RefusedService[] = [];
  if (metricsPort !== undefined)
    refused.push({ host, port: metricsPort, reason: "it is the gateway's own, for metrics" });
  if (hub !== undefined) {
    const { origin, socketPath } = hubEndpoint(hub.apiUrl) ?? {};
    // A unix socket is no port.
    if (origin === undefined || socketPath !== undefined) return refused;
    const { hostname: hubHost, port, protocol } = new URL(origin);
    const hubPort = Number(port) || (protocol === "https:" ? 443 : 80);
    refused.push({ host: hubHost.replace(/^\[|\]$/g, ""), port: hubPort, reason: "it is the hub's API" });
  }
  return refused;
}

function hubLink({ settings, client }: Hub): HubLink {
  return { address: hubAddress(settings), path: `${settings.baseUrl}hub/`, version: () => client.version };
}

/** The hub's pages that the owner's page leads to once its server was stopped. */
function pagesOf({ settings }: Hub): IdePageHub {
  const address = hubAddress(settings);
  const server = [settings.user, settings.serverName].filter((name) => name !== "").map(encodeURIComponent);
  return { home: `${address}home`, start: `${address}spawn/${server.join("/")}` };
}

function ordersFor({ settings: { user, serverName: name } }: Hub, { sharing }: Config): Orders {
  return new Orders({ keys: sharing.adminKeys, server: serverName(user, name) });
}

function tokenAuthentication({ authentication, port, baseUrl }: Config): TokenAuthentication | undefined {
  return authentication.kind === "token" ? new TokenAuthentication(authentication.token, port, baseUrl) : undefined;
}

/** Fastify answers through its handler alone; the server's events are ours. */
async function createApiHandler(
  server: Server,
  sources: ApiSources,
): Promise<{ api: RouteHost; handler: RequestListener }> {
  const { promise, resolve } = Promise.withResolvers<RequestListener>();
  const api = createApi(sources, (handler) => {
    resolve(handler);
    return server;
  });
  return { api, handler: await promise };
}

function activityReporter({ settings, client }: Hub, activity: Activity, logger: Logger): ActivityReporter {
  const { serverName, activityInterval: interval, activityUrl, apiToken: token } = settings;
  return new ActivityReporter({
    activity,
    serverName,
    interval,
    logger,
    send: (report, signal) => client.request("POST", activityUrl, { token, body: { ...report }, signal }),
  });
}

function statusOf(activity: Activity, { source }: IdeActivity, idle: IdleShutdown, ide: Ide): Status {
  return {
    started_at: activity.startedAt.toISOString(),
    last_activity: activity.lastActivity.toISOString(),
    activity_source: source,
    shutting_down_at: idle.endsAt?.toISOString() ?? null,
    connections: activity.connections,
    ide: { ...ide.status(), log: [...ide.status().log] },
  };
}

/** Beside the gateway's own code where it was packed, else where the repository's build puts it. */
function workbenchFolder(): string {
  const here = import.meta.dirname;
  const packed = join(here, "workbench");
  if (existsSync(packed)) return packed;
  return join(here, "../../workbench/dist");
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function urlOf({ tls, host, baseUrl }: Config, port: number): string {
  const shown = host === "0.0.0.0" || host === "::" ? hostname() : bracketed(host);
  return `${tls === undefined ? "http" : "https"}://${shown}:${port}${baseUrl}`;
}

/** The server is closed when its last connection is, WebSockets included. */
async function closeServer(server: Server, front: Front): Promise<void> {
  if (!server.listening) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  front.close();
  await promise;
}

/** Closes in reverse order. One that fails does not keep the others open; its error is thrown at the end. */
async function closeAll(parts: readonly Closeable[]): Promise<void> {
  const errors: unknown[] = [];
  for (const part of parts.toReversed()) {
    try {
      await part.close();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, "some parts of the gateway could not be closed");
}
