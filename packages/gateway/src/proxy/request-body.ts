import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { GatewayError, reasonOf } from "../base/errors.ts";

/**
 * Whether a request has a body (RFC 9112 §6.3).
 * @throws GatewayError BAD_REQUEST for codings besides `chunked`: Node does not decode them, and the backend would not see them
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
 * The body of a request for the backend. A stream of its own, because undici destroys the stream when the backend answers
 * early, and destroying the request itself would cut the browser's connection before it gets that answer.
 */
export class RequestBody extends Readable {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #onBytes: (bytes: number) => void;
  #attached = false;

  /** @param onBytes told of each piece; what it throws ends the body */
  constructor(request: IncomingMessage, response: ServerResponse, onBytes: (bytes: number) => void = () => {}) {
    super();
    this.#request = request;
    this.#response = response;
    this.#onBytes = onBytes;
  }

  override _read(): void {
    if (this.#attached) {
      this.#request.resume();
      return;
    }
    this.#attached = true;
    // RFC 9110 §10.1.1: the browser waits for this before it sends the body.
    if (this.#request.headers.expect !== undefined) this.#response.writeContinue();
    this.#request.on("data", this.#onData).on("end", this.#onEnd).on("error", this.#onError).on("close", this.#onClose);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (this.#attached) this.#request.off("data", this.#onData).off("end", this.#onEnd);
    // The rest of an upload is read and dropped, or the browser would never read the response.
    if (!this.#request.readableEnded) this.#request.resume();
    callback(error);
  }

  readonly #onData = (chunk: Buffer): void => {
    try {
      this.#onBytes(chunk.length);
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(reasonOf(error)));
      return;
    }
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
