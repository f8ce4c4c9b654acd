import type { ServerResponse } from "node:http";
import { senderOf } from "../access/foreign-visit.ts";
import { isolate } from "../http/isolation.ts";
import { sameHostAddress } from "../http/request-target.ts";
import { foreignVisitPage } from "../pages/foreign-visit.ts";
import type { Arrival } from "./exchange.ts";

/** The question that a person meets whom another site sent to a program. */
export function answerForeignVisit({
  request,
  response,
  route,
  context: { baseUrl, path, query, home },
}: Arrival & { readonly response: ServerResponse }): void {
  isolate(request, response);
  const page = foreignVisitPage({
    address: sameHostAddress(`${baseUrl}${path.slice(1)}${query}`),
    program: programOf(route),
    sender: senderOf(request),
    home: home === undefined ? baseUrl : home(),
  });
  response.writeHead(200, page.headers).end(page.html);
}

function programOf(route: Arrival["route"]): string {
  if (route.kind === "app") return `the app “${decoded(route.name)}”`;
  const authority = route.kind === "port" ? decoded(route.authority) : "";
  return /^\d+$/.test(authority) ? `port ${authority}` : authority;
}

/** For show only: what cannot be decoded is shown as it was sent. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
