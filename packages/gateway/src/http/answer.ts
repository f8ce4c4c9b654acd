import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { GatewayError } from "../base/errors.ts";
import { breakOff } from "./break-off.ts";
import { asDeclared } from "./content-type.ts";
import { isolate } from "./isolation.ts";
import { isNavigation } from "./navigation.ts";
import { errorPage } from "./pages/error.ts";
import { errorHeader } from "./pages/waiting.ts";
import type { RequestContext } from "./request-context.ts";

/** Answers with a page to people and with JSON to programs. Cuts the connection if a response has already begun. */
export function answerError(
  request: IncomingMessage,
  response: ServerResponse,
  context: RequestContext,
  error: GatewayError,
): void {
  if (response.headersSent) {
    breakOff(response);
    return;
  }
  isolate(request, response);
  const headers = errorHeaders(error);
  if (isNavigation(request)) {
    const page = errorPage(error, context);
    response.writeHead(error.status, { ...headers, ...page.headers }).end(page.html);
    return;
  }
  const body = JSON.stringify(error.toBody());
  response
    .writeHead(error.status, {
      ...headers,
      "Content-Type": "application/json; charset=utf-8",
      "Content-Length": Buffer.byteLength(body),
    })
    .end(request.method === "HEAD" ? undefined : body);
}

/** Answers a refused upgrade on its raw socket and closes it; never with a redirect (RULES R1). */
export function answerUpgradeError(socket: Duplex, error: GatewayError): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(error.toBody());
  const lines = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
    ...Object.entries(errorHeaders(error)).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** 303: the browser continues with GET (RFC 9110 §15.4.4). 307: a moved path, where method and body stay. */
export function answerRedirect(
  response: ServerResponse,
  status: 303 | 307,
  location: string,
  cookies: readonly string[] = [],
): void {
  response
    .writeHead(status, {
      Location: location,
      "Cache-Control": "no-store",
      "Referrer-Policy": "no-referrer",
      "Content-Length": 0,
      ...(cookies.length === 0 ? {} : { "Set-Cookie": [...cookies] }),
    })
    .end();
}

export interface Content {
  /** Default: 200. */
  readonly status?: number;
  readonly type: string;
  readonly body: Buffer | string;
  /** Default: `no-store`. */
  readonly cacheControl?: string;
}

/** Answers with a content that is at hand. */
export function answerContent(
  response: ServerResponse,
  { status = 200, type, body, cacheControl = "no-store" }: Content,
): void {
  response
    .writeHead(status, {
      "Content-Type": type,
      "Content-Length": Buffer.byteLength(body),
      "Cache-Control": cacheControl,
      ...asDeclared,
    })
    .end(body);
}

/** Headers of an error, independent of its body. */
export function errorHeaders(error: GatewayError): Record<string, string> {
  const headers: Record<string, string> = {
    "Cache-Control": "no-store",
    ...asDeclared,
    [errorHeader]: error.code,
  };
  // RFC 9110 §15.5.6.
  if (error.code === "METHOD_NOT_ALLOWED") headers.Allow = String(error.details.allow);
  if (error.status === 503 || error.code === "SHARE_BUSY") {
    headers["Retry-After"] = String(error.details.seconds ?? 1);
  }
  if (error.code === "TOO_MANY_ATTEMPTS") headers["Retry-After"] = String(error.details.seconds);
  // Git asks for a password only when it is asked for one like this.
  if (error.code === "SHARE_GIT_PASSWORD") headers["WWW-Authenticate"] = 'Basic realm="WAIIDE share"';
  else if (error.status === 401) headers["WWW-Authenticate"] = 'Bearer realm="WAIIDE"';
  return headers;
}
