import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { LiveServerMessage, WindowServerMessage } from "@waiide/protocol";
import { ChangeSet, LiveClient, textHash } from "@waiide/protocol/live";
import { WebSocket } from "ws";
import { upgradeStatusAt } from "./asking.ts";
import { ownerToken, type SharingGateway } from "./sharing-gateway.ts";

type Message = LiveServerMessage | WindowServerMessage;

/** A window of the owner's IDE, as far as its messages go, with one file open. */
export class LiveWindow {
  readonly messages: Message[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  client!: LiveClient;
  doc = -1;
  readonly #id: string = randomUUID();
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();
  #asked = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = once(socket, "close").then(([code, reason]) => ({ code, reason: String(reason) }));
    socket.on("message", (data) => {
      this.#take(JSON.parse(String(data)) as Message);
      for (const look of this.#waiting) look();
    });
  }

  static async open(server: SharingGateway): Promise<LiveWindow> {
    const headers = { authorization: `token ${ownerToken}` };
    const socket = new WebSocket(addressOf(server).href.replace("http", "ws"), { headers });
    const window = new LiveWindow(socket);
    await window.hello(server.workspace);
    return window;
  }

  /** On a socket that is being opened. */
  static over(socket: WebSocket): LiveWindow {
    return new LiveWindow(socket);
  }

  async hello(folder: string): Promise<void> {
    await once(this.#socket, "open");
    this.send({ type: "window-hello", folders: [folder] });
  }

  get text(): string {
    return this.client.shown.toString();
  }

  /** @param saved the text that this window's VS Code knows the file has */
  async bind(path: string, saved: string): Promise<void> {
    this.send({ type: "window-bind", path, client: this.#id, hash: textHash(saved) });
    await this.until(() => this.doc !== -1);
  }

  type(from: number, insert: string, to = from): void {
    this.client.edit(ChangeSet.of({ from, to, insert }, this.client.shown.length));
    this.#sendNext();
  }

  wrote(...texts: string[]): void {
    this.send({ type: "window-wrote", doc: this.doc, hashes: texts.map((text) => textHash(text)) });
  }

  send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** A request of a guest's window. @returns its result, or the error */
  async ask(method: string, params: object): Promise<unknown> {
    const id = ++this.#asked;
    this.send({ type: "request", id, method, params });
    const isAnswer = (one: Message) => (one.type === "response" || one.type === "error") && one.id === id;
    await this.until(() => this.messages.some(isAnswer));
    const answer = this.messages.find(isAnswer);
    return answer?.type === "response" ? answer.result : (answer as { error: unknown }).error;
  }

  close(): void {
    this.#socket.close();
  }

  /** Resolves once it is so; checked at each message. */
  async until(holds: () => boolean): Promise<void> {
    if (holds()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => holds() && resolve();
    this.#waiting.add(look);
    await promise;
    this.#waiting.delete(look);
  }

  async message<T extends Message["type"]>(type: T): Promise<Extract<Message, { type: T }>> {
    await this.until(() => this.messages.some((one) => one.type === type));
    return this.messages.find((one) => one.type === type) as Extract<Message, { type: T }>;
  }

  #take(message: Message): void {
    this.messages.push(message);
    if (message.type === "live-opened") {
      this.doc = message.doc;
      this.client = new LiveClient(this.#id, { ...message, text: message.text ?? "" });
    }
    if (message.type === "live-changes") this.client.receive(message.rev, message.changes);
    if (this.doc !== -1) this.#sendNext();
  }

  #sendNext(): void {
    const next = this.client.next();
    if (next !== undefined) this.send({ type: "live-change", doc: this.doc, ...next });
  }
}

/** The status of an upgrade to the windows' socket, as a browser asks for it. */
export function upgradeStatus(server: SharingGateway, headers: Record<string, string>): Promise<number> {
  const address = addressOf(server);
  return upgradeStatusAt(address, address.pathname, headers);
}

function addressOf({ url }: SharingGateway): URL {
  return new URL("api/live", url);
}
