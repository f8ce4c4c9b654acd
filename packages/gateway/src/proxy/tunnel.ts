import type { Socket } from "node:net";
import { type FrameListener, FrameObserver } from "./frame-observer.ts";
import { splice } from "./splice.ts";

/** The time for an unfinished frame to end and for the browser to answer our close frame. Milliseconds. */
const closeTimeout = 1_000;

/** What backend and browser agreed on. */
export interface TunnelTerms {
  /** The `Upgrade` header: `websocket`, or an unknown protocol. */
  readonly upgrade: string;
  /** The `Sec-WebSocket-Extensions` of the response, or empty. */
  readonly extensions: string;
}

/** An accepted upgrade: two sockets joined raw, which can be watched and closed. */
export class Tunnel {
  readonly terms: TunnelTerms;
  readonly #browser: Socket;
  readonly #backend: Socket;
  readonly #isWebSocket: boolean;
  #fromBrowser: FrameObserver | undefined;
  #onBytes: (() => void) | undefined;
  readonly #toBrowser = new FrameObserver({ onFrame: () => false });
  #closing: { readonly frame: Buffer; readonly timer: NodeJS.Timeout } | undefined;
  #closed = false;

  constructor(browser: Socket, backend: Socket, terms: TunnelTerms) {
    this.#browser = browser;
    this.#backend = backend;
    this.terms = terms;
    this.#isWebSocket = terms.upgrade.toLowerCase() === "websocket";
  }

  /**
   * Reports the browser's frames to `listener`. If the bytes are not a WebSocket, calls `onBytes` for each chunk instead.
   * Must be called before `open`.
   */
  watchBrowser(listener: FrameListener, onBytes: () => void): void {
    this.#onBytes = onBytes;
    if (this.#isWebSocket) this.#fromBrowser = new FrameObserver(listener);
  }

  /**
   * Joins the sockets.
   * @param early what the browser sent before the backend accepted
   * @param head what the backend sent right behind its response's headers
   */
  open(early: readonly Buffer[], head: Buffer): void {
    if (head.length > 0 && this.#isWebSocket) this.#send(head);
    else if (head.length > 0) this.#browser.write(head);
    for (const chunk of early) {
      this.#seen(chunk);
      this.#backend.write(chunk);
    }
    splice(this.#browser, this.#backend, {
      fromFirst: (chunk) => this.#seen(chunk),
      toFirst: this.#isWebSocket ? (chunk) => this.#send(chunk) : undefined,
    });
  }

  /**
   * Closes it from our side: the browser gets a close frame (RFC 6455 §5.5.1) between two frames of the backend, and the
   * backend's connection is closed.
   * @param code 4000 to 4999 are for applications (§7.4.2)
   * @param reason at most 123 bytes
   */
  close(code: number, reason: string): void {
    if (this.#closing !== undefined || this.#closed) return;
    if (!this.#isWebSocket || this.#toBrowser.blind) {
      this.destroy();
      return;
    }
    this.#closing = {
      frame: closeFrame(code, reason),
      timer: setTimeout(() => this.destroy(), closeTimeout),
    };
    this.#browser.once("close", () => clearTimeout(this.#closing?.timer));
    if (this.#toBrowser.atFrameEnd) this.#sendClose(this.#closing.frame);
  }

  destroy(): void {
    this.#closed = true;
    this.#browser.destroy();
    this.#backend.destroy();
  }

  #seen(chunk: Buffer): void {
    if (this.#closed) return;
    if (this.#fromBrowser === undefined || this.#fromBrowser.blind) this.#onBytes?.();
    else this.#fromBrowser.observe(chunk);
  }

  /** @returns whether more may be sent at once */
  #send(chunk: Buffer): boolean {
    if (this.#closed) return true;
    if (this.#closing === undefined) {
      this.#toBrowser.observe(chunk);
      return this.#browser.write(chunk);
    }
    const length = this.#toBrowser.observe(chunk, true);
    const more = this.#browser.write(chunk.subarray(0, length));
    if (this.#toBrowser.atFrameEnd) this.#sendClose(this.#closing.frame);
    return more;
  }

  #sendClose(frame: Buffer): void {
    this.#closed = true;
    // The backend gets the close frame with which the browser answers; the timer cuts browsers that do not answer.
    this.#browser.once("close", () => this.#backend.destroy());
    this.#browser.end(frame);
  }
}

function closeFrame(code: number, reason: string): Buffer {
  const text = Buffer.from(reason);
  return Buffer.concat([Buffer.from([0x88, 2 + text.length, code >> 8, code & 0xff]), text]);
}
