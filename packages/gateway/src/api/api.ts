import { createServer, type RequestListener, type Server } from "node:http";
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import {
  ErrorBodySchema,
  type Health,
  HealthSchema,
  type IdeState,
  type Services,
  ServicesSchema,
  type Status,
  StatusSchema,
} from "@waiide/protocol";
import Fastify, { type FastifyError, type FastifySchema, type FastifySchemaCompiler } from "fastify";
import type { FastifySchemaValidationError } from "fastify/types/schema.js";
import { type TObject, Type } from "typebox";
import type { RouteHost } from "../access/route-host.ts";
import { type Mode, matchRoute, type Who } from "../access/routes.ts";
import { type ActivitySources, addActivityRoutes } from "../activity/activity-routes.ts";
import { GatewayError } from "../base/errors.ts";
import type { Finding } from "../base/finding.ts";
import type { Logger } from "../base/log.ts";
import { version } from "../base/version.ts";
import { errorHeaders } from "../http/answer.ts";
import { PathMethods, refuseMethod } from "../http/methods.ts";
import { isNavigation } from "../http/navigation.ts";
import { errorPage } from "../http/pages/error.ts";
import type { Hub } from "../hub/hub.ts";
import { addHubRoutes } from "../hub/hub-routes.ts";
import { addLoginRoutes, type LoginSources } from "../pages/login-routes.ts";
import { addGuestRoutes } from "../share/guests/routes.ts";
import { addShareRoutes } from "../share/share-routes.ts";
import type { Sharing } from "../share/sharing.ts";
import type { Metrics } from "./metrics.ts";
import { addServerRoutes, type ServerSources } from "./server-routes.ts";

/** What the API tells about; all of it lives elsewhere. */
export interface ApiSources extends LoginSources, ActivitySources, ServerSources {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly status: () => Status;
  readonly services: () => Services["services"];
  readonly restartIde: () => void;
  /** Undefined without a hub. */
  readonly hub: Hub | undefined;
  readonly checkHub: () => Promise<Finding[]>;
  readonly sharing: Sharing;
}

/** Fastify with our schemas; owns no socket: the gateway's server calls its handler. */
function createInstance(serverFactory: (handler: RequestListener) => Server, base: string): RouteHost {
  return (
    Fastify<Server>({
      serverFactory: (handler) => serverFactory(handler as RequestListener),
      // Addresses that its router cannot read never come to a route, nor to the error handler.
      frameworkErrors: (error, _request, reply) => {
        const known = new GatewayError("BAD_REQUEST", { reason: error.message, base });
        const headers = { ...errorHeaders(known), "Content-Type": "application/json; charset=utf-8" };
        reply.hijack();
        reply.raw.writeHead(known.status, headers).end(JSON.stringify(known.toBody()));
      },
      routerOptions: { ignoreTrailingSlash: true },
    })
      .setValidatorCompiler(compileValidator)
      // Compiling serialisers costs a third of the time until the first answer, and gains nothing for routes as rare as ours.
      .setSerializerCompiler(() => JSON.stringify)
      .withTypeProvider<TypeBoxTypeProvider>()
  );
}

/** A query's numbers are text. TypeBox would also take `true` for 1. */
const compileValidator: FastifySchemaCompiler<TObject> = (route) => {
  const validate = TypeBoxValidatorCompiler(route as Parameters<typeof TypeBoxValidatorCompiler>[0]);
  if (route.httpPart !== "querystring") return validate;
  const numbers = Object.keys(route.schema.properties).filter((name) => Type.IsInteger(route.schema.properties[name]));
  return (query: Record<string, unknown>) => {
    const wrong = numbers.find((name) => query[name] !== undefined && !/^\d+$/.test(String(query[name])));
    if (wrong === undefined) return validate(query);
    const message = "must be integer";
    return { error: [{ keyword: "type", instancePath: `/${wrong}`, schemaPath: "", params: {}, message }] };
  };
};

/**
 * Our own routes. Paths are below the base URL: the gateway strips it before it hands a request over.
 * @param serverFactory receives the handler that answers requests and returns the server that will call it
 */
export function createApi(sources: ApiSources, serverFactory: (handler: RequestListener) => Server): RouteHost {
  const api = createInstance(serverFactory, sources.baseUrl);
  answerErrors(api, sources);
  addRoutes(api, sources);
  return api;
}

function addRoutes(api: RouteHost, sources: ApiSources): void {
  const mode = sources.hub === undefined ? "standalone" : "jupyterhub";
  const methods = new PathMethods();
  api.addHook("onRoute", ({ url, method, config }) => {
    declaresWho(url, config?.who, mode);
    methods.add(url, method);
  });
  // Before a body is read, which may be of any kind.
  api.addHook("onRequest", async (request, reply) => {
    if (!request.is404) return;
    const path = request.url.split("?", 1)[0] ?? "";
    const known = methods.of(path);
    if (known.length === 0) throw new GatewayError("NOT_FOUND", { path: request.url, base: sources.baseUrl });
    refuseMethod(request.raw, reply.raw, known);
    reply.hijack();
  });
  addStateRoutes(api, sources);
  addToolRoutes(api, sources);
  addActivityRoutes(api, sources);
  addServerRoutes(api, sources);
  addShareRoutes(api, sources.sharing.owner);
  addGuestRoutes(api, { ...sources, guests: sources.sharing.guests });
  if (sources.hub === undefined) addLoginRoutes(api, sources);
  else addHubRoutes(api, { ...sources, hub: sources.hub });
}

/** The gate decides by `routeTable` before Fastify runs: a route that says otherwise would be open, or closed, by mistake. */
export function declaresWho(url: string, who: Who | undefined, mode: Mode = "standalone"): void {
  const gate = matchRoute(url, "/", mode);
  if (gate.kind !== "api") throw new Error(`route ${url} is never reached: the route table takes it for ${gate.kind}`);
  if (who === undefined) throw new Error(`route ${url} does not declare who may call it`);
  if (gate.who !== who) throw new Error(`route ${url} declares ${who}, but the gate lets in ${gate.who}`);
}

/** The same routes once more, for their description alone: what describes them is loaded when somebody asks. */
async function describeRoutes(sources: ApiSources): Promise<object> {
  const { default: swagger } = await import("@fastify/swagger");
  const api = createInstance((handler) => createServer(handler), sources.baseUrl);
  await api.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "WAIIDE gateway", version, description: "All paths lie below the base URL." },
      servers: [{ url: sources.baseUrl }],
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
    },
    transform: ({ schema, url, route }) => ({ url, schema: described(schema, route.config?.who) }),
  });
  addRoutes(api, sources);
  await api.ready();
  return api.swagger();
}

/** What holds for all routes alike: how a program logs in, and what it is told when it is refused. */
function described(schema: FastifySchema, who: Who | undefined): FastifySchema {
  const anything = { "2xx": { description: "No JSON", content: { "*/*": { schema: {} } } } };
  return {
    ...schema,
    ...(who === "owner" ? { security: [{ token: [] }] } : {}),
    response: { ...(schema.response ?? anything), default: ErrorBodySchema },
  };
}

function addStateRoutes(api: RouteHost, sources: ApiSources): void {
  const schema = {
    summary: "Answers at once, whatever the IDE does",
    response: { 200: Type.Object({ name: Type.String(), version: Type.String() }) },
  };
  api.get("/api", { config: { who: "anyone" }, schema }, () => ({ name: "waiide", version }));
  api.get(
    "/api/health",
    {
      config: { who: "anyone" },
      schema: { summary: "For probes", response: { 200: HealthSchema, 503: HealthSchema } },
    },
    (_request, reply) => {
      const health = healthOf(sources.status().ide.state);
      reply.code(health.status === "failed" ? 503 : 200);
      return health;
    },
  );
  api.get(
    "/api/status",
    {
      config: { who: "owner" },
      schema: { summary: "Activity and the IDE's state and log", response: { 200: StatusSchema } },
    },
    () => sources.status(),
  );
  api.get(
    "/api/services",
    { config: { who: "owner" }, schema: { summary: "What can be opened here", response: { 200: ServicesSchema } } },
    () => ({ services: sources.services() }),
  );
}

function healthOf(ide: IdeState): Health {
  if (ide === "ready") return { status: "ok", version, ide };
  return { status: ide === "starting" ? "starting" : "failed", version, ide };
}

function addToolRoutes(api: RouteHost, sources: ApiSources): void {
  api.post(
    "/api/ide/restart",
    { config: { who: "owner" }, schema: { summary: "Restarts the IDE server", response: { 202: Type.Null() } } },
    (_request, reply) => {
      sources.restartIde();
      reply.code(202);
      return null;
    },
  );
  api.get("/api/openapi.json", { config: { who: "owner" }, schema: { summary: "This document" } }, () =>
    describeRoutes(sources),
  );
  api.get(
    "/metrics",
    { config: { who: "owner" }, schema: { summary: "Prometheus metrics" } },
    async (_request, reply) => {
      const { contentType, text } = await sources.metrics.scrape();
      reply.type(contentType);
      return text;
    },
  );
  api.get(
    "/healthz",
    { config: { who: "anyone" }, schema: { summary: "Liveness: answers while the gateway runs" } },
    () => "ok\n",
  );
}

function answerErrors(api: RouteHost, sources: ApiSources): void {
  api.setErrorHandler((error: FastifyError | GatewayError, request, reply) => {
    const known = asGatewayError(error, request.id, sources);
    if (known.code === "INTERNAL") sources.logger.error({ err: error, request: request.id }, "a route failed");
    if (isNavigation(request.raw)) {
      const page = errorPage(known, { id: request.id, baseUrl: sources.baseUrl });
      return reply
        .code(known.status)
        .headers({ ...errorHeaders(known), ...page.headers })
        .send(page.html);
    }
    return reply.code(known.status).headers(errorHeaders(known)).send(known.toBody());
  });
}

function asGatewayError(error: FastifyError | GatewayError, request: string, sources: ApiSources): GatewayError {
  if (error instanceof GatewayError) return error;
  const wrong = "validation" in error ? error.validation?.[0] : undefined;
  if (wrong !== undefined) {
    const { field, reason } = explained(wrong);
    return new GatewayError("BAD_REQUEST", { field, reason: `“${field}” ${reason}`, base: sources.baseUrl });
  }
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return new GatewayError("BAD_REQUEST", { reason: error.message, base: sources.baseUrl });
  }
  return new GatewayError("INTERNAL", { request });
}

/** What the schema says of a request: which part is wrong, and why. */
function explained(error: FastifySchemaValidationError): { field: string; reason: string } {
  const { keyword, params } = error;
  const { additionalProperties, requiredProperties } = params as Record<string, string[] | undefined>;
  const place = error.instancePath.slice(1).replaceAll("/", ".");
  const named = (names: readonly string[]) => [place, ...names.slice(0, 1)].filter((part) => part !== "").join(".");
  if (additionalProperties !== undefined) return { field: named(additionalProperties), reason: "is not known here" };
  if (requiredProperties !== undefined) return { field: named(requiredProperties), reason: "is missing" };
  const field = place === "" ? "the request" : place;
  if (keyword === "minimum") return { field, reason: `must be at least ${params.limit}` };
  if (keyword === "maximum") return { field, reason: `must be at most ${params.limit}` };
  return { field, reason: error.message ?? "is not valid" };
}
