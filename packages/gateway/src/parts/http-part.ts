import type { Server } from "node:http";
import { Server as SecureServer } from "node:https";
import { hostname } from "node:os";
import { join } from "node:path";
import type { LoginPageAuthentication } from "../access/authentication.ts";
import { Gate } from "../access/gate.ts";
import type { RequestActors } from "../access/request-actors.ts";
import { SocketWatch } from "../access/socket-watch.ts";
import { MetricsServer } from "../api/metrics-server.ts";
import { ControlServer, type ControlServerOptions } from "../control/control-server.ts";
import { Front } from "../front.ts";
import type { AllowedHosts } from "../http/hosts.ts";
import { listen } from "../http/listening/listen.ts";
import { UnixListener } from "../http/listening/unix-listener.ts";
import { bracketed } from "../proxy/backend.ts";
import { ownerWindowsPath } from "../share/live/owner-windows.ts";
import { WebviewServer } from "../webviews/webview-server.ts";
import type { Webviews } from "../webviews/webviews.ts";
import type { ActivityPart } from "./activity-part.ts";
import type { ApiPart } from "./api-part.ts";
import type { AppsPart } from "./apps-part.ts";
import { type Foundation, portOf } from "./foundation.ts";
import type { HubPart } from "./hub-part.ts";
import type { IdePart } from "./ide-part.ts";
import type { PortNamesPart } from "./port-names-part.ts";
import type { SharingPart } from "./sharing-part.ts";

/** The way of every request: gate, front, and everything that listens. */
export interface HttpPart {
  readonly front: Front;
  /** @returns where a browser opens the gateway @throws GatewayError PORT_BUSY, ADDRESS_UNAVAILABLE */
  listen(): Promise<string>;
}

export interface HttpPartOptions {
  /** Undefined without one. */
  readonly hub: HubPart | undefined;
  /** Undefined behind a hub, and with `--auth none`. */
  readonly ownLogin: LoginPageAuthentication | undefined;
  readonly activity: ActivityPart;
  readonly apps: AppsPart;
  readonly sharing: SharingPart;
  readonly ide: IdePart;
  readonly webviews: Webviews;
  readonly api: ApiPart;
  readonly portNames: PortNamesPart;
  readonly actors: RequestActors;
  readonly controlSocket: string;
}

export function httpPart(foundation: Foundation, options: HttpPartOptions): HttpPart {
  const { config, lifetime, server, proofs, logger } = foundation;
  const { hosts } = options.portNames;
  const front = createFront(foundation, options, createGate(foundation, options));
  server.on("request", front.onRequest).on("checkContinue", front.onRequest).on("upgrade", front.onUpgrade);
  lifetime.keep({ close: () => closeServer(server, front) });
  return {
    front,
    listen: async () => {
      await startListening(foundation);
      await foundation.certificate?.start();
      await proofs.keep(config.gatewayFolder, logger);
      if (hosts !== undefined) await listenForWebviews(foundation, options, hosts);
      const url = urlOf(foundation);
      await listenForCommands(foundation, options, url);
      if (config.metricsPort !== undefined) {
        await lifetime.keep(new MetricsServer(options.api.metrics)).start(config.host, config.metricsPort);
      }
      return url;
    },
  };
}

function createGate(
  { config, proofs }: Foundation,
  { hub, ownLogin, sharing, webviews, portNames }: HttpPartOptions,
): Gate {
  return new Gate({
    webviews,
    hosts: portNames.hosts,
    allowedOrigins: [...config.allowedOrigins, ...(hub?.origins ?? [])],
    skipAuthPreflight: config.skipAuthPreflight,
    pages: proofs,
    sharesOrigin: hub !== undefined,
    hubPath: hub?.link.path,
    authentication: hub?.hub.authentication ?? ownLogin,
    guests: sharing.sharing.guests.gate,
    orders: hub?.orders,
    portNames,
  });
}

function createFront(
  { config, lifetime, proofs, trustedProxies, logger }: Foundation,
  { hub, activity, apps, sharing, ide, api, actors, portNames }: HttpPartOptions,
  gate: Gate,
): Front {
  const { baseUrl, defaultUrl, mode, rewriteHtml, waitingPageStatus } = config;
  return new Front({
    baseUrl,
    defaultUrl,
    mode,
    rewriteHtml,
    waitingPageStatus,
    hub: hub?.link,
    sockets: lifetime.keep(new SocketWatch({ logger })),
    trustedProxies,
    pages: proofs,
    gate,
    actors,
    api: api.handler,
    metrics: api.metrics,
    ide: ide.ide,
    webviewFiles: ide.webviewFiles,
    ports: apps.ports,
    portNames: portNames.names,
    portLogins: portNames.logins,
    appNames: sharing.appNames,
    apps: apps.apps,
    sharing: sharing.sharing,
    shareAssets: sharing.assets,
    activity: activity.activity,
    ideActivity: activity.ideActivity,
    logger,
  });
}

/** A port of their own gives webviews an origin of their own (RULES R18). */
async function listenForWebviews(
  { config, lifetime, tls, certificate, logger }: Foundation,
  { webviews, ide }: HttpPartOptions,
  hosts: AllowedHosts,
): Promise<void> {
  if (!webviews.wantsPort || config.socket !== undefined) return;
  const { baseUrl, gatewayFolder, host, webviewPort } = config;
  const portFile = join(gatewayFolder, "webview-port");
  const server = lifetime.keep(new WebviewServer({ files: ide.webviewFiles, baseUrl, hosts, tls, logger, portFile }));
  certificate?.onRenewal((texts) => server.use(texts));
  webviews.port = await server.start(host, webviewPort);
}

async function listenForCommands(
  { config, lifetime, logger }: Foundation,
  { controlSocket, api, sharing }: HttpPartOptions,
  url: string,
): Promise<void> {
  // Whoever can open the socket is the owner, and no login of theirs ends.
  const login = { sockets: lifetime.keep(new SocketWatch({ logger })), recheck: undefined };
  const upgrade: ControlServerOptions["upgrade"] = (request, socket, head) => {
    if (request.url !== ownerWindowsPath) return false;
    sharing.sharing.windows.upgrade(request, socket, head, login);
    return true;
  };
  const options = { socket: controlSocket, folder: config.gatewayFolder, url, api: api.handler, upgrade };
  await lifetime.keep(new ControlServer(options)).start();
}

async function startListening({ config, lifetime, server, certificate }: Foundation): Promise<void> {
  const { host, port, socket, socketMode } = config;
  if (server instanceof SecureServer) certificate?.onRenewal((texts) => server.setSecureContext(texts));
  if (socket === undefined) return listen(server, host, port);
  await lifetime.keep(new UnixListener(server, socket, socketMode)).start();
}

/** On a unix socket only the configuration can say what is in front of it. */
function urlOf({ config, server, tls }: Foundation): string {
  const { host, baseUrl, sharing } = config;
  const port = portOf(server);
  if (port === undefined) return `${sharing.publicOrigin ?? "http://localhost"}${baseUrl}`;
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
