import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Writable } from "node:stream";
import type { Dispatcher } from "undici";
import { GatewayError } from "../base/errors.ts";
import { breakOff, mayEndAnytime } from "../http/break-off.ts";
import { backendFailure, isClosedConnection } from "./failure.ts";
import type { Forward } from "./forward.ts";
import { backendRequestHeaders, browserResponseHeaders } from "./headers.ts";
import { asksForHtml, HtmlPage, isRewritable } from "./html.ts";
import { headerOf, type RawHeaders } from "./raw-headers.ts";
import { hasBody, RequestBody } from "./request-body.ts";
import type { ReshapedAnswer } from "./reshape.ts";

/**
 * Forwards a request to its backend and streams the response back (RULES R7). Serves a server's `request` and `checkContinue`
 * events: with `Expect: 100-continue` the browser gets its 100 when the backend is connected.
 * @returns gives the request up: the backend's connection ends, and the response is left to the caller
 */
export function proxyRequest(request: IncomingMessage, response: ServerResponse, forward: Forward): () => void {
  const exchange = new Exchange(request, response, forward);
  exchange.start();
  return () => exchange.giveUp();
}

/** Methods that may be sent again when a kept-alive connection turns out to be closed (RFC 9110 §9.2.2). */
const repeatable = new Set(["GET", "HEAD", "OPTIONS"]);

class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #forward: Forward;
  #options: Dispatcher.DispatchOptions | undefined;
  #body: RequestBody | null = null;
  #controller: Dispatcher.DispatchController | undefined;
  /** A page that is collected to be rewritten. */
  #page: HtmlPage | undefined;
  /** Turns the body into another one. */
  #input: Writable | undefined;
  #answered = false;
  #ended = false;
  #gone = false;
  #repeated = false;
  #bytesSent = false;

  constructor(request: IncomingMessage, response: ServerResponse, forward: Forward) {
    this.#request = request;
    this.#response = response;
    this.#forward = forward;
  }

  start(): void {
    const request = this.#request;
    const forward = this.#forward;
    // The browser may have left while the backend started.
    if (this.#response.destroyed) return;
    try {
      if (hasBody(request, forward.context.baseUrl)) {
        this.#body = new RequestBody(request, this.#response, (bytes) => forward.reshape?.received(bytes));
      }
      const headers = backendRequestHeaders(request.rawHeaders, forward, {
        identity: forward.rewriteHtml && asksForHtml(request.method, request.headers.accept),
        version: request.httpVersion,
      });
      this.#options = {
        path: forward.target,
        method: request.method as Dispatcher.HttpMethod,
        headers: forward.reshape?.request(headers) ?? headers,
        body: this.#body,
      };
    } catch (error) {
      forward.onError(backendFailure(forward.backend, error));
      return;
    }
    this.#response.on("close", () => this.#onBrowserClose());
    forward.backend.dispatcher.dispatch(this.#options, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#gone) controller.abort(new Error("the browser left"));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, _parsed: unknown, reason?: string): void {
    const raw = rawStrings(controller.rawHeaders);
    if (this.#gone) return;
    if (status < 200) {
      // What a page may do must be said in each answer; these can do without.
      if (this.#forward.reshape === undefined) this.#sendInformation(status, raw);
      return;
    }
    this.#answered = true;
    const headers = browserResponseHeaders(raw, this.#forward, this.#takesTrailers(status));
    const shaped = this.#forward.reshape?.answer({ status, raw, headers });
    if (shaped !== undefined) {
      this.#sendReshaped(shaped, shaped.status === status ? reason : undefined);
      return;
    }
    if (this.#forward.rewriteHtml && isRewritable(this.#request.method, status, raw)) {
      this.#page = new HtmlPage(status, reason, headers);
      return;
    }
    this.#writeHead(status, reason, headers);
    // Body bytes that arrive at once travel with the headers; headers alone (server-sent events) must not wait.
    process.nextTick(flushHead, this);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#page !== undefined) {
      if (!this.#page.add(chunk)) this.#sendUnchanged(this.#page);
      return;
    }
    if (this.#gone) return;
    this.#bytesSent = true;
    this.#forward.reshape?.sent(chunk.length);
    const target = this.#input ?? this.#response;
    if (target.write(chunk)) return;
    controller.pause();
    target.once("drain", () => controller.resume());
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    if (this.#gone) return;
    this.#ended = true;
    if (this.#page !== undefined) {
      this.#sendRewritten(this.#page);
      return;
    }
    if (this.#input !== undefined) {
      this.#input.end();
      return;
    }
    const trailers = controller.rawTrailers;
    // As of interim answers: what a page may do is said in the headers alone.
    const isPlain = this.#forward.reshape === undefined;
    if (isPlain && Array.isArray(trailers) && trailers.length > 0) this.#addTrailers(rawStrings(trailers));
    this.#response.end();
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#gone || this.#ended) return;
    const forward = this.#forward;
    const options = this.#options as Dispatcher.DispatchOptions;
    const response = this.#response;
    if (response.headersSent) {
      this.#ended = true;
      breakOff(response);
      forward.onCut?.(backendFailure(forward.backend, error));
      return;
    }
    if (
      !this.#answered &&
      !this.#repeated &&
      this.#body === null &&
      repeatable.has(options.method) &&
      isClosedConnection(error)
    ) {
      this.#repeated = true;
      forward.backend.dispatcher.dispatch(options, this);
      return;
    }
    this.#ended = true;
    this.#body?.destroy();
    forward.onError(backendFailure(forward.backend, error));
  }

  giveUp(): void {
    if (this.#ended) return;
    this.#gone = true;
    this.#controller?.abort(new Error("the request was given up"));
    this.#body?.destroy();
    this.#input?.destroy();
  }

  flushHead(): void {
    if (!this.#bytesSent && !this.#ended && !this.#gone) this.#response.flushHeaders();
  }

  /** Whether a response without a length is sent in chunks, which trailers need (RFC 9112 §7.1.2). */
  #takesTrailers(status: number): boolean {
    const { httpVersionMinor, method } = this.#request;
    return httpVersionMinor > 0 && method !== "HEAD" && status !== 204 && status !== 304;
  }

  #writeHead(status: number, reason: string | undefined, headers: string[]): void {
    if (isEventStream(headers)) mayEndAnytime(this.#response, () => this.giveUp());
    if (reason === undefined || reason === STATUS_CODES[status] || !isReason(reason))
      this.#response.writeHead(status, headers);
    else this.#response.writeHead(status, reason, headers);
  }

  #sendReshaped({ status, headers, body }: ReshapedAnswer, reason: string | undefined): void {
    this.#writeHead(status, reason, headers);
    if (body === "none") {
      this.giveUp();
      this.#response.end();
    } else if (body !== "unchanged") {
      this.#input = body.input;
      body.output.on("error", (error: Error) => {
        this.#response.destroy();
        this.#forward.onCut?.(backendFailure(this.#forward.backend, error));
      });
      body.output.pipe(this.#response);
    }
    process.nextTick(flushHead, this);
  }

  /** The page is too large to be collected. */
  #sendUnchanged(page: HtmlPage): void {
    this.#page = undefined;
    this.#writeHead(page.status, page.reason, page.headers);
    this.#bytesSent = true;
    for (const chunk of page.chunks) this.#response.write(chunk);
  }

  #sendRewritten(page: HtmlPage): void {
    const forward = this.#forward;
    page.rewritten(forward).then(
      ({ headers, body }) => {
        if (this.#response.destroyed) return;
        this.#writeHead(page.status, page.reason, headers);
        this.#response.end(body);
      },
      (error: unknown) =>
        forward.onError(new GatewayError("INTERNAL", { request: forward.context.id }, { cause: error })),
    );
  }

  #addTrailers(raw: readonly string[]): void {
    const pairs: [string, string][] = [];
    for (let index = 0; index + 1 < raw.length; index += 2)
      pairs.push([raw[index] as string, raw[index + 1] as string]);
    this.#response.addTrailers(pairs);
  }

  /** RFC 9110 §15.2: forwarded, but not to HTTP/1.0, which has no interim responses. */
  #sendInformation(status: number, raw: readonly string[]): void {
    if (this.#request.httpVersionMinor === 0) return;
    this.#response.writeInformation(status, browserResponseHeaders(raw, this.#forward, false));
  }

  #onBrowserClose(): void {
    this.#input?.destroy();
    if (this.#ended) return;
    this.#gone = true;
    this.#controller?.abort(new Error("the browser left"));
    this.#body?.destroy();
  }
}

function flushHead(exchange: Exchange): void {
  exchange.flushHead();
}

/** One without a length: a shorter one would leave the browser waiting. */
function isEventStream(headers: RawHeaders): boolean {
  const isStream = /^text\/event-stream\b/i.test(headerOf(headers, "content-type") ?? "");
  return isStream && headerOf(headers, "content-length") === undefined;
}

/** As Latin-1, bytes above ASCII stay the same when Node writes them. */
function rawStrings(raw: Dispatcher.DispatchController["rawHeaders"]): string[] {
  const strings: string[] = [];
  if (Array.isArray(raw))
    for (const text of raw) strings.push(typeof text === "string" ? text : text.toString("latin1"));
  return strings;
}

/** The characters that RFC 9112 §4 allows in a reason phrase; others are replaced by the default phrase. */
function isReason(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}
