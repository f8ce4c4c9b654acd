import { once } from "node:events";
import { WebSocket } from "ws";

type Parameters = Readonly<Record<string, unknown>>;
export type EventListener = (parameters: Parameters, session: string) => void;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Parameters;
  readonly result?: Parameters;
  readonly error?: { readonly message: string };
  readonly sessionId?: string;
}

interface Waiting {
  readonly method: string;
  readonly resolve: (result: Parameters) => void;
  readonly reject: (error: Error) => void;
}

/** A connection to Chromium's DevTools protocol, in its flat form: one socket, a session id for each target. */
export class DevTools {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<string, Set<EventListener>>();
  #lastId = 0;

  static async connect(address: string): Promise<DevTools> {
    const socket = new WebSocket(address, { perMessageDeflate: false, maxPayload: 256 * 1024 * 1024 });
    await once(socket, "open");
    return new DevTools(socket);
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.#receive(JSON.parse(data.toString("utf8")) as Message));
    socket.on("close", () => {
      for (const { method, reject } of this.#waiting.values())
        reject(new Error(`${method}: Chromium closed the connection`));
      this.#waiting.clear();
    });
  }

  /** Sends a command to the browser or, with a session, to one target. @throws Error with the protocol's message. */
  send(method: string, parameters: Parameters = {}, session?: string): Promise<Parameters> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { method, resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params: parameters, ...(session && { sessionId: session }) }));
    });
  }

  /** Listens to an event of every session. Returns what stops it. */
  on(method: string, listener: EventListener): () => void {
    const listeners = this.#listeners.get(method) ?? new Set();
    this.#listeners.set(method, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  close(): void {
    this.#socket.terminate();
  }

  #receive(message: Message): void {
    if (message.id === undefined) {
      const listeners = this.#listeners.get(message.method ?? "") ?? [];
      for (const listener of listeners) listener(message.params ?? {}, message.sessionId ?? "");
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error) waiting?.reject(new Error(`${waiting.method}: ${message.error.message}`));
    else waiting?.resolve(message.result ?? {});
  }
}
