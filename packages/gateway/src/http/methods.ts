import type { IncomingMessage, ServerResponse } from "node:http";
import { GatewayError } from "../base/errors.ts";

/** Which methods each of our paths takes, so that another one is told apart from a path that is not there. */
export class PathMethods {
  readonly #rows = new Map<string, Row>();

  /** @param pattern as Fastify has it: `:name` stands for one segment */
  add(pattern: string, methods: string | readonly string[]): void {
    const names = pattern.split("/").filter((segment) => segment.startsWith(":")).length;
    const row = this.#rows.get(pattern) ?? { path: pathOf(pattern), names, methods: new Set<string>() };
    for (const method of [methods].flat()) row.methods.add(method);
    this.#rows.set(pattern, row);
  }

  /** Those of the pattern that says most about the path. @returns none for a path that is not there */
  of(path: string): readonly string[] {
    const rows = [...this.#rows.values()].filter((row) => row.path.test(path));
    const fewest = Math.min(...rows.map(({ names }) => names));
    const closest = rows.filter(({ names }) => names === fewest);
    return [...new Set(closest.flatMap(({ methods }) => [...methods]))];
  }
}

interface Row {
  readonly path: RegExp;
  /** How many segments stand for any name. */
  readonly names: number;
  readonly methods: Set<string>;
}

/** What files and pages take. */
export const readMethods = ["GET", "HEAD"] as const;

/**
 * For a request with a method that its address does not take: OPTIONS is answered (RFC 9110 §9.3.7).
 * @throws GatewayError METHOD_NOT_ALLOWED for every other one
 */
export function refuseMethod(request: IncomingMessage, response: ServerResponse, methods: readonly string[]): void {
  const { method = "" } = request;
  const allow = [...methods, "OPTIONS"].join(", ");
  if (method !== "OPTIONS") throw new GatewayError("METHOD_NOT_ALLOWED", { method, allow });
  response.writeHead(204, { Allow: allow, "Cache-Control": "no-store" }).end();
}

/** @returns whether the request reads; all others are answered, or refused, here */
export function isRead(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method === "GET" || request.method === "HEAD") return true;
  refuseMethod(request, response, readMethods);
  return false;
}

function pathOf(pattern: string): RegExp {
  const segments = pattern.replace(/\/$/, "").split("/");
  const source = segments.map((segment) => (segment.startsWith(":") ? "[^/]+" : escaped(segment))).join("/");
  return new RegExp(`^${source}/?$`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
