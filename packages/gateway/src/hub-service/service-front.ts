import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { GatewayError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { answerError, answerRedirect } from "../http/answer.ts";
import { limitArrival } from "../http/arrival.ts";
import type { TrustedProxies } from "../http/forwarded.ts";
import { isolate } from "../http/isolation.ts";
import { readMethods, refuseMethod } from "../http/methods.ts";
import { foreignOrigin, isSafe } from "../http/origin.ts";
import type { Page } from "../http/pages/page.ts";
import type { RequestContext } from "../http/request-context.ts";
import { originForm, splitTarget } from "../http/request-target.ts";
import type { HubAuthentication } from "../hub/hub-authentication.ts";
import { type CompleteLoginOptions, completeLogin } from "../hub/hub-login.ts";
import { endAllPage } from "../pages/end-all.ts";
import { sharesPage } from "../pages/shares.ts";
import { Notices } from "./notices.ts";
import type { Administrator, Ending, ShareAdministration } from "./share-administration.ts";

export interface ServiceFrontParts {
  /** Path of the service, begins and ends with `/`. */
  readonly baseUrl: string;
  /** Address of the hub's own pages, ends with `/hub/`. */
  readonly hubAddress: string;
  readonly allowedOrigins: readonly string[];
  readonly login: CompleteLoginOptions;
  readonly authentication: HubAuthentication;
  readonly trustedProxies: TrustedProxies;
  readonly administration: ShareAdministration;
  readonly logger: Logger;
}

/** Forms of ours are a tenth of it. Bytes. */
const maxFormSize = 8_192;
/** Seconds between looks of a page that is kept up to date. */
const refreshInterval = 30;

/** What is served, for what is asked with another method. */
const paths: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ...["/", "/healthz", "/oauth_callback", "/logout"].map((path) => [path, readMethods] as const),
  ["/end", [...readMethods, "POST"]],
]);

/** Where every request of the administrator's page arrives: login, then who may, then what was asked for. */
export class ServiceFront {
  readonly #parts: ServiceFrontParts;
  readonly #notices = new Notices();
  /** Proves that a form comes from a page that we made for this administrator. */
  readonly #proofKey = randomBytes(32);
  #requests = 0;

  constructor(parts: ServiceFrontParts) {
    this.#parts = parts;
  }

  readonly onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const context = this.#locate(request);
    limitArrival(request, response);
    isolate(request, response);
    this.#handle(request, response, context).catch((error: unknown) => {
      answerError(request, response, context, this.#known(error, context));
    });
  };

  #locate(request: IncomingMessage): RequestContext {
    const { baseUrl, trustedProxies } = this.#parts;
    request.url = originForm(request.url ?? "", request.headers.host) ?? request.url ?? "";
    const target = splitTarget(request.url, baseUrl);
    this.#requests += 1;
    return {
      id: this.#requests.toString(36),
      path: typeof target === "object" ? target.path : "",
      query: typeof target === "object" ? target.query : "",
      baseUrl,
      host: request.headers.host ?? "",
      ...trustedProxies.originationOf(request),
    };
  }

  async #handle(request: IncomingMessage, response: ServerResponse, context: RequestContext): Promise<void> {
    const { url = "" } = request;
    // Node sends no body in answer to HEAD.
    const method = request.method === "HEAD" ? "GET" : (request.method ?? "");
    switch (`${method} ${context.path}`) {
      case "GET /healthz":
        response.writeHead(200, { "Content-Type": "text/plain" }).end("ok\n");
        return;
      case "GET /oauth_callback":
        return this.#finishLogin(request, response, context);
      case "GET /logout":
        return this.#logOut(request, response, context);
      case "GET /":
        return this.#show(request, response, context);
      case "GET /end":
        return this.#confirm(request, response, context);
      case "POST /end":
        return this.#end(request, response, context);
      default:
        // The prefix without its slash.
        if (method === "GET" && `${url}/` === context.baseUrl) return answerRedirect(response, 307, context.baseUrl);
        if (paths.has(context.path)) return refuseMethod(request, response, paths.get(context.path) ?? []);
        throw new GatewayError("NOT_FOUND", { path: url.split("?", 1)[0] ?? "", base: context.baseUrl });
    }
  }

  async #finishLogin(request: IncomingMessage, response: ServerResponse, context: RequestContext): Promise<void> {
    const query = Object.fromEntries(new URLSearchParams(context.query));
    const { next, cookies } = await completeLogin(this.#parts.login, request, query, context.scheme);
    answerRedirect(response, 303, next, cookies);
  }

  async #logOut(request: IncomingMessage, response: ServerResponse, { scheme }: RequestContext): Promise<void> {
    requireNavigation(request);
    const cookies = this.#parts.authentication.closeSession(request, scheme);
    answerRedirect(response, 303, `${this.#parts.hubAddress}logout`, cookies);
  }

  async #show(request: IncomingMessage, response: ServerResponse, context: RequestContext): Promise<void> {
    const administrator = await this.#enter(request, response, context);
    if (administrator === undefined) return;
    const query = new URLSearchParams(context.query);
    const notice = this.#notices.take(query.get("done"), administrator.name);
    const servers = await this.#parts.administration.look(administrator);
    const page = sharesPage({
      ...this.#frame(administrator, context),
      servers,
      notice,
      takenAt: Date.now(),
      refresh: query.has("live") ? refreshInterval : undefined,
    });
    answerPage(response, page);
  }

  async #confirm(request: IncomingMessage, response: ServerResponse, context: RequestContext): Promise<void> {
    const administrator = await this.#enter(request, response, context);
    if (administrator === undefined) return;
    const user = new URLSearchParams(context.query).get("user") ?? "";
    const servers = await this.#parts.administration.look(administrator, user);
    answerPage(response, endAllPage({ ...this.#frame(administrator, context), user, servers }));
  }

  async #end(request: IncomingMessage, response: ServerResponse, context: RequestContext): Promise<void> {
    const administrator = await this.#enter(request, response, context);
    if (administrator === undefined) return;
    const form = new URLSearchParams(await readForm(request, context));
    const proof = Buffer.from(form.get("proof") ?? "");
    const expected = Buffer.from(this.#proofFor(administrator));
    if (proof.length !== expected.length || !timingSafeEqual(proof, expected)) {
      throw new GatewayError("FORM_STALE", { base: context.baseUrl });
    }
    const notice = await this.#parts.administration.end(administrator, endingOf(form, context));
    const done = this.#notices.keep(notice, administrator.name);
    answerRedirect(response, 303, `${context.baseUrl}?done=${done}`);
  }

  /** @returns undefined where the browser was sent to the hub's login. @throws GatewayError of whoever may not */
  async #enter(
    request: IncomingMessage,
    response: ServerResponse,
    context: RequestContext,
  ): Promise<Administrator | undefined> {
    const { authentication, allowedOrigins } = this.#parts;
    requireNavigation(request);
    const verdict = await authentication.authenticate(request, context);
    if (verdict.kind === "refused") throw verdict.error;
    if (verdict.kind === "unknown" && request.method === "GET") {
      const next = `${context.baseUrl}${context.path.slice(1)}${context.query}`;
      const { location, cookies } = authentication.beginLogin(request, context, next);
      answerRedirect(response, 303, location, cookies);
      return undefined;
    }
    // RULES R5. Programs with tokens have no business here: they would be taken for the person whose cookie they lack.
    const foreign = isUnsaid(request) ? "none" : foreignOrigin(request, false, allowedOrigins);
    if (foreign !== undefined) throw new GatewayError("ORIGIN_REFUSED", { origin: foreign, host: context.host });
    const isIn = verdict.kind === "admitted" && verdict.by === "cookie";
    const person = isIn ? await authentication.personOf(request) : undefined;
    if (person === undefined) throw new GatewayError("LOGIN_REQUIRED");
    return person;
  }

  #frame(administrator: Administrator, { baseUrl }: RequestContext) {
    const { hubAddress } = this.#parts;
    return { baseUrl, hubAddress, administrator: administrator.name, proof: this.#proofFor(administrator) };
  }

  #proofFor({ name }: Administrator): string {
    return createHmac("sha256", this.#proofKey).update(name).digest("base64url");
  }

  #known(error: unknown, context: RequestContext): GatewayError {
    if (error instanceof GatewayError) {
      if (error.code !== "HUB_ACCESS_DENIED") return error;
      return new GatewayError("HUB_SERVICE_DENIED", { user: error.details.user ?? "", base: context.baseUrl });
    }
    this.#parts.logger.error({ err: error, request: context.id }, "a request failed");
    return new GatewayError("INTERNAL", { request: context.id });
  }
}

/** A form that no browser sends: programs may do so elsewhere, where they are let in by what they are. */
function isUnsaid(request: IncomingMessage): boolean {
  const { origin, "sec-fetch-site": site } = request.headers;
  return !isSafe(request) && origin === undefined && site === undefined;
}

/**
 * The page is for people alone. On one origin for everybody, scripts in other users' pages could else read it and send its
 * forms in the name of an administrator who looks at them: what a browser loads for a script says so, and is refused.
 */
function requireNavigation(request: IncomingMessage): void {
  const { headers } = request;
  const { "sec-fetch-mode": mode, "sec-fetch-dest": destination } = headers;
  const isNavigation = mode === undefined || (mode === "navigate" && destination === "document");
  if (!isNavigation || headers["service-worker-navigation-preload"] !== undefined)
    throw new GatewayError("LOGIN_REQUIRED");
}

function endingOf(form: URLSearchParams, { baseUrl: base }: RequestContext): Ending {
  const [user, name, share] = ["user", "server", "share"].map((field) => form.get(field));
  if (!user) throw new GatewayError("BAD_REQUEST", { reason: "the form has no user", base });
  if (typeof share !== "string") return { kind: "user", user };
  if (!/^[\w-]{1,64}$/.test(share)) throw new GatewayError("BAD_REQUEST", { reason: "the form has no share", base });
  return { kind: "share", user, name: name ?? "", share };
}

async function readForm(request: IncomingMessage, { baseUrl: base }: RequestContext): Promise<string> {
  const type = request.headers["content-type"] ?? "";
  if (!type.startsWith("application/x-www-form-urlencoded")) {
    throw new GatewayError("BAD_REQUEST", { reason: "it is not a form", base });
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxFormSize) throw new GatewayError("BAD_REQUEST", { reason: "the form is too long", base });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function answerPage(response: ServerResponse, { html, headers }: Page): void {
  response.writeHead(200, { ...headers, "Content-Length": Buffer.byteLength(html) }).end(html);
}
