import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { sessionClose } from "@waiide/protocol";
import { type Static, Type } from "typebox";
import Value from "typebox/value";
import type { Route } from "../../access/routes.ts";
import { WrongTries } from "../../access/wrong-tries.ts";
import { PollingFilter } from "../../activity/polling.ts";
import { GatewayError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { acceptsPage, isPreflight } from "../../http/navigation.ts";
import type { RequestContext } from "../../http/request-context.ts";
import type { Forward } from "../../proxy/forward.ts";
import { proxyRequest } from "../../proxy/http.ts";
import type { Tunnel } from "../../proxy/tunnel.ts";
import { proxyUpgrade } from "../../proxy/websocket.ts";
import { type AuditLog, whoIs } from "../audit/audit-log.ts";
import type { OpenPart } from "../guests/guests.ts";
import { parseMessage } from "../guests/session-messages.ts";
import type { ShareTable } from "../records/table.ts";
import type { StoredShare } from "../store/stored.ts";
import type { Capability } from "./capabilities.ts";
import { Seal } from "./seal.ts";
import {
  answerPreflight,
  answerSealed,
  answerSealedError,
  endAnswer,
  noSuchApp,
  refuseSealedUpgrade,
} from "./sealing.ts";
import type { SharedApps } from "./shared-apps.ts";
import { shimPaths } from "./shim.ts";
import type { Located } from "./target.ts";

export type SharedAppRoute = Extract<Route, { kind: "shared-app" }>;

export interface AppLimits {
  /** Of one guest, at once. */
  readonly requests: number;
  readonly sockets: number;
  /** Bytes of a request. */
  readonly upload: number;
}

export interface SealedFrontParts {
  readonly table: ShareTable;
  readonly apps: SharedApps;
  readonly audit: AuditLog;
  readonly limits: AppLimits;
  /** Path prefix of the gateway, begins and ends with `/`. */
  readonly baseUrl: string;
  readonly logger: Logger;
  /** A guest did something that counts as activity (RULES R20). */
  readonly onActivity: () => void;
}

/** A request below `share/<id>/app/<token>/`. */
export interface SealedRequest {
  readonly request: IncomingMessage;
  readonly context: RequestContext;
  readonly route: SharedAppRoute;
}

/** One whose token stands for a guest. */
interface Admitted extends SealedRequest {
  readonly capability: Capability;
  readonly share: StoredShare;
}

interface OpenCounts {
  requests: number;
  sockets: number;
}

/** Bytes of a cookie that a script sets, with its path as JSON. */
const maxCookieBody = 16 * 1024;

const CookieSchema = Type.Object({ text: Type.String(), path: Type.String({ pattern: "^/" }) });

/** What guests' pages ask of shared apps (RULES R31): the token in the path authorizes, and nothing else counts. */
export class SealedFront {
  readonly #parts: SealedFrontParts;
  readonly #wrong = new WrongTries();
  readonly #polling = new PollingFilter();
  readonly #open = new Map<string, OpenCounts>();

  constructor(parts: SealedFrontParts) {
    this.#parts = parts;
  }

  async handle(asked: SealedRequest, response: ServerResponse): Promise<void> {
    const { request, route } = asked;
    const fail = (error: unknown) => this.fail(request, response, error);
    try {
      const admitted = await this.#admit(asked);
      // A browser that does not say what it asks for could show the app in a window of its own.
      if (request.headers["sec-fetch-dest"] === undefined && acceptsPage(request)) throw browserRefused();
      if (isPreflight(request)) return answerPreflight(request, response);
      if (route.path === `/${shimPaths.cookie}`) return await this.#setCookie(admitted, response);
      if (route.path === "") return answerSealed(request, response, 303, "", { Location: `${this.#prefix(route)}` });
      await this.#forward(admitted, response, fail);
    } catch (error) {
      fail(error);
    }
  }

  async upgrade(asked: SealedRequest, socket: Duplex, head: Buffer): Promise<void> {
    const { request } = asked;
    try {
      const admitted = await this.#admit(asked);
      // RULES R31: pages of apps have no origin, and nobody else has the token.
      if (request.headers.origin !== "null") throw noSuchApp();
      await this.#connect(admitted, socket, head);
    } catch (error) {
      refuseSealedUpgrade(socket, this.#known(error));
    }
  }

  /** Answers an error, sealed as everything else. */
  fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    answerSealedError(request, response, this.#known(error));
  }

  /** Wrong, ended and never made look alike. @throws GatewayError SHARED_APP_OVER, TOO_MANY_ATTEMPTS */
  async #admit(asked: SealedRequest): Promise<Admitted> {
    const { table, apps, audit } = this.#parts;
    const { route, context } = asked;
    const capability = apps.capabilities.find(route.share, route.token);
    const share = capability && table.shareFor(capability.session);
    if (capability !== undefined && share?.level === "app" && apps.mayUse(capability.session)) {
      return { ...asked, capability, share };
    }
    const seconds = await this.#wrong.count(context.clientAddress);
    if (table.findLive(route.share) !== undefined) audit.refused(route.share, "an address of the app that is over");
    throw seconds === undefined ? noSuchApp() : new GatewayError("TOO_MANY_ATTEMPTS", { seconds });
  }

  async #forward(admitted: Admitted, response: ServerResponse, fail: (error: unknown) => void): Promise<void> {
    const { request, context, capability, share } = admitted;
    const length = Number(request.headers["content-length"] ?? 0);
    if (length > this.#parts.limits.upload) throw uploadRefused(this.#parts.limits.upload);
    const closed = this.#count(capability, "requests");
    response.once("close", closed);
    const { path, saveAs } = savedPath(admitted.route.path);
    const located = await this.#locate(admitted, path, context.query).catch((error: unknown) => {
      closed();
      throw error;
    });
    response.once("close", located.release);
    if (capability.isOver) throw noSuchApp();
    if (share.app?.keepsServer === true && this.#polling.isPersonal(request, context.path, context.query)) {
      this.#parts.onActivity();
    }
    const forward = this.#forwardOf(admitted, located, path, saveAs, fail);
    const giveUp = proxyRequest(request, response, forward);
    const part: OpenPart = {
      end: () => {
        giveUp();
        if (response.headersSent) endAnswer(response);
        else fail(noSuchApp());
      },
    };
    response.once("close", capability.opened(part));
  }

  async #connect(admitted: Admitted, socket: Duplex, head: Buffer): Promise<void> {
    const { request, context, capability, share } = admitted;
    const closed = this.#count(capability, "sockets");
    socket.once("close", closed);
    const { path } = admitted.route;
    const located = await this.#locate(admitted, path, context.query);
    socket.once("close", located.release);
    if (capability.isOver) throw noSuchApp();
    let tunnel: Tunnel | undefined;
    const part: OpenPart = {
      end: (reason) => {
        if (tunnel === undefined) socket.destroy();
        else tunnel.close(sessionClose[reason], reason);
      },
    };
    socket.once("close", capability.opened(part));
    const forward = this.#forwardOf(admitted, located, path, undefined, (error) =>
      refuseSealedUpgrade(socket, this.#known(error)),
    );
    proxyUpgrade(request, socket, head, {
      ...forward,
      onTunnel: (accepted) => {
        tunnel = accepted;
        this.#watch(accepted, share, capability);
      },
    });
  }

  /** What people send counts as activity where the owner chose it; what a browser sends by itself does not. */
  #watch(tunnel: Tunnel, share: StoredShare, { traffic }: Capability): void {
    const touch = () => {
      if (share.app?.keepsServer === true) this.#parts.onActivity();
    };
    tunnel.watchBrowser(
      {
        onFrame: ({ opcode, length }) => {
          traffic.received += Number(length);
          if (opcode < 8) touch();
          return false;
        },
      },
      touch,
    );
  }

  #forwardOf(
    { request, context, capability, share, route }: Admitted,
    { backend, target, requestHeaders }: Located,
    path: string,
    saveAs: string | undefined,
    onError: (error: unknown) => void,
  ): Forward {
    const { apps, limits, baseUrl, logger } = this.#parts;
    const { base, keepsBase } = apps.targetOf(share);
    const { session, traffic } = capability;
    const prefix = this.#prefix(route);
    return {
      backend,
      target,
      prefix,
      prefixStripped: !keepsBase,
      context,
      credentials: "none",
      hubPrefix: "",
      rewriteHtml: false,
      ...(requestHeaders === undefined ? {} : { requestHeaders }),
      reshape: new Seal({
        request,
        context,
        sharePath: `${baseUrl}share/${share.id}/`,
        prefix,
        base,
        keepsBase,
        path: path + context.query,
        jar: apps.jarOf(session),
        traffic,
        maxUpload: limits.upload,
        guest: share.app?.names === true ? (session.hubUser ?? session.name) : undefined,
        saveAs,
      }),
      onError,
      onCut: (error) => logger.warn({ request: context.id, reason: error.message }, "an app's answer broke off"),
    };
  }

  #locate({ share, capability }: Admitted, path: string, query: string): Promise<Located> {
    const target = this.#parts.apps.targetOf(share);
    return Promise.resolve(target.locate(path, query, whoIs(capability.session)));
  }

  /** A script of the page set a cookie. */
  async #setCookie({ request, capability }: Admitted, response: ServerResponse): Promise<void> {
    const isSmall = Number(request.headers["content-length"] ?? Number.POSITIVE_INFINITY) <= maxCookieBody;
    const cookie = request.method === "POST" && isSmall ? readCookie(await text(request)) : undefined;
    if (cookie === undefined) {
      throw new GatewayError("BAD_REQUEST", { reason: "it is no cookie", base: this.#parts.baseUrl });
    }
    this.#parts.apps.jarOf(capability.session).keepFromScript(cookie.text, cookie.path);
    answerSealed(request, response, 204);
  }

  #prefix({ share, token }: SharedAppRoute): string {
    return `${this.#parts.baseUrl}share/${share}/app/${token}/`;
  }

  /** RULES R14. @returns call it when it is over */
  #count({ session }: Capability, kind: keyof OpenCounts): () => void {
    const counts = this.#open.get(session.id) ?? { requests: 0, sockets: 0 };
    const most = this.#parts.limits[kind];
    if (counts[kind] >= most) throw new GatewayError("SHARE_BUSY", { most });
    counts[kind] += 1;
    this.#open.set(session.id, counts);
    let isOpen = true;
    return () => {
      if (isOpen) counts[kind] -= 1;
      isOpen = false;
      if (counts.requests + counts.sockets === 0) this.#open.delete(session.id);
    };
  }

  #known(error: unknown): GatewayError {
    if (error instanceof GatewayError) return error;
    this.#parts.logger.error({ err: error }, "a request to a shared app failed");
    return new GatewayError("INTERNAL", { request: "" });
  }
}

/** `/__waiide__/attach/<name>/a/b` → `/a/b`, to be saved under that name. */
function savedPath(path: string): { readonly path: string; readonly saveAs: string | undefined } {
  const mount = `/${shimPaths.attach}`;
  const end = path.startsWith(mount) ? path.indexOf("/", mount.length) : -1;
  return end === -1 ? { path, saveAs: undefined } : { path: path.slice(end), saveAs: path.slice(mount.length, end) };
}

function readCookie(body: string): Static<typeof CookieSchema> | undefined {
  const cookie = parseMessage(body);
  return Value.Check(CookieSchema, cookie) ? cookie : undefined;
}

function browserRefused(): GatewayError {
  return new GatewayError("SHARED_APP_BROWSER");
}

function uploadRefused(most: number): GatewayError {
  return new GatewayError("SHARED_APP_UPLOAD", { most });
}
