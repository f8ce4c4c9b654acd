import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import type { AppNames } from "../../../access/app-names.ts";
import type { Route } from "../../../access/routes.ts";
import { WrongTries } from "../../../access/wrong-tries.ts";
import { GatewayError } from "../../../base/errors.ts";
import type { Logger } from "../../../base/log.ts";
import { cookiesNamed, setCookie } from "../../../http/cookies.ts";
import { answeredBy } from "../../../http/names/app-domain.ts";
import type { RequestContext } from "../../../http/request-context.ts";
import type { AuditLog } from "../../audit/audit-log.ts";
import type { ShareTable } from "../../records/table.ts";
import type { StoredShare } from "../../store/stored.ts";
import type { Capability } from "../capabilities.ts";
import type { AppLimits, Forwarding, PermittedRequest } from "../forwarding.ts";
import { browserRefused } from "../sealed-front.ts";
import { answerSealed, answerSealedError, noSuchApp, refuseSealedUpgrade, toldError } from "../sealing.ts";
import type { SharedApps } from "../shared-apps.ts";
import { HostAnswers } from "./host-answers.ts";
import { openingPage } from "./opening-page.ts";
import type { HostVisits } from "./visits.ts";

export type AppHostRoute = Extract<Route, { kind: "app-host" }>;

/** A request on a name of the domain of shared apps. */
export interface AppHostRequest {
  readonly request: IncomingMessage;
  readonly context: RequestContext;
  readonly route: AppHostRoute;
}

export interface HostFrontParts {
  readonly table: ShareTable;
  readonly apps: SharedApps;
  readonly visits: HostVisits;
  readonly names: AppNames;
  readonly audit: AuditLog;
  readonly limits: AppLimits;
  readonly forwarding: Forwarding;
  /** Path prefix of the gateway, begins and ends with `/`. */
  readonly baseUrl: string;
  readonly logger: Logger;
}

/** Below here are paths of ours, on every name; all others are the app's. */
const ours = "/~waiide/";
/** Where the page around an app exchanges its ticket for the cookie of the host. */
const enterPath = `${ours}enter`;
/** Where the frame begins: the app takes requests of its own pages only. */
const openPath = `${ours}open`;

/** With this prefix no other host of the domain can set it (RFC 6265bis §4.1.3.2). */
const cookieName = "__Host-waiide-app";
/** The visit that it stands for ends much earlier. Seconds. */
const cookieLife = 24 * 3600;
/** A ticket is shorter. Bytes. */
const maxTicket = 200;

/**
 * Shared apps on hosts of their own (RULES R35). On such a name nothing is answered but one share's app, to its guests: a cookie
 * of that name alone authorizes, and only for requests that the app's own pages make.
 */
export class HostFront {
  readonly #parts: HostFrontParts;
  readonly #wrong = new WrongTries();

  constructor(parts: HostFrontParts) {
    this.#parts = parts;
  }

  async handle(asked: AppHostRequest, response: ServerResponse): Promise<void> {
    const { request, route } = asked;
    const fail = (error: unknown) => this.#fail(request, response, error);
    try {
      const share = this.#shareOf(route);
      if (share === undefined) {
        response.setHeader(answeredBy, this.#parts.baseUrl);
        throw noSuchApp();
      }
      if (route.path === enterPath) return await this.#enter(asked, share, response);
      if (route.path === openPath) return this.#open(request, response);
      if (route.path.startsWith(ours)) throw noSuchApp();
      await this.#toApp(asked, share, response, fail);
    } catch (error) {
      fail(error);
    }
  }

  async upgrade({ request, context, route }: AppHostRequest, socket: Duplex, head: Buffer): Promise<void> {
    const fail = (error: unknown) => refuseSealedUpgrade(socket, toldError(error, this.#parts.logger));
    try {
      const share = this.#shareOf(route);
      const capability = share && this.#find(request, share);
      const origin = share && this.#parts.names.originOf(share.id);
      if (share === undefined || capability === undefined || request.headers.origin !== origin) throw noSuchApp();
      if (route.path.startsWith(ours)) throw noSuchApp();
      const permitted = this.#permitted({ request, context, route }, share, capability);
      if (permitted === undefined) throw noSuchApp();
      await this.#parts.forwarding.connect(permitted, socket, head, fail);
    } catch (error) {
      fail(error);
    }
  }

  async #toApp(
    asked: AppHostRequest,
    share: StoredShare,
    response: ServerResponse,
    fail: (error: unknown) => void,
  ): Promise<void> {
    const { request, context, route } = asked;
    const { "sec-fetch-site": site, "sec-fetch-dest": destination } = request.headers;
    // Without it nobody knows whose page asks.
    if (site === undefined) throw browserRefused();
    const capability = this.#find(request, share);
    // What the app opens in a window becomes a page of ours around it, where the browser has the cookie.
    if (destination === "document" && (site !== "same-origin" || capability === undefined)) {
      return answerSealed(request, response, 303, "", { Location: this.#outer(share, route.path, context.query) });
    }
    if (site !== "same-origin") throw noSuchApp();
    if (capability === undefined) throw await this.#refusal(asked, share);
    const permitted = this.#permitted(asked, share, capability);
    if (permitted !== undefined) return this.#parts.forwarding.forward(permitted, response, fail);
    // An app that was told a path lives below it, and nowhere else.
    const { base } = this.#parts.apps.targetOf(share);
    if (route.path !== "/") throw new GatewayError("NOT_FOUND", { path: route.path, base });
    answerSealed(request, response, 307, "", { Location: base });
  }

  /** The page around the app brings a ticket, or asks whether the browser kept the cookie. */
  async #enter({ request, context }: AppHostRequest, share: StoredShare, response: ServerResponse): Promise<void> {
    const { names, visits } = this.#parts;
    const { method, headers } = request;
    if (headers.origin !== names.mainOrigin) throw noSuchApp();
    const readable = {
      "Access-Control-Allow-Origin": names.mainOrigin,
      "Access-Control-Allow-Credentials": "true",
      Vary: "Origin",
    };
    if (method === "GET") {
      if (this.#find(request, share) === undefined) throw noSuchApp();
      return answerSealed(request, response, 204, "", readable);
    }
    const length = Number(headers["content-length"] ?? Number.POSITIVE_INFINITY);
    const ticket = method === "POST" && length <= maxTicket ? await text(request) : "";
    const key = visits.redeem(share.id, ticket);
    if (key === undefined) throw await this.#wrongTry(context, share);
    const cookie = { name: cookieName, value: key, path: "/", life: cookieLife, secure: true } as const;
    const made = setCookie({ ...cookie, sameSite: "None", partitioned: true });
    answerSealed(request, response, 204, "", { ...readable, "Set-Cookie": made });
  }

  /** For frames: a page that goes on to the place which its fragment names. It is the same for everybody. */
  #open(request: IncomingMessage, response: ServerResponse): void {
    // An app's service worker asks for it in place of the frame.
    if (request.method !== "GET" || request.headers["sec-fetch-dest"] === "document") throw noSuchApp();
    const page = openingPage(this.#parts.names.mainOrigin);
    response.writeHead(200, page.headers).end(page.html);
  }

  #permitted(
    { request, context, route }: AppHostRequest,
    share: StoredShare,
    capability: Capability,
  ): PermittedRequest | undefined {
    const { apps, names, limits } = this.#parts;
    const { base, keepsBase } = apps.targetOf(share);
    const { session, traffic } = capability;
    // An app may write the path that it was told, whether it expects that in requests or not.
    const isTold = base !== "/" && route.path.startsWith(base);
    if (keepsBase && !isTold) return undefined;
    const path = isTold ? `/${route.path.slice(base.length)}` : route.path;
    const reshape = new HostAnswers({
      request,
      origin: names.originOf(share.id) ?? "",
      mainOrigin: names.mainOrigin,
      outer: this.#outer(share, path, context.query),
      traffic,
      maxUpload: limits.upload,
      guest: share.app?.names === true ? (session.hubUser ?? session.name) : undefined,
    });
    const prefix = keepsBase ? base : "/";
    const way = { prefix, prefixStripped: !keepsBase, credentials: "authorization", reshape } as const;
    return { request, context, capability, share, path, way };
  }

  #outer({ id }: StoredShare, path: string, query: string): string {
    const { names, baseUrl } = this.#parts;
    return `${names.mainOrigin}${baseUrl}share/${id}/#open=${encodeURIComponent(path.slice(1) + query)}`;
  }

  /** The live share of an app whose name this is. */
  #shareOf({ label }: AppHostRoute): StoredShare | undefined {
    const { table, names } = this.#parts;
    if (label === "") return undefined;
    return table.live().find(({ id, level }) => level === "app" && names.isOf(label, id));
  }

  /** What the cookie of this name permits, asked anew for each request. */
  #find(request: IncomingMessage, { id }: StoredShare): Capability | undefined {
    const { visits, table, apps } = this.#parts;
    const found = cookiesNamed(cookieName, request.headers.cookie).map((key) => visits.find(id, key));
    return found.find(
      (one) => one !== undefined && table.shareFor(one.session)?.level === "app" && apps.mayUse(one.session),
    );
  }

  /** A browser that has no cookie did not guess one. */
  async #refusal({ request, context }: AppHostRequest, share: StoredShare): Promise<GatewayError> {
    return cookiesNamed(cookieName, request.headers.cookie).length === 0 ? noSuchApp() : this.#wrongTry(context, share);
  }

  async #wrongTry({ clientAddress }: RequestContext, { id }: StoredShare): Promise<GatewayError> {
    const seconds = await this.#wrong.count(clientAddress);
    this.#parts.audit.refused(id, "an address of the app that is over");
    return seconds === undefined ? noSuchApp() : new GatewayError("TOO_MANY_ATTEMPTS", { seconds });
  }

  #fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    answerSealedError(request, response, toldError(error, this.#parts.logger));
  }
}
