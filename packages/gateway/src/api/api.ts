import { createServer, type RequestListener, type Server } from "node:http";
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import { ErrorBodySchema } from "@waiide/protocol";
import Fastify, { type FastifyError, type FastifySchema, type FastifySchemaCompiler } from "fastify";
import type { FastifySchemaValidationError } from "fastify/types/schema.js";
import { type TObject, Type } from "typebox";
import type { AddRoutes, RouteHost } from "../access/route-host.ts";
import { type Mode, matchRoute, type Who } from "../access/routes.ts";
import { GatewayError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { version } from "../base/version.ts";
import { errorHeaders } from "../http/answer.ts";
import { PathMethods, refuseMethod } from "../http/methods.ts";
import { isNavigation } from "../http/navigation.ts";
import { errorPage } from "../http/pages/error.ts";

export interface ApiOptions {
  readonly baseUrl: string;
  readonly mode: Mode;
  readonly logger: Logger;
  /** Each part's routes. They are registered once more for the OpenAPI document. */
  readonly routes: readonly AddRoutes[];
}

/** Fastify with our schemas. It owns no socket: the gateway's server calls its handler. */
function createInstance(serverFactory: (handler: RequestListener) => Server, base: string): RouteHost {
  return (
    Fastify<Server>({
      serverFactory: (handler) => serverFactory(handler as RequestListener),
      // Addresses that the router cannot read reach neither a route nor the error handler.
      frameworkErrors: (error, _request, reply) => {
        const known = new GatewayError("BAD_REQUEST", { reason: error.message, base });
        const headers = { ...errorHeaders(known), "Content-Type": "application/json; charset=utf-8" };
        reply.hijack();
        reply.raw.writeHead(known.status, headers).end(JSON.stringify(known.toBody()));
      },
      routerOptions: { ignoreTrailingSlash: true },
    })
      .setValidatorCompiler(compileValidator)
      // Compiling serializers takes a third of the time until the first answer; our routes are too rare to gain by it.
      .setSerializerCompiler(() => JSON.stringify)
      .withTypeProvider<TypeBoxTypeProvider>()
  );
}

/** Numbers in a query are text. TypeBox would also accept `true` for 1. */
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
 * The host of our own routes. Paths are below the base URL: the gateway strips it before it hands a request over.
 * @param serverFactory receives the handler that answers requests and returns the server that will call it
 */
export function createApi(options: ApiOptions, serverFactory: (handler: RequestListener) => Server): RouteHost {
  const api = createInstance(serverFactory, options.baseUrl);
  answerErrors(api, options);
  addRoutes(api, options);
  return api;
}

function addRoutes(api: RouteHost, options: ApiOptions): void {
  const { baseUrl, mode, routes } = options;
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
    if (known.length === 0) throw new GatewayError("NOT_FOUND", { path: request.url, base: baseUrl });
    refuseMethod(request.raw, reply.raw, known);
    reply.hijack();
  });
  api.get("/api/openapi.json", { config: { who: "owner" }, schema: { summary: "This document" } }, () =>
    describeRoutes(options),
  );
  for (const add of routes) add(api);
}

/** The gate decides by `routeTable` before Fastify runs: a route that declares something else would be open or closed by mistake. */
export function declaresWho(url: string, who: Who | undefined, mode: Mode = "standalone"): void {
  const gate = matchRoute(url, "/", mode);
  if (gate.kind !== "api") throw new Error(`route ${url} is never reached: the route table takes it for ${gate.kind}`);
  if (who === undefined) throw new Error(`route ${url} does not declare who may call it`);
  if (gate.who !== who) throw new Error(`route ${url} declares ${who}, but the gate lets in ${gate.who}`);
}

/** The same routes once more, only for their description. The library for it is loaded on demand. */
async function describeRoutes(options: ApiOptions): Promise<object> {
  const { default: swagger } = await import("@fastify/swagger");
  const api = createInstance((handler) => createServer(handler), options.baseUrl);
  await api.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "WAIIDE gateway", version, description: "All paths lie below the base URL." },
      servers: [{ url: options.baseUrl }],
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
    },
    transform: ({ schema, url, route }) => ({ url, schema: described(schema, route.config?.who) }),
  });
  addRoutes(api, options);
  await api.ready();
  return api.swagger();
}

/** Adds what all routes have in common: how a program logs in, and the body of a refusal. */
function described(schema: FastifySchema, who: Who | undefined): FastifySchema {
  const anything = { "2xx": { description: "No JSON", content: { "*/*": { schema: {} } } } };
  return {
    ...schema,
    ...(who === "owner" ? { security: [{ token: [] }] } : {}),
    response: { ...(schema.response ?? anything), default: ErrorBodySchema },
  };
}

function answerErrors(api: RouteHost, { baseUrl, logger }: Pick<ApiOptions, "baseUrl" | "logger">): void {
  api.setErrorHandler((error: FastifyError | GatewayError, request, reply) => {
    const known = asGatewayError(error, request.id, baseUrl);
    if (known.code === "INTERNAL") logger.error({ err: error, request: request.id }, "a route failed");
    if (isNavigation(request.raw)) {
      const page = errorPage(known, { id: request.id, baseUrl });
      return reply
        .code(known.status)
        .headers({ ...errorHeaders(known), ...page.headers })
        .send(page.html);
    }
    return reply.code(known.status).headers(errorHeaders(known)).send(known.toBody());
  });
}

function asGatewayError(error: FastifyError | GatewayError, request: string, base: string): GatewayError {
  if (error instanceof GatewayError) return error;
  const wrong = "validation" in error ? error.validation?.[0] : undefined;
  if (wrong !== undefined) {
    const { field, reason } = explained(wrong);
    return new GatewayError("BAD_REQUEST", { field, reason: `“${field}” ${reason}`, base });
  }
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return new GatewayError("BAD_REQUEST", { reason: error.message, base });
  }
  return new GatewayError("INTERNAL", { request });
}

/** Which field of a request is wrong by the schema, and why. */
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
