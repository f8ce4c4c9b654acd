import type { IncomingMessage, ServerResponse } from "node:http";
import { GatewayError } from "../base/errors.ts";

/** The methods of each of our paths: a wrong method is 405, an unknown path 404. */
export class PathMethods {
  readonly #rows = new Map<string, Row>();

  /** @param pattern in Fastify's syntax: `:name` stands for one segment */
  add(pattern: string, methods: string | readonly string[]): void {
    const names = pattern.split("/").filter((segment) => segment.startsWith(":")).length;
    const row = this.#rows.get(pattern) ?? { path: pathOf(pattern), names, methods: new Set<string>() };
    for (const method of [methods].flat()) row.methods.add(method);
    this.#rows.set(pattern, row);
  }

  /** The methods of the most specific pattern. @returns none for an unknown path */
  of(path: string): readonly string[] {
    const rows = [...this.#rows.values()].filter((row) => row.path.test(path));
    const fewest = Math.min(...rows.map(({ names }) => names));
    const closest = rows.filter(({ names }) => names === fewest);
    return [...new Set(closest.flatMap(({ methods }) => [...methods]))];
  }
}

interface Row {
  readonly path: RegExp;
  /** How many segments are placeholders. */
  readonly names: number;
  readonly methods: Set<string>;
}

/** The methods of files and pages. */
export const readMethods = ["GET", "HEAD"] as const;

/**
 * Answers a request with a wrong method. OPTIONS gets the list of methods (RFC 9110 §9.3.7).
 * @throws GatewayError METHOD_NOT_ALLOWED for every other one
 */
export function refuseMethod(request: IncomingMessage, response: ServerResponse, methods: readonly string[]): void {
  const { method = "" } = request;
  const allow = [...methods, "OPTIONS"].join(", ");
  if (method !== "OPTIONS") throw new GatewayError("METHOD_NOT_ALLOWED", { method, allow });
  response.writeHead(204, { Allow: allow, "Cache-Control": "no-store" }).end();
}

/** @returns whether the request reads; all others are answered or refused here */
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
