import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { serverEnds } from "@waiide/protocol";
import type { Admission, Gate } from "./access/gate.ts";
import { type Mode, matchRoute, type Route } from "./access/routes.ts";
import { mayBeServiceWorker } from "./access/service-workers.ts";
import type { SocketWatch } from "./access/socket-watch.ts";
import type { Activity } from "./activity/activity.ts";
import type { IdeActivity } from "./activity/ide-activity.ts";
import { PollingFilter } from "./activity/polling.ts";
import { SocketActivity } from "./activity/socket-activity.ts";
import type { Metrics } from "./api/metrics.ts";
import type { Apps } from "./apps/apps.ts";
import type { Ports } from "./apps/ports.ts";
import { actAs } from "./base/actor.ts";
import { GatewayError } from "./base/errors.ts";
import type { Logger } from "./base/log.ts";
import { answerError, answerRedirect, answerUpgradeError } from "./http/answer.ts";
import { limitArrival } from "./http/arrival.ts";
import type { TrustedProxies } from "./http/forwarded.ts";
import { isolate } from "./http/isolation.ts";
import { type PageProofs, splitProof } from "./http/page-proof.ts";
import type { RequestContext } from "./http/request-context.ts";
import { originForm, respelled, splitTarget } from "./http/request-target.ts";
import type { Ide } from "./ide/ide.ts";
import type { Destination } from "./proxy/destination.ts";
import type { Forward } from "./proxy/forward.ts";
import { proxyRequest } from "./proxy/http.ts";
import type { Tunnel } from "./proxy/tunnel.ts";
import { proxyUpgrade } from "./proxy/websocket.ts";
import type { ShareAssets } from "./share/page/assets.ts";
import type { GuestRequest, ShareRoute } from "./share/share-front.ts";
import type { Sharing } from "./share/sharing.ts";
import { WaitingAnswers } from "./waiting-answers.ts";
import type { WebviewFiles } from "./webviews/webview-files.ts";

interface FrontParts {
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
  readonly api: RequestListener;
  readonly ide: Ide;
  readonly ports: Ports;
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

/** What the way of a request needs to know of the hub. */
export interface HubLink {
  /** Where the browser finds the hub's pages; ends with `/hub/`. */
  readonly address: string;
  /** The same as a path, which redirects of backends may name (RULES R6). */
  readonly path: string;
  /** For X-JupyterHub-Version; undefined until the hub has told it. */
  readonly version: () => string | undefined;
}

type Admitted = Extract<Admission, { kind: "admitted" }>;
type Proxied = Extract<Route, { kind: "port" | "app" }>;

/** Where every request and upgrade arrives. Both go the same way: context, route, gate, and then to what the route names. */
export class Front {
  readonly #parts: FrontParts;
  readonly #upgraded = new Set<Duplex>();
  readonly #polling = new PollingFilter();
  readonly #tunnels = new Map<Tunnel, Duplex>();
  readonly #waiting: WaitingAnswers;
  #requests = 0;
  #retired = false;

  constructor(parts: FrontParts) {
    this.#parts = parts;
    this.#waiting = new WaitingAnswers(parts.apps, parts.waitingPageStatus);
  }

  readonly onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const { context, route } = this.#locate(request);
    const fail = (error: unknown) => {
      const known = this.#known(error, context);
      if (!this.#waiting.answer(request, response, route, known)) {
        answerError(request, response, context, known);
      }
    };
    const waiveLimit = limitArrival(request, response);
    this.#admit(request, context, route, false, fail, (admission) => {
      if (admission.kind === "refused") {
        if (admission.cookies !== undefined) response.setHeader("Set-Cookie", [...admission.cookies]);
        throw admission.error;
      }
      if (admission.kind !== "admitted") return answerRedirect(response, 303, admission.location, admission.cookies);
      if (streams(route)) waiveLimit();
      return this.#dispatch(request, response, context, route, admission, fail);
    });
  };

  readonly onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const { context, route } = this.#locate(request);
    const fail = (error: unknown) => answerUpgradeError(socket, this.#known(error, context));
    // Node leaves an upgraded socket without a listener; a reset before we splice it must not end the process.
    socket.on("error", () => socket.destroy());
    this.#admit(request, context, route, true, fail, (admission) => {
      if (admission.kind === "refused") throw admission.error;
      if (admission.kind !== "admitted") throw new GatewayError("LOGIN_REQUIRED");
      return this.#dispatchUpgrade(request, socket, head, context, route, admission, fail);
    });
  };

  /** From now on everything but the API and probes is answered with why, and every WebSocket is closed (RULES R20). */
  retire(): void {
    this.#retired = true;
    this.#closeTunnels(serverEnds.unused);
  }

  /** Ends every WebSocket with a word of why; plain connections are the server's to close. */
  close(): void {
    this.#parts.sharing.lifecycle.dismiss();
    const told = this.#closeTunnels(serverEnds.stopped);
    for (const socket of this.#upgraded) if (!told.has(socket)) socket.destroy();
  }

  /** @returns the browsers' sockets that get a close frame; each is cut after a second at the latest */
  #closeTunnels({ code, reason }: (typeof serverEnds)[keyof typeof serverEnds]): ReadonlySet<Duplex> {
    const told = new Set<Duplex>();
    for (const [tunnel, socket] of this.#tunnels) {
      tunnel.close(code, reason);
      told.add(socket);
    }
    return told;
  }

  #locate(request: IncomingMessage): { context: RequestContext; route: Route } {
    const { baseUrl, trustedProxies } = this.#parts;
    const url = originForm(request.url ?? "", request.headers.host) ?? request.url ?? "";
    // Whoever reads it later sees what was routed.
    request.url = url;
    const target = splitTarget(url, baseUrl);
    this.#requests += 1;
    const context: RequestContext = {
      id: this.#requests.toString(36),
      ...splitProof(typeof target === "object" ? target.path : url),
      query: typeof target === "object" ? target.query : "",
      baseUrl,
      host: request.headers.host ?? "",
      ...trustedProxies.originationOf(request),
    };
    if (target === "invalid") return { context, route: { kind: "invalid", who: "anyone" } };
    if (target === undefined) return { context, route: { kind: "outside", who: "anyone" } };
    return { context, route: matchRoute(context.path, this.#parts.defaultUrl, this.#parts.mode) };
  }

  #admit(
    request: IncomingMessage,
    context: RequestContext,
    route: Route,
    upgrade: boolean,
    fail: (error: unknown) => void,
    proceed: (admission: Admission) => void | Promise<void>,
  ): void {
    try {
      const admission = this.#parts.gate.admit(request, context, route, upgrade);
      const outcome = admission instanceof Promise ? admission.then(proceed) : proceed(admission);
      if (outcome instanceof Promise) outcome.catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  #dispatch(
    request: IncomingMessage,
    response: ServerResponse,
    context: RequestContext,
    route: Route,
    admitted: Admitted,
    fail: (error: unknown) => void,
  ): void | Promise<void> {
    const { api, ide, metrics, activity } = this.#parts;
    metrics.routed(route.kind);
    if (this.#retired && route.kind !== "api") throw new GatewayError("ENDED_UNUSED");
    if (request.headers["service-worker"] === "script" && !mayBeServiceWorker(route)) {
      throw new GatewayError("SERVICE_WORKER_REFUSED", { path: context.path });
    }
    switch (route.kind) {
      case "invalid":
        throw new GatewayError("BAD_REQUEST", { reason: "its target is no path of this host", base: context.baseUrl });
      case "outside":
        return this.#answerOutside(request, response, context);
      case "unknown":
        throw new GatewayError("NOT_FOUND", { path: context.path, base: context.baseUrl });
      case "hub":
        return this.#toHub(response, route.path, admitted);
      case "api":
        isolate(request, response);
        this.#nameHubVersion(response);
        if (admitted.actor !== undefined) actAs(request, admitted.actor);
        request.url = `${context.path}${admitted.query}`;
        return api(request, response);
      case "redirect":
        this.#nameHubVersion(response);
        return answerRedirect(response, 307, `${context.baseUrl}${withQuery(route.path.slice(1), admitted.query)}`);
      case "ide":
        if (this.#polling.isPersonal(request, context.path, admitted.query)) activity.touch();
        return ide.handleRequest(
          request,
          response,
          this.#forward(context, admitted, ide.destination(route, context, admitted.query), fail),
          route.path,
          this.#proof(admitted),
        );
      case "webview":
        return this.#parts.webviewFiles.handle(request, response, route.path, context);
      case "share-asset":
        return this.#parts.shareAssets.handle(request, response, route.path);
      case "share":
        return this.#dispatchShare(request, response, context, route, admitted, fail);
      default:
        if (this.#waiting.answerReport(request, response, route)) return;
        if (this.#polling.isPersonal(request, context.path, admitted.query)) activity.touch();
        return this.#whenLocated(
          route,
          context,
          admitted,
          (destination, release) => {
            response.once("close", release);
            proxyRequest(request, response, this.#forward(context, admitted, destination, fail));
          },
          this.#waiting.patienceOf(request),
        );
    }
  }

  #dispatchShare(
    request: IncomingMessage,
    response: ServerResponse,
    context: RequestContext,
    route: ShareRoute,
    admitted: Admitted,
    fail: (error: unknown) => void,
  ): Promise<void> {
    const asked = asGuest(request, context, route, admitted);
    const { activity, sharing } = this.#parts;
    const forward = (destination: Destination): Forward => {
      // Only what the share permits gets here, which is no business of View Only guests (RULES R20).
      if (this.#polling.isPersonal(request, context.path, asked.query)) activity.touch();
      return this.#forward(context, admitted, destination, fail);
    };
    return sharing.guests.front.handle(asked, response, {
      ide: (ide, destination, path) =>
        ide.handleRequest(request, response, forward(destination), path, this.#proof(admitted)),
      request: (destination) => proxyRequest(request, response, forward(destination)),
    });
  }

  #dispatchUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    context: RequestContext,
    route: Route,
    admitted: Admitted,
    fail: (error: unknown) => void,
  ): void | Promise<void> {
    const { ide, metrics, activity, sharing } = this.#parts;
    metrics.routed(route.kind);
    if (this.#retired) throw new GatewayError("ENDED_UNUSED");
    const splice = (destination: Destination, release: () => void, given?: (tunnel: Tunnel) => void): void => {
      const closed = activity.opened();
      this.#upgraded.add(socket);
      socket.once("close", () => {
        this.#upgraded.delete(socket);
        closed();
        release();
      });
      const onTunnel = (tunnel: Tunnel) => {
        this.#watch(tunnel, route, admitted, socket);
        given?.(tunnel);
      };
      proxyUpgrade(request, socket, head, { ...this.#forward(context, admitted, destination, fail), onTunnel });
    };
    switch (route.kind) {
      case "ide":
        ide.requireReady();
        if (admitted.isOwner === true) sharing.owner.origin.learn(request.headers.origin);
        return splice(ide.destination(route, context, admitted.query), () => {});
      case "share":
        return sharing.guests.front.upgrade(
          asGuest(request, context, route, admitted),
          socket,
          head,
          (destination, given) => splice(destination, () => {}, given),
        );
      case "port":
      case "app":
        return this.#whenLocated(route, context, admitted, splice);
      default:
        throw new GatewayError("UPGRADE_REFUSED");
    }
  }

  /** For a page that is made now (RULES R5). */
  #proof({ holder }: Admitted): () => string {
    return () => (holder === undefined ? "" : this.#parts.pages.of(holder));
  }

  /** Has the browser's frames count as activity, and the socket end with its login (RULES R1, R20). */
  #watch(tunnel: Tunnel, route: Route, admitted: Admitted, socket: Duplex): void {
    const { activity, ideActivity, sockets } = this.#parts;
    const touch = route.kind === "ide" ? () => ideActivity.passed() : () => activity.touch();
    if (route.kind === "ide") socket.once("close", ideActivity.opened());
    this.#tunnels.set(tunnel, socket);
    socket.once("close", () => this.#tunnels.delete(tunnel));
    if (route.kind === "ide" || (route.kind === "share" && route.part === "ide")) {
      const listener = new SocketActivity(tunnel.terms.extensions, touch);
      tunnel.watchBrowser(listener, touch);
      socket.once("close", () => listener.close());
    } else {
      tunnel.watchBrowser({ onFrame: ({ opcode }) => countUnlessControl(opcode, touch) }, touch);
    }
    if (admitted.recheck !== undefined) socket.once("close", sockets.add(tunnel, admitted.recheck));
  }

  /** Finds the port or starts the app. Synchronous where it can be: this runs for every proxied request. */
  #whenLocated(
    route: Proxied,
    context: RequestContext,
    admitted: Admitted,
    use: (destination: Destination, release: () => void) => void,
    waiting: { readonly patience?: number } = {},
  ): void | Promise<void> {
    const { apps, ports } = this.#parts;
    const { baseUrl, path: fullPath } = context;
    const { query } = admitted;
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
    const kind = route.stripped ? "proxy" : "absproxy";
    use(ports.resolve({ authority: route.authority, rest: route.path, query, kind, baseUrl, fullPath }), () => {});
  }

  #forward(
    context: RequestContext,
    admitted: Admitted,
    destination: Destination,
    onError: (error: unknown) => void,
  ): Forward {
    const { rewriteHtml, logger } = this.#parts;
    const onCut = (error: GatewayError) =>
      logger.warn({ request: context.id, reason: error.message }, "an answer broke off");
    const hubPrefix = this.#parts.hub?.path ?? "";
    return { ...destination, context, credentials: admitted.credentials, hubPrefix, rewriteHtml, onError, onCut };
  }

  /** Hubs poll `{prefix}api`, before version 5 `{prefix}` itself, and compare this with their own. */
  #nameHubVersion(response: ServerResponse): void {
    const version = this.#parts.hub?.version();
    if (version !== undefined) response.setHeader("X-JupyterHub-Version", version);
  }

  /** `{prefix}hub/…` is what comes of a proxy that prefixes the hub's own redirects: the 404 of the past. */
  #toHub(response: ServerResponse, rest: string, { query }: Admitted): void {
    // A second slash would make it another host's address where the hub shares ours.
    const path = rest.replace(/^[/\\]+/, "");
    answerRedirect(response, 307, `${this.#parts.hub?.address ?? "/hub/"}${path}${query}`);
  }

  /** The old way in: scripts ask the container for `/ide/` and follow the redirect to the prefix. */
  #answerOutside(request: IncomingMessage, response: ServerResponse, context: RequestContext): void {
    if (context.path === "/healthz") {
      this.#parts.api(request, response);
    } else if (request.method === "GET" || request.method === "HEAD") {
      const path = respelled(context.path, context.baseUrl) ?? context.path;
      answerRedirect(response, 307, `${context.baseUrl}${path.replace(/^\/+/, "")}`);
    } else {
      throw new GatewayError("NOT_FOUND", { path: context.path, base: context.baseUrl });
    }
  }

  #known(error: unknown, context: RequestContext): GatewayError {
    if (error instanceof GatewayError) {
      if (error.status === 401 || error.status === 403) this.#parts.metrics.refused();
      return error;
    }
    this.#parts.logger.error({ err: error, request: context.id }, "a request failed");
    return new GatewayError("INTERNAL", { request: context.id });
  }
}

/** Behind a share's cookie there is always a guest: the gate lets nobody else in there. */
function asGuest(
  request: IncomingMessage,
  context: RequestContext,
  route: ShareRoute,
  { guest: session, query }: Admitted,
): GuestRequest {
  if (session === undefined) throw new GatewayError("SHARE_LOGIN");
  return { request, context, route, session, query };
}

/** A default URL may have a query of its own. */
/** What a backend answers takes bodies of any length for any time (RULES R7); all other routes are our own. */
function streams(route: Route): boolean {
  if (route.kind === "share") return route.part !== "files" && route.part !== "session";
  return route.kind === "ide" || route.kind === "port" || route.kind === "app";
}

function withQuery(path: string, query: string): string {
  return path.includes("?") ? `${path}${query.replace("?", "&")}` : `${path}${query}`;
}

/** Pings and pongs are the browser's own, a close is nobody's doing (RFC 6455 §5.5). No payload is looked at. */
function countUnlessControl(opcode: number, touch: () => void): false {
  if (opcode < 8) touch();
  return false;
}
