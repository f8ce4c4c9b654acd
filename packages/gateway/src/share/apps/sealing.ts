import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { appSandbox } from "@waiide/protocol";
import { GatewayError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { answerUpgradeError, errorHeaders } from "../../http/answer.ts";
import { breakOff } from "../../http/break-off.ts";
import { asDeclared } from "../../http/content-type.ts";

/** Longer than any browser keeps the answer of a preflight. Seconds. */
const preflightLife = "7200";

/**
 * Headers of every answer below a shared app's path, also of refusals (RULES R31). An opaque origin is `null` to CORS: the
 * token in the path authorizes, and no cookie counts, so nothing is given away by it.
 */
export function sealHeaders({ headers }: Pick<IncomingMessage, "headers">): Record<string, string> {
  return {
    "Content-Security-Policy": `sandbox ${appSandbox}`,
    "Referrer-Policy": "no-referrer",
    ...asDeclared,
    "Cross-Origin-Resource-Policy": "cross-origin",
    ...(headers.origin === "null"
      ? { "Access-Control-Allow-Origin": "null", "Access-Control-Allow-Credentials": "true", Vary: "Origin" }
      : {}),
  };
}

/** The headers of an app's answer that would loosen the seal, or that speak for a whole origin. */
const dropped =
  /^(?:access-control-.*|alt-svc|clear-site-data|content-security-policy(?:-report-only)?|cross-origin-.*|document-policy|integrity-policy.*|nel|origin-agent-cluster|permissions-policy|public-key-pins|referrer-policy|report-to|reporting-endpoints|service-worker-allowed|set-cookie2?|set-login|strict-transport-security|supports-loading-mode|trailer|x-content-type-options|x-frame-options|x-waiide-.*)$/i;

export function loosensSeal(name: string): boolean {
  return dropped.test(name);
}

/** Answers with a plain text. With a length: the hub's proxy keeps the connection for other guests. */
export function answerSealed(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  text = "",
  headers: OutgoingHttpHeaders = {},
): void {
  response
    .writeHead(status, {
      "Cache-Control": "no-store",
      ...(status === 204
        ? {}
        : { "Content-Type": "text/plain; charset=utf-8", "Content-Length": Buffer.byteLength(text) }),
      ...headers,
      ...sealHeaders(request),
    })
    .end(request.method === "HEAD" || status === 204 ? undefined : text);
}

/** Answers an error, or ends an answer that has begun: with its connection, which serves nothing else meanwhile. */
export function answerSealedError(request: IncomingMessage, response: ServerResponse, error: GatewayError): void {
  if (response.headersSent) endAnswer(response);
  else answerSealed(request, response, error.status, `${error.message}\n${error.action}\n`, errorHeaders(error));
}

/** Ended, not reset: the hub's proxy reports each reset as a fault. */
export function endAnswer(response: ServerResponse): void {
  breakOff(response, () => {
    if (response.socket === null) response.destroy();
    else response.socket.destroySoon();
  });
}

export function refuseSealedUpgrade(socket: Duplex, error: GatewayError): void {
  answerUpgradeError(socket, error);
}

/** Preflights never reach the app: that a page with the token asks is all there is to know. */
export function answerPreflight(request: IncomingMessage, response: ServerResponse): void {
  const { headers } = request;
  answerSealed(request, response, 204, "", {
    "Access-Control-Allow-Methods": headers["access-control-request-method"] ?? "GET",
    "Access-Control-Allow-Headers": headers["access-control-request-headers"] ?? "",
    "Access-Control-Max-Age": preflightLife,
    Vary: "Origin",
  });
}

/** What a wrong, an ended and a never made address get alike. */
export function noSuchApp(): GatewayError {
  return new GatewayError("SHARED_APP_OVER");
}

/** What guests learn of a failure; what is none of ours stays in the log. */
export function toldError(error: unknown, logger: Logger): GatewayError {
  if (error instanceof GatewayError) return error;
  logger.error({ err: error }, "a request to a shared app failed");
  return new GatewayError("INTERNAL", { request: "" });
}
