import { type ClientRequest, type IncomingMessage, request as requestBackend, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { GatewayError } from "../base/errors.ts";
import { watchUpgrade } from "../http/half-closed.ts";
import { backendFailure } from "./failure.ts";
import type { Forward } from "./forward.ts";
import { backendRequestHeaders, browserResponseHeaders } from "./headers.ts";
import { Tunnel } from "./tunnel.ts";

/** Bytes that a browser may send before its upgrade is accepted; more wait in its own buffers. */
const earlyLimit = 64 * 1024;

/**
 * Sends an upgrade on to its backend. Accepted, both sockets are spliced raw: sub-protocol, extensions and compression
 * are between browser and backend. Refused, the browser gets the backend's answer. Nothing behind the request's head is
 * sent before the backend accepted: it could be a second request, which nobody has checked.
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
      const headers = backendRequestHeaders(this.#request.rawHeaders, this.#forward, {
        upgrade: this.#request.headers.upgrade ?? "",
      });
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
    const lines = browserResponseHeaders(response.rawHeaders, this.#forward, false);
    lines.push("Connection", "Upgrade", "Upgrade", response.headers.upgrade ?? "");
    let text = `HTTP/1.1 101 ${response.statusMessage}\r\n`;
    for (let index = 0; index < lines.length; index += 2) text += `${lines[index]}: ${lines[index + 1]}\r\n`;
    browser.write(`${text}\r\n`, "latin1");
    const { upgrade = "", "sec-websocket-extensions": extensions = "" } = response.headers;
    const tunnel = new Tunnel(browser, backend, { upgrade, extensions });
    this.#forward.onTunnel?.(tunnel);
    tunnel.open(this.#early, head);
  }

  /** The answer goes out as Node writes any answer, and the connection ends: what follows on it was meant for a WebSocket. */
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
    // What still comes from the browser is of no use, and unread it would turn our close into a reset.
    browser.resume();
    answer.writeHead(
      response.statusCode as number,
      response.statusMessage,
      browserResponseHeaders(response.rawHeaders, this.#forward, false),
    );
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

  /** It may wait for its answer all the same, and for what comes through the tunnel. */
  readonly #onHalfClose = (): void => {
    this.#endWatch = watchUpgrade(this.#browser);
  };

  readonly #onLeave = (): void => {
    if (this.#settled) return;
    this.#settle();
    this.#outgoing?.destroy();
    this.#browser.destroy();
  };

  /** From here on the browser's socket belongs to whoever settled. */
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

/** Whether a protocol is one of those that the browser offered (RFC 9110 §7.8). */
function isAmong(protocol: string, offered: string): boolean {
  const names = offered.split(",").map((name) => name.trim().toLowerCase());
  return protocol !== "" && names.includes(protocol.trim().toLowerCase());
}
