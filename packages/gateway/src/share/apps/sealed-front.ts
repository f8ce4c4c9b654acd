import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { type Static, Type } from "typebox";
import Value from "typebox/value";
import type { Route } from "../../access/routes.ts";
import { WrongTries } from "../../access/wrong-tries.ts";
import { GatewayError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { acceptsPage, isPreflight } from "../../http/navigation.ts";
import type { RequestContext } from "../../http/request-context.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import { parseMessage } from "../guests/session-messages.ts";
import type { ShareTable } from "../records/table.ts";
import type { StoredShare } from "../store/stored.ts";
import type { Capability } from "./capabilities.ts";
import type { AppLimits, Forwarding, PermittedRequest } from "./forwarding.ts";
import { Seal } from "./seal.ts";
import {
  answerPreflight,
  answerSealed,
  answerSealedError,
  noSuchApp,
  refuseSealedUpgrade,
  toldError,
} from "./sealing.ts";
import type { SharedApps } from "./shared-apps.ts";
import { shimPaths } from "./shim.ts";

export type SharedAppRoute = Extract<Route, { kind: "shared-app" }>;

export interface SealedFrontParts {
  readonly table: ShareTable;
  readonly apps: SharedApps;
  readonly audit: AuditLog;
  readonly limits: AppLimits;
  readonly forwarding: Forwarding;
  /** Path prefix of the gateway, begins and ends with `/`. */
  readonly baseUrl: string;
  readonly logger: Logger;
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

/** Bytes of a cookie that a script sets, with its path as JSON. */
const maxCookieBody = 16 * 1024;

const CookieSchema = Type.Object({ text: Type.String(), path: Type.String({ pattern: "^/" }) });

/** What guests' pages ask of shared apps (RULES R31): the token in the path authorizes, and nothing else counts. */
export class SealedFront {
  readonly #parts: SealedFrontParts;
  readonly #wrong = new WrongTries();

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
      await this.#parts.forwarding.forward(this.#permitted(admitted), response, fail);
    } catch (error) {
      fail(error);
    }
  }

  async upgrade(asked: SealedRequest, socket: Duplex, head: Buffer): Promise<void> {
    const fail = (error: unknown) => refuseSealedUpgrade(socket, toldError(error, this.#parts.logger));
    try {
      const admitted = await this.#admit(asked);
      // RULES R31: pages of apps have no origin, and nobody else has the token.
      if (asked.request.headers.origin !== "null") throw noSuchApp();
      const { path } = admitted.route;
      await this.#parts.forwarding.connect({ ...this.#permitted(admitted), path }, socket, head, fail);
    } catch (error) {
      fail(error);
    }
  }

  /** Answers an error, sealed as everything else. */
  fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    answerSealedError(request, response, toldError(error, this.#parts.logger));
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

  #permitted(admitted: Admitted): PermittedRequest {
    const { request, context, capability, share, route } = admitted;
    const { apps, limits, baseUrl } = this.#parts;
    const { base, keepsBase } = apps.targetOf(share);
    const { session, traffic } = capability;
    const prefix = this.#prefix(route);
    const { path, saveAs } = savedPath(route.path);
    const reshape = new Seal({
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
    });
    const way = { prefix, prefixStripped: !keepsBase, credentials: "none", reshape } as const;
    return { request, context, capability, share, path, way };
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

export function browserRefused(): GatewayError {
  return new GatewayError("SHARED_APP_BROWSER");
}
