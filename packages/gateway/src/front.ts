import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { serverEnds } from "@waiide/protocol";
import type { AppNames } from "./access/app-names.ts";
import type { Admission, Gate } from "./access/gate.ts";
import type { PortLogins } from "./access/port-logins.ts";
import type { PortNames } from "./access/port-names.ts";
import type { RequestActors } from "./access/request-actors.ts";
import type { Mode, Route } from "./access/routes.ts";
import { mayBeServiceWorker } from "./access/service-workers.ts";
import type { SocketWatch } from "./access/socket-watch.ts";
import type { Activity } from "./activity/activity.ts";
import type { IdeActivity } from "./activity/ide-activity.ts";
import { PollingFilter } from "./activity/polling.ts";
import type { Metrics } from "./api/metrics.ts";
import type { Apps } from "./apps/apps.ts";
import type { Ports } from "./apps/ports.ts";
import { GatewayError } from "./base/errors.ts";
import type { Logger } from "./base/log.ts";
import type { Arrival, Exchange, RequestExchange, UpgradeExchange } from "./front/exchange.ts";
import { answerForeignVisit } from "./front/foreign-visits.ts";
import { Locator } from "./front/locator.ts";
import { answerPortEntry } from "./front/port-entries.ts";
import { Upgrades } from "./front/upgrades.ts";
import { WaitingAnswers } from "./front/waiting-answers.ts";
import { answerError, answerRedirect, answerUpgradeError } from "./http/answer.ts";
import { limitArrival } from "./http/arrival.ts";
import type { TrustedProxies } from "./http/forwarded.ts";
import { isolate } from "./http/isolation.ts";
import type { PageProofs } from "./http/page-proof.ts";
import type { RequestContext } from "./http/request-context.ts";
import { respelled } from "./http/request-target.ts";
import type { Ide } from "./ide/ide.ts";
import type { Destination } from "./proxy/destination.ts";
import type { Forward } from "./proxy/forward.ts";
import { proxyRequest } from "./proxy/http.ts";
import { ownerWindowsPath } from "./share/live/owner-windows.ts";
import type { ShareAssets } from "./share/page/assets.ts";
import type { GuestRequest, ShareRoute } from "./share/share-front.ts";
import type { Sharing } from "./share/sharing.ts";
import type { WebviewFiles } from "./webviews/webview-files.ts";

export interface FrontOptions {
  readonly baseUrl: string;
  readonly defaultUrl: string;
  readonly mode: Mode;
  /** Undefined without a hub. */
  readonly hub: HubLink | undefined;
  readonly rewriteHtml: boolean;
  readonly waitingPageStatus: "error" | "200";
  readonly trustedProxies: TrustedProxies;
  readonly pages: PageProofs;
  readonly gate: Gate;
  readonly actors: RequestActors;
  readonly api: RequestListener;
  readonly ide: Ide;
  readonly ports: Ports;
  readonly portNames: PortNames;
  readonly portLogins: PortLogins;
  readonly appNames: AppNames;
  readonly apps: Apps;
  readonly sharing: Sharing;
  readonly shareAssets: ShareAssets;
  readonly webviewFiles: WebviewFiles;
  readonly activity: Activity;
  readonly ideActivity: IdeActivity;
  readonly sockets: SocketWatch;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** What requests need of the hub. */
export interface HubLink {
  /** Where browsers find the hub's pages; ends with `/hub/`. */
  readonly address: string;
  /** The same as a path, which redirects of backends may name (RULES R6). */
  readonly path: string;
  /** For X-JupyterHub-Version; undefined until it is known. */
  readonly version: () => string | undefined;
}

type Proxied = Extract<Route, { kind: "port" | "app" }>;
type IdeRoute = Extract<Route, { kind: "ide" }>;

/**
 * Where every request and upgrade arrives. Both take the same way: the address is read, the gate decides, and the route says
 * which part answers.
 */
export class Front {
  readonly #options: FrontOptions;
  readonly #locator: Locator;
  readonly #polling = new PollingFilter();
  readonly #upgrades: Upgrades;
  readonly #waiting: WaitingAnswers;
  #retired = false;

  constructor(options: FrontOptions) {
    this.#options = options;
    this.#locator = new Locator(options);
    this.#upgrades = new Upgrades(options);
    this.#waiting = new WaitingAnswers(options.apps, options.waitingPageStatus);
  }

  readonly onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const arrival = this.#locator.locate(request);
    const fail = (error: unknown) => {
      if (isSharedApp(arrival.route)) return this.#options.sharing.guests.apps.fail(request, response, error);
      const known = this.#known(error, arrival.context);
      if (!this.#waiting.answer({ request, response, route: arrival.route }, known)) {
        answerError(request, response, arrival.context, known);
      }
    };
    const waiveLimit = limitArrival(request, response);
    this.#admit(arrival, { upgrade: false, fail }, (admitted) => {
      if (admitted.kind === "refused") {
        if (admitted.cookies !== undefined) response.setHeader("Set-Cookie", [...admitted.cookies]);
        throw admitted.error;
      }
      if (admitted.kind === "entered") return answerPortEntry(request, response, admitted);
      if (admitted.kind === "question") return answerForeignVisit({ ...arrival, response });
      if (admitted.kind !== "admitted") return answerRedirect(response, 303, admitted.location, admitted.cookies);
      if (streams(arrival.route)) waiveLimit();
      return this.#dispatch({ ...arrival, response, admitted, fail });
    });
  };

  readonly onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const arrival = this.#locator.locate(request);
    const fail = (error: unknown) => answerUpgradeError(socket, this.#known(error, arrival.context));
    // Node leaves an upgraded socket without a listener; a reset before it is proxied must not end the process.
    socket.on("error", () => socket.destroy());
    this.#admit(arrival, { upgrade: true, fail }, (admitted) => {
      if (admitted.kind === "refused") throw admitted.error;
      if (admitted.kind !== "admitted") throw new GatewayError("LOGIN_REQUIRED");
      return this.#dispatchUpgrade({ ...arrival, socket, head, admitted, fail });
    });
  };

  /** From now on only the API and probes are served. All others are told why, and WebSockets are closed (RULES R20). */
  retire(): void {
    this.#retired = true;
    this.#upgrades.closeTunnels(serverEnds.unused);
  }

  /** Ends every WebSocket with a close frame that says why. The server closes plain connections itself. */
  close(): void {
    this.#options.sharing.lifecycle.dismiss();
    this.#options.sharing.windows.close();
    this.#upgrades.close(serverEnds.stopped);
  }

  /** Synchronous where the gate is: this runs for every request. */
  #admit(
    { request, context, route }: Arrival,
    { upgrade, fail }: { readonly upgrade: boolean; readonly fail: (error: unknown) => void },
    proceed: (admission: Admission) => void | Promise<void>,
  ): void {
    try {
      const admission = this.#options.gate.admit(request, context, route, upgrade);
      const outcome = admission instanceof Promise ? admission.then(proceed) : proceed(admission);
      if (outcome instanceof Promise) outcome.catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  #dispatch(exchange: RequestExchange): void | Promise<void> {
    const { request, response, context, route, admitted } = exchange;
    const { baseUrl, path } = context;
    this.#options.metrics.routed(route.kind);
    if (this.#retired && route.kind !== "api") throw new GatewayError("ENDED_UNUSED");
    if (request.headers["service-worker"] === "script" && !mayBeServiceWorker(route)) {
      throw new GatewayError("SERVICE_WORKER_REFUSED", { path });
    }
    switch (route.kind) {
      case "invalid":
        throw new GatewayError("BAD_REQUEST", { reason: "its target is no path of this host", base: baseUrl });
      case "outside":
        return this.#answerOutside(exchange);
      case "port-login": {
        const location = this.#options.portLogins.handOut(request, admitted.query);
        return answerRedirect(response, 303, location);
      }
      case "port-entry":
      case "unknown":
        throw new GatewayError("NOT_FOUND", { path, base: baseUrl });
      case "hub":
        return this.#toHub(exchange, route.path);
      case "api":
        return this.#toApi(exchange);
      case "redirect":
        this.#nameHubVersion(response);
        return answerRedirect(response, 307, `${baseUrl}${withQuery(route.path.slice(1), admitted.query)}`);
      case "ide":
        return this.#toIde(exchange, route);
      case "webview":
        return this.#options.webviewFiles.handle(request, response, route.path, context);
      case "share-asset":
        return this.#options.shareAssets.handle(request, response, route.path);
      case "share":
        return this.#toShare(exchange, route);
      case "shared-app":
        return this.#options.sharing.guests.apps.handle({ request, context, route }, response);
      case "app-host":
        return this.#options.sharing.guests.appHosts.handle({ request, context, route }, response);
      default:
        return this.#toBackend(exchange, route);
    }
  }

  #dispatchUpgrade(exchange: UpgradeExchange): void | Promise<void> {
    const { request, context, route, admitted, socket, head } = exchange;
    const { ide, metrics, sharing } = this.#options;
    metrics.routed(route.kind);
    if (this.#retired) throw new GatewayError("ENDED_UNUSED");
    switch (route.kind) {
      case "ide":
        ide.requireReady();
        if (admitted.isOwner === true) sharing.owner.origin.learn(request.headers.origin);
        return this.#upgrades.open(exchange, this.#forward(exchange, ide.destination(route, context, admitted.query)));
      case "share":
        return sharing.guests.front.upgrade(asGuest(exchange, route), socket, head, (destination, onTunnel) =>
          this.#upgrades.open(exchange, { ...this.#forward(exchange, destination), onTunnel }),
        );
      case "shared-app":
        return sharing.guests.apps.upgrade({ request, context, route }, socket, head);
      case "app-host":
        return sharing.guests.appHosts.upgrade({ request, context, route }, socket, head);
      case "api":
        return this.#toOwnerWindows(exchange);
      case "port":
      case "app":
        return this.#whenLocated(exchange, route, (destination, release) =>
          this.#upgrades.open(exchange, this.#forward(exchange, destination), release),
        );
      default:
        throw new GatewayError("UPGRADE_REFUSED");
    }
  }

  /** Live editing in the owner's IDE; others who may use the API or the IDE write nothing in the owner's name. */
  #toOwnerWindows({ request, context, admitted, socket, head }: UpgradeExchange): void {
    const { sharing, sockets } = this.#options;
    if (context.path !== ownerWindowsPath || admitted.isOwner !== true) throw new GatewayError("UPGRADE_REFUSED");
    sharing.windows.upgrade(request, socket, head, { sockets, recheck: admitted.recheck });
  }

  #toApi({ request, response, context, admitted }: RequestExchange): void {
    isolate(request, response);
    this.#nameHubVersion(response);
    this.#options.actors.set(request, admitted);
    request.url = `${context.path}${admitted.query}`;
    this.#options.api(request, response);
  }

  #toIde(exchange: RequestExchange, route: IdeRoute): Promise<void> {
    const { request, response, context, admitted } = exchange;
    const { ide } = this.#options;
    this.#noteActivity(exchange);
    const forward = this.#forward(exchange, ide.destination(route, context, admitted.query));
    return ide.handle({ request, response, forward, path: route.path, proof: this.#proof(exchange) });
  }

  #toShare(exchange: RequestExchange, route: ShareRoute): Promise<void> {
    const { request, response } = exchange;
    const forward = (destination: Destination): Forward => {
      // Only requests that the share permits come here; View Only guests have no program to use (RULES R20).
      this.#noteActivity(exchange);
      return this.#forward(exchange, destination);
    };
    return this.#options.sharing.guests.front.handle(asGuest(exchange, route), response, {
      ide: (ide, destination, path) =>
        ide.handle({ request, response, forward: forward(destination), path, proof: this.#proof(exchange) }),
      request: (destination) => proxyRequest(request, response, forward(destination)),
    });
  }

  #toBackend(exchange: RequestExchange, route: Proxied): void | Promise<void> {
    const { request, response } = exchange;
    if (this.#waiting.answerReport(exchange)) return;
    this.#noteActivity(exchange);
    const send = (destination: Destination, release: () => void) => {
      response.once("close", release);
      proxyRequest(request, response, this.#forward(exchange, destination));
    };
    return this.#whenLocated(exchange, route, send, this.#waiting.patienceOf(request));
  }

  #noteActivity({ request, context, admitted }: RequestExchange): void {
    if (this.#polling.isPersonal(request, context.path, admitted.query)) this.#options.activity.touch();
  }

  /** For a page that is made now (RULES R5). */
  #proof({ admitted: { holder } }: Exchange): () => string {
    return () => (holder === undefined ? "" : this.#options.pages.of(holder));
  }

  /** Finds the port or starts the app. Synchronous where it can be: this runs for every proxied request. */
  #whenLocated(
    { context: { baseUrl, path: fullPath }, admitted: { query } }: Exchange,
    route: Proxied,
    use: (destination: Destination, release: () => void) => void,
    waiting: { readonly patience?: number } = {},
  ): void | Promise<void> {
    const { apps, ports } = this.#options;
    if (route.kind === "app") {
      const release = apps.opened(route.name);
      return apps.resolve({ name: route.name, rest: route.path, query, fullPath, ...waiting }).then(
        (destination) => use(destination, release),
        (error: unknown) => {
          release();
          throw error;
        },
      );
    }
    const kind = route.named === true ? "name" : route.stripped ? "proxy" : "absproxy";
    use(ports.resolve({ authority: route.authority, rest: route.path, query, kind, baseUrl, fullPath }), () => {});
  }

  #forward({ context, admitted, fail }: Exchange, destination: Destination): Forward {
    const { rewriteHtml, logger, hub } = this.#options;
    return {
      ...destination,
      context,
      credentials: admitted.credentials,
      hubPrefix: hub?.path ?? "",
      rewriteHtml,
      onError: fail,
      onCut: (error) => logger.warn({ request: context.id, reason: error.message }, "an answer broke off"),
    };
  }

  /** Hubs request `{prefix}api`, and before version 5 `{prefix}` itself, to compare this version with their own. */
  #nameHubVersion(response: ServerResponse): void {
    const version = this.#options.hub?.version();
    if (version !== undefined) response.setHeader("X-JupyterHub-Version", version);
  }

  /** A proxy that prefixes the hub's own redirects makes `{prefix}hub/…` of them, which used to be a 404. */
  #toHub({ response, admitted }: RequestExchange, rest: string): void {
    // A second slash would make it another host's address where the hub shares ours.
    const path = rest.replace(/^[/\\]+/, "");
    answerRedirect(response, 307, `${this.#options.hub?.address ?? "/hub/"}${path}${admitted.query}`);
  }

  /** Scripts request `/ide/` of the container, without the prefix, and follow the redirect. */
  #answerOutside({ request, response, context }: RequestExchange): void {
    if (context.path === "/healthz") {
      this.#options.api(request, response);
    } else if (request.method === "GET" || request.method === "HEAD") {
      const path = respelled(context.path, context.baseUrl) ?? context.path;
      answerRedirect(response, 307, `${context.baseUrl}${path.replace(/^\/+/, "")}`);
    } else {
      throw new GatewayError("NOT_FOUND", { path: context.path, base: context.baseUrl });
    }
  }

  #known(error: unknown, context: RequestContext): GatewayError {
    if (error instanceof GatewayError) {
      if (error.status === 401 || error.status === 403) this.#options.metrics.refused();
      return error;
    }
    this.#options.logger.error({ err: error, request: context.id }, "a request failed");
    return new GatewayError("INTERNAL", { request: context.id });
  }
}

/** Behind a share's cookie there is always a guest: the gate lets in nobody else. */
function asGuest({ request, context, admitted: { guest, query } }: Exchange, route: ShareRoute): GuestRequest {
  if (guest === undefined) throw new GatewayError("SHARE_LOGIN");
  return { request, context, route, session: guest, query };
}

/** Whether a backend answers, which takes bodies of any length for any time (RULES R7); all other routes are our own. */
function streams(route: Route): boolean {
  if (route.kind === "share") return !["files", "copy", "repository", "live", "session"].includes(route.part);
  return ["ide", "port", "app"].includes(route.kind) || isSharedApp(route);
}

function isSharedApp({ kind }: Route): boolean {
  return kind === "shared-app" || kind === "app-host";
}

/** A default URL may have a query of its own. */
function withQuery(path: string, query: string): string {
  return path.includes("?") ? `${path}${query.replace("?", "&")}` : `${path}${query}`;
}
