import type { IncomingMessage, ServerResponse } from "node:http";

/** Milliseconds that a request to a route of our own may take to arrive with all of its body. */
export const arrivalLimit = 30_000;

/**
 * Cuts a request whose body does not arrive in time, so that half-sent ones do not stay open for ever. The time limit
 * stands until it is waived, as for what is proxied, whose bodies stream as long as they like (RULES R7).
 * @returns waives it
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
