import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Dispatcher } from "undici";
import { GatewayError } from "../base/errors.ts";
import { backendFailure, isClosedConnection } from "./failure.ts";
import type { Forward } from "./forward.ts";
import { backendRequestHeaders, browserResponseHeaders } from "./headers.ts";
import { asksForHtml, HtmlPage, isRewritable } from "./html.ts";
import { hasBody, RequestBody } from "./request-body.ts";

/**
 * Forwards a request to its backend and streams the response back (RULES R7). Serves a server's `request` and `checkContinue`
 * events: with `Expect: 100-continue` the browser gets its 100 when the backend is connected.
 */
export function proxyRequest(request: IncomingMessage, response: ServerResponse, forward: Forward): void {
  new Exchange(request, response, forward).start();
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
      if (hasBody(request, forward.context.baseUrl)) this.#body = new RequestBody(request, this.#response);
      this.#options = {
        path: forward.target,
        method: request.method as Dispatcher.HttpMethod,
        headers: backendRequestHeaders(request.rawHeaders, forward, {
          identity: forward.rewriteHtml && asksForHtml(request.method, request.headers.accept),
          version: request.httpVersion,
        }),
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
    if (status < 200) {
      this.#sendInformation(status, raw);
      return;
    }
    this.#answered = true;
    const headers = browserResponseHeaders(raw, this.#forward, this.#takesTrailers(status));
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
    this.#bytesSent = true;
    if (this.#response.write(chunk)) return;
    controller.pause();
    this.#response.once("drain", () => controller.resume());
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    this.#ended = true;
    if (this.#page !== undefined) {
      this.#sendRewritten(this.#page);
      return;
    }
    const trailers = controller.rawTrailers;
    if (Array.isArray(trailers) && trailers.length > 0) this.#addTrailers(rawStrings(trailers));
    this.#response.end();
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#gone || this.#ended) return;
    const forward = this.#forward;
    const options = this.#options as Dispatcher.DispatchOptions;
    const response = this.#response;
    if (response.headersSent) {
      this.#ended = true;
      response.destroy();
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

  flushHead(): void {
    if (!this.#bytesSent && !this.#ended && !this.#gone) this.#response.flushHeaders();
  }

  /** Whether a response without a length is sent in chunks, which trailers need (RFC 9112 §7.1.2). */
  #takesTrailers(status: number): boolean {
    const { httpVersionMinor, method } = this.#request;
    return httpVersionMinor > 0 && method !== "HEAD" && status !== 204 && status !== 304;
  }

  #writeHead(status: number, reason: string | undefined, headers: string[]): void {
    if (reason === undefined || reason === STATUS_CODES[status] || !isReason(reason))
      this.#response.writeHead(status, headers);
    else this.#response.writeHead(status, reason, headers);
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
    if (this.#ended) return;
    this.#gone = true;
    this.#controller?.abort(new Error("the browser left"));
    this.#body?.destroy();
  }
}

function flushHead(exchange: Exchange): void {
  exchange.flushHead();
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
