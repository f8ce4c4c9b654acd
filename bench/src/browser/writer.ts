import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { ServerMessage } from "@waiide/protocol";
import { ChangeSet, changeSize, LiveClient } from "@waiide/protocol/live";
import { WebSocket } from "ws";
import { GuestPage } from "./guest-page.ts";

/** Somebody who writes in a text with others, as the measurement needs them. */
export interface Writer {
  /** As the others get it with what this one types. */
  readonly person: string;
  /** Bytes of all messages that came. */
  bytes: number;
  /** Told when keys of another person are there. */
  onKeys: (person: string, count: number) => void;
  /** Types one character. */
  type(character: string): void;
  close(): void;
}

/** A guest's page with one file open live. */
export class LiveWriter implements Writer {
  readonly #page: GuestPage;
  readonly #path: string;
  readonly #id = randomUUID();
  readonly #opened = Promise.withResolvers<void>();
  #client: LiveClient | undefined;
  #doc = -1;
  /** Where it types; others do so elsewhere in the text. */
  #caret = 0;
  bytes = 0;
  onKeys: (person: string, count: number) => void = () => undefined;

  /** @param place where in the text it will type, from 0 to 1 */
  static async open(link: string, name: string, path: string, place: number): Promise<LiveWriter> {
    const writer = new LiveWriter(await GuestPage.enter(link, name), path);
    await writer.#opened.promise;
    writer.#caret = Math.floor(place * (writer.#client?.shown.length ?? 0));
    return writer;
  }

  private constructor(page: GuestPage, path: string) {
    this.#page = page;
    this.#path = path;
    page.onMessage = (message, bytes) => this.#take(message, bytes);
    page.send({ type: "live-open", path, client: this.#id });
  }

  get person(): string {
    return this.#page.session;
  }

  get text(): string {
    return this.#client?.confirmed.toString() ?? "";
  }

  type(character: string): void {
    const client = this.#client;
    if (client === undefined) throw new Error("the file is not open");
    client.edit(ChangeSet.of({ from: this.#caret, insert: character }, client.shown.length));
    this.#caret += character.length;
    this.#send();
  }

  close(): void {
    this.#page.close();
  }

  #take(message: ServerMessage, bytes: number): void {
    this.bytes += bytes;
    if (message.type === "live-not-opened") this.#opened.reject(new Error(`not live: ${message.reason}`));
    if (message.type === "live-opened" && message.path === this.#path) {
      this.#doc = message.doc;
      this.#client = new LiveClient(this.#id, { ...message, text: message.text ?? "" });
      this.#opened.resolve();
    }
    if (message.type !== "live-changes" || message.doc !== this.#doc || this.#client === undefined) return;
    for (const { person, change } of this.#client.receive(message.rev, message.changes)) {
      this.#caret = change.mapPos(this.#caret, 1);
      if (person !== undefined) this.onKeys(person, changeSize(change).inserted);
    }
    this.#send();
  }

  #send(): void {
    const next = this.#client?.next();
    if (next) this.#page.send({ type: "live-change", doc: this.#doc, ...next });
  }
}

/** A client of the bare relay: sends what a guest's page would. */
export class RelayWriter implements Writer {
  readonly person: string;
  readonly #socket: WebSocket;
  #typed = 0;
  bytes = 0;
  onKeys: (person: string, count: number) => void = () => undefined;

  static async open(port: number, person: string): Promise<RelayWriter> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    await once(socket, "open");
    return new RelayWriter(socket, person);
  }

  private constructor(socket: WebSocket, person: string) {
    this.person = person;
    this.#socket = socket;
    socket.on("message", (data) => {
      const text = String(data);
      this.bytes += Buffer.byteLength(text);
      const message = JSON.parse(text) as { person: string };
      if (message.person !== person) this.onKeys(message.person, 1);
    });
  }

  type(character: string): void {
    this.#typed += 1;
    const change = [50_000, [0, character], 50_000];
    const message = { type: "live-change", doc: 1, seq: this.#typed, rev: this.#typed, change, person: this.person };
    this.#socket.send(JSON.stringify(message));
  }

  close(): void {
    this.#socket.close();
  }
}
