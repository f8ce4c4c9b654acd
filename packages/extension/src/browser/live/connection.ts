import type { RequestMessage } from "@waiide/protocol";
import type { LiveClientMessage, LiveServerMessage, WindowMessage, WindowServerMessage } from "@waiide/protocol/live";

export type FromGateway = LiveServerMessage | WindowServerMessage;
export type ToGateway = LiveClientMessage | WindowMessage | RequestMessage;

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
  readonly #address: string;
  readonly #listener: ConnectionListener;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pause = firstPause;
  #closed = false;

  constructor(address: string, listener: ConnectionListener) {
    this.#address = address;
    this.#listener = listener;
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  start(): void {
    if (this.#closed || this.#socket !== undefined) return;
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#address);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#pause = firstPause;
      this.#listener.onOpen();
    });
    socket.addEventListener("message", ({ data }: MessageEvent<string>) => {
      this.#listener.onMessage(JSON.parse(data) as FromGateway);
    });
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
