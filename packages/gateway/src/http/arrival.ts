import type { IncomingMessage, ServerResponse } from "node:http";

/** A request to one of our own routes must arrive with its body within this time. Milliseconds. */
export const arrivalLimit = 30_000;

/**
 * Cuts a request whose body does not arrive in time, so that half-sent requests do not stay open for ever. Proxied requests
 * waive the limit, since their bodies may stream for any time (RULES R7).
 * @returns waives the limit
 */
export function limitArrival(request: IncomingMessage, response: ServerResponse, limit = arrivalLimit): () => void {
  const { "content-length": length = "0", "transfer-encoding": coding } = request.headers;
  if (length === "0" && coding === undefined) return () => undefined;
  const timer = setTimeout(() => {
    if (request.complete) return;
    if (response.headersSent) request.socket.destroy();
    else answerTooSlow(request, response);
  }, limit).unref();
  const waive = () => clearTimeout(timer);
  request.once("end", waive);
  request.socket.once("close", waive);
  response.once("close", () => request.socket.off("close", waive));
  return waive;
}

function answerTooSlow(request: IncomingMessage, response: ServerResponse): void {
  response.shouldKeepAlive = false;
  response.writeHead(408, { "Content-Length": 0, Connection: "close", "Cache-Control": "no-store" });
  response.end(() => request.socket.destroy());
}
