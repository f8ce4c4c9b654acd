import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { GatewayError } from "../base/errors.ts";

/**
 * Whether a request has a body (RFC 9112 §6.3).
 * @throws GatewayError BAD_REQUEST for codings besides `chunked`: Node decodes none, and the backend would not see them
 */
export function hasBody(request: IncomingMessage, baseUrl: string): boolean {
  const coding = request.headers["transfer-encoding"];
  if (coding === undefined) return (request.headers["content-length"] ?? "0") !== "0";
  if (coding.toLowerCase() !== "chunked") {
    throw new GatewayError("BAD_REQUEST", {
      reason: `its Transfer-Encoding is “${coding}”, not “chunked”`,
      base: baseUrl,
    });
  }
  return true;
}

/**
 * The body of a request on its way to the backend. A stream of its own, because whoever sends a stream destroys it when
 * the backend answers early, and destroying the request itself would cut the browser off from that answer.
 */
export class RequestBody extends Readable {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #attached = false;

  constructor(request: IncomingMessage, response: ServerResponse) {
    super();
    this.#request = request;
    this.#response = response;
  }

  override _read(): void {
    if (this.#attached) {
      this.#request.resume();
      return;
    }
    this.#attached = true;
    // RFC 9110 §10.1.1: the browser holds the body back until it is told to go on, which is now.
    if (this.#request.headers.expect !== undefined) this.#response.writeContinue();
    this.#request.on("data", this.#onData).on("end", this.#onEnd).on("error", this.#onError).on("close", this.#onClose);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (this.#attached) this.#request.off("data", this.#onData).off("end", this.#onEnd);
    // The rest of an upload that nobody wants is read and thrown away, or the browser would never read the answer.
    if (!this.#request.readableEnded) this.#request.resume();
    callback(error);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (!this.push(chunk)) this.#request.pause();
  };

  readonly #onEnd = (): void => {
    this.push(null);
  };

  readonly #onError = (error: Error): void => {
    this.destroy(error);
  };

  readonly #onClose = (): void => {
    if (!this.#request.readableEnded) this.destroy(new Error("the browser broke off its upload"));
  };
}
