import type { RequestMessage } from "@waiide/protocol";
import type { LiveClientMessage, LiveServerMessage, WindowMessage, WindowServerMessage } from "@waiide/protocol/live";

export type FromGateway = LiveServerMessage | WindowServerMessage;
export type ToGateway = LiveClientMessage | WindowMessage | RequestMessage;

/** What is used of a WebSocket: the page's own, or one over the control socket. */
export interface LiveSocket {
  readonly readyState: number;
  send(text: string): void;
  close(): void;
  addEventListener(type: "open" | "close" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/** `WebSocket.OPEN`. */
const open = 1;

export interface ConnectionListener {
  onOpen(): void;
  onClose(): void;
  onMessage(message: FromGateway): void;
}

/** Between two attempts. Milliseconds. */
const firstPause = 500;
const longestPause = 30_000;

/** The socket to the gateway, opened again whenever it breaks. */
export class Connection {
  readonly #connect: () => LiveSocket;
  readonly #listener: ConnectionListener;
  #socket: LiveSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pause = firstPause;
  #closed = false;

  constructor(connect: () => LiveSocket, listener: ConnectionListener) {
    this.#connect = connect;
    this.#listener = listener;
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === open;
  }

  start(): void {
    if (this.#closed || this.#socket !== undefined) return;
    clearTimeout(this.#timer);
    const socket = this.#connect();
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#pause = firstPause;
      this.#listener.onOpen();
    });
    socket.addEventListener("message", ({ data }) => {
      this.#listener.onMessage(JSON.parse(String(data)) as FromGateway);
    });
    // It closes then.
    socket.addEventListener("error", () => undefined);
    socket.addEventListener("close", () => this.#broken());
  }

  /** @returns whether there was a connection */
  send(message: ToGateway): boolean {
    if (!this.isOpen) return false;
    this.#socket?.send(JSON.stringify(message));
    return true;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  #broken(): void {
    this.#socket = undefined;
    this.#listener.onClose();
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.start(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, longestPause);
  }
}
