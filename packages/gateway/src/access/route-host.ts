import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import type { Who } from "./routes.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Who may call this route: the same as in `routeTable`, which the gate reads. */
    who?: Who;
  }
}

/** Where features register their routes: Fastify with our schemas. Paths are below the base URL. */
export type RouteHost = FastifyInstance<
  Server,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** Registers the routes of one part of the gateway. */
export type AddRoutes = (host: RouteHost) => void;
