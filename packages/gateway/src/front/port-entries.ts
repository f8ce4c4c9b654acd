import type { IncomingMessage, ServerResponse } from "node:http";
import type { Admission } from "../access/gate.ts";
import { isolate } from "../http/isolation.ts";
import { portEntryPage } from "../pages/port-entry.ts";

type Entered = Extract<Admission, { kind: "entered" }>;

/** The page on which a login arrives at a port's own name, with its cookies. */
export function answerPortEntry(
  request: IncomingMessage,
  response: ServerResponse,
  { location, cookies }: Entered,
): void {
  isolate(request, response);
  const page = portEntryPage(location);
  response.writeHead(200, { ...page.headers, "Set-Cookie": [...cookies] }).end(page.html);
}
