import {
  type LiveServerMessage,
  type SessionCloseReason,
  sessionClose,
  type WindowServerMessage,
} from "@waiide/protocol";
import type { WebSocket } from "ws";
import type { Logger } from "../../base/log.ts";
import { WindowConnection, type WindowConnectionOptions } from "../../live/windows/window-connection.ts";
import type { OpenPart } from "../guests/guests.ts";
import type { WindowRequests } from "./window-requests.ts";

export interface WindowSocketParts extends Omit<WindowConnectionOptions, "send" | "unread"> {
  readonly socket: WebSocket;
  /** Of a guest's window; they are answered by `send`. */
  readonly requests?: (send: (message: WindowServerMessage) => void) => Pick<WindowRequests, "take" | "close">;
  readonly logger: Logger;
}

/** Milliseconds. */
const pingInterval = 30_000;
/** A peer that does not answer so many pings has vanished. */
const maxUnanswered = 2;
/** A socket that does not close within this time is cut. Milliseconds. */
const closeTimeout = 500;
/** The most that a window may leave unread. Bytes. */
const maxUnread = 64 * 1024 * 1024;

/** The socket of one window of an IDE: its messages are live editing's, and a guest's requests. */
export class WindowSocket implements OpenPart {
  readonly #socket: WebSocket;
  readonly #connection: WindowConnection;
  readonly #requests: Pick<WindowRequests, "take" | "close"> | undefined;
  readonly #pings: NodeJS.Timeout;
  #unanswered = 0;

  constructor({ socket, requests, ...options }: WindowSocketParts) {
    this.#socket = socket;
    this.#requests = requests?.((message) => this.#send(message));
    this.#connection = new WindowConnection({
      ...options,
      send: (message) => this.#send(message),
      unread: () => socket.bufferedAmount,
    });
    socket.on("message", (data, isBinary) => this.#onMessage(data as Buffer, isBinary));
    socket.on("pong", () => {
      this.#unanswered = 0;
    });
    socket.on("error", (error) =>
      options.logger.debug({ reason: error.message }, "the socket of an IDE's window failed"),
    );
    this.#pings = setInterval(() => this.#ping(), pingInterval).unref();
    socket.once("close", () => {
      clearInterval(this.#pings);
      this.#close();
    });
  }

  end(reason: SessionCloseReason): void {
    this.close(sessionClose[reason], reason);
  }

  close(code: number, reason: string): void {
    this.#close();
    this.#socket.close(code, reason);
    setTimeout(() => this.#socket.terminate(), closeTimeout).unref();
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    const message = isBinary ? undefined : parseMessage(data.toString("utf8"));
    const isTaken = message !== undefined && (this.#requests?.take(message) || this.#connection.take(message));
    if (!isTaken) this.end("protocol");
  }

  #close(): void {
    this.#connection.close();
    this.#requests?.close();
  }

  #send(message: LiveServerMessage | WindowServerMessage): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > maxUnread) this.#socket.terminate();
    else this.#socket.send(JSON.stringify(message));
  }

  #ping(): void {
    this.#unanswered += 1;
    if (this.#unanswered > maxUnanswered) this.#socket.terminate();
    else this.#socket.ping();
  }
}

/** @returns undefined for what is no JSON */
function parseMessage(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
