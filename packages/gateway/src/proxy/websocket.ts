import { type ClientRequest, type IncomingMessage, request as requestBackend, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { GatewayError } from "../base/errors.ts";
import { watchUpgrade } from "../http/half-closed.ts";
import { backendFailure } from "./failure.ts";
import type { Forward } from "./forward.ts";
import { backendRequestHeaders, browserResponseHeaders } from "./headers.ts";
import { Tunnel } from "./tunnel.ts";

/** Bytes that a browser may send before its upgrade is accepted; more wait at the browser. */
const earlyLimit = 64 * 1024;

/**
 * Forwards an upgrade to its backend. If the backend accepts it, both sockets are joined raw: browser and backend agree on
 * sub-protocol, extensions and compression. If not, the browser gets the backend's response. Bytes behind the request's
 * headers are sent only after the backend accepted: they could be a second request, which was not checked.
 */
export function proxyUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, forward: Forward): void {
  new Upgrade(request, socket as Socket, head, forward).start();
}

class Upgrade {
  readonly #request: IncomingMessage;
  readonly #browser: Socket;
  readonly #early: Buffer[];
  readonly #forward: Forward;
  #outgoing: ClientRequest | undefined;
  #earlyBytes: number;
  #settled = false;
  #endWatch: (() => void) | undefined;

  constructor(request: IncomingMessage, browser: Socket, head: Buffer, forward: Forward) {
    this.#request = request;
    this.#browser = browser;
    this.#early = head.length > 0 ? [head] : [];
    this.#earlyBytes = head.length;
    this.#forward = forward;
  }

  start(): void {
    const { backend, target } = this.#forward;
    const browser = this.#browser;
    if (browser.destroyed) return;
    browser.setNoDelay(true);
    browser.setTimeout(0);
    try {
      const plain = backendRequestHeaders(this.#request.rawHeaders, this.#forward, {
        upgrade: this.#request.headers.upgrade ?? "",
      });
      const headers = this.#forward.reshape?.request(plain) ?? plain;
      this.#outgoing = requestBackend({
        createConnection: () => backend.connect(),
        method: this.#request.method,
        path: target,
        headers,
        setHost: false,
        maxHeaderSize: 64 * 1024,
      });
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#outgoing
      .on("upgrade", (response, socket, head) => this.#accept(response, socket as Socket, head))
      .on("response", (response) => this.#refuse(response))
      .on("error", (error) => this.#fail(error))
      .end();
    browser
      .on("data", this.#onEarlyData)
      .on("end", this.#onHalfClose)
      .on("close", this.#onLeave)
      .on("error", this.#onLeave);
  }

  #accept(response: IncomingMessage, backend: Socket, head: Buffer): void {
    const { upgrade: chosen = "" } = response.headers;
    if (!isAmong(chosen, this.#request.headers.upgrade ?? "")) {
      backend.destroy();
      this.#fail(this.#broken(`it switched to “${chosen}”, which nobody asked for`));
      return;
    }
    this.#settle();
    const browser = this.#browser;
    const plain = browserResponseHeaders(response.rawHeaders, this.#forward, false);
    const lines = this.#forward.reshape?.upgraded({ raw: response.rawHeaders, headers: plain }) ?? plain;
    lines.push("Connection", "Upgrade", "Upgrade", response.headers.upgrade ?? "");
    let text = `HTTP/1.1 101 ${response.statusMessage}\r\n`;
    for (let index = 0; index < lines.length; index += 2) text += `${lines[index]}: ${lines[index + 1]}\r\n`;
    browser.write(`${text}\r\n`, "latin1");
    const { upgrade = "", "sec-websocket-extensions": extensions = "" } = response.headers;
    const tunnel = new Tunnel(browser, backend, { upgrade, extensions });
    this.#forward.onTunnel?.(tunnel);
    tunnel.open(this.#early, head);
  }

  /** Sends a response as Node does and ends the connection: what follows on it was meant for a WebSocket. */
  #refuse(response: IncomingMessage): void {
    if (response.statusCode === 101) {
      response.destroy();
      this.#fail(this.#broken("it answered 101 without saying what it switched to"));
      return;
    }
    this.#settle();
    const browser = this.#browser;
    const answer = new ServerResponse(this.#request);
    answer.shouldKeepAlive = false;
    answer.assignSocket(browser);
    browser.on("drain", () => answer.emit("drain")).on("error", () => browser.destroy());
    browser.on("close", () => response.destroy());
    // Bytes that still come from the browser are read and dropped: unread they would turn our close into a reset.
    browser.resume();
    const plain = browserResponseHeaders(response.rawHeaders, this.#forward, false);
    const status = response.statusCode as number;
    const shaped = this.#forward.reshape?.answer({ status, raw: response.rawHeaders, headers: plain });
    answer.writeHead(shaped?.status ?? status, response.statusMessage, shaped?.headers ?? plain);
    answer.on("finish", () => browser.end());
    response.on("error", (error) => {
      browser.destroy();
      this.#forward.onCut?.(backendFailure(this.#forward.backend, error));
    });
    response.pipe(answer);
  }

  #broken(reason: string): GatewayError {
    return new GatewayError("BACKEND_BROKEN", { backend: this.#forward.backend.name, reason });
  }

  #fail(error: unknown): void {
    if (this.#settled) return;
    this.#settle();
    const browser = this.#browser;
    browser.on("error", () => browser.destroy());
    browser.resume();
    this.#forward.onError(backendFailure(this.#forward.backend, error));
  }

  readonly #onEarlyData = (chunk: Buffer): void => {
    this.#early.push(chunk);
    this.#earlyBytes += chunk.length;
    if (this.#earlyBytes > earlyLimit) this.#browser.pause();
  };

  /** It may still wait for its response, and for bytes of the tunnel. */
  readonly #onHalfClose = (): void => {
    this.#endWatch = watchUpgrade(this.#browser);
  };

  readonly #onLeave = (): void => {
    if (this.#settled) return;
    this.#settle();
    this.#outgoing?.destroy();
    this.#browser.destroy();
  };

  /** From here on the caller owns the browser's socket. */
  #settle(): void {
    this.#settled = true;
    this.#endWatch?.();
    this.#browser
      .off("data", this.#onEarlyData)
      .off("end", this.#onHalfClose)
      .off("close", this.#onLeave)
      .off("error", this.#onLeave);
  }
}

/** Whether the browser offered this protocol (RFC 9110 §7.8). */
function isAmong(protocol: string, offered: string): boolean {
  const names = offered.split(",").map((name) => name.trim().toLowerCase());
  return protocol !== "" && names.includes(protocol.trim().toLowerCase());
}
