import { randomUUID } from "node:crypto";
import type { LiveServerMessage, ServerMessage } from "@waiide/protocol";
import { ChangeSet, LiveClient, type Refusal } from "@waiide/protocol/live";
import type { GuestClient, SessionClient } from "./guest-client.ts";

type Opened = Extract<LiveServerMessage, { type: "live-opened" }>;

/** A guest's page with one file open live: types, and follows what others type. */
export class LiveGuest {
  readonly session: SessionClient;
  readonly path: string;
  readonly #id: string;
  readonly refusals: Refusal[] = [];
  readonly reasons: string[] = [];
  client!: LiveClient;
  opened!: Opened;
  /** Messages about this file, in their order. */
  readonly messages: LiveServerMessage[] = [];
  saved = 0;
  #doc = -1;

  private constructor(session: SessionClient, path: string, id = randomUUID() as string) {
    this.session = session;
    this.#id = id;
    this.path = path;
    session.socket.on("message", (data) => this.#take(JSON.parse(String(data)) as ServerMessage));
  }

  /** @throws Error where the file is not opened live */
  static async open(guest: GuestClient | SessionClient, path: string): Promise<LiveGuest> {
    const session = "session" in guest ? await guest.session() : guest;
    const live = new LiveGuest(session, path);
    await live.#open({ client: live.#id });
    return live;
  }

  /** The same page on a new socket, after its connection was lost. */
  static async reopen(before: LiveGuest, guest: GuestClient): Promise<LiveGuest> {
    const live = new LiveGuest(await guest.session(), before.path);
    live.client = before.client;
    await live.#open(before.client.reopen());
    return live;
  }

  get text(): string {
    return this.client.shown.toString();
  }

  get doc(): number {
    return this.#doc;
  }

  /** Replaces a part of the shown text. */
  type(from: number, insert: string, to = from): void {
    this.client.edit(ChangeSet.of({ from, to, insert }, this.client.shown.length));
    this.#sendNext();
  }

  send(message: object): void {
    this.session.socket.send(JSON.stringify(message));
  }

  save(): void {
    this.send({ type: "live-save", doc: this.#doc, rev: this.client.rev });
  }

  /** Resolves once it is so; checked at each message. */
  async until(holds: (live: this) => boolean): Promise<void> {
    while (!holds(this)) {
      const count = this.session.messages.length;
      await this.session.find(() => this.session.messages.length > count || holds(this));
    }
  }

  /** Everything is acknowledged. */
  acknowledged(): Promise<void> {
    return this.until(() => !this.client.unacknowledged);
  }

  /** Everything that this page has is in the file. */
  isSaved(): Promise<void> {
    return this.until(() => !this.client.unacknowledged && this.saved >= this.client.rev);
  }

  async message<T extends LiveServerMessage["type"]>(type: T): Promise<Extract<LiveServerMessage, { type: T }>> {
    await this.until(() => this.messages.some((one) => one.type === type));
    return this.messages.find((one) => one.type === type) as Extract<LiveServerMessage, { type: T }>;
  }

  async #open(state: object): Promise<void> {
    this.send({ type: "live-open", path: this.path, ...state });
    const answer = await this.session.find(
      (one) => (one.type === "live-opened" || one.type === "live-not-opened") && one.path === this.path,
    );
    if (answer.type === "live-not-opened") throw new Error(`not live: ${answer.reason}`);
    await this.until(() => this.#doc !== -1);
  }

  #take(message: ServerMessage): void {
    if (message.type === "live-opened" && message.path === this.path) this.#onOpened(message);
    if (!("doc" in message) || message.doc !== this.#doc) return;
    this.messages.push(message);
    if (message.type === "live-changes") this.client.receive(message.rev, message.changes);
    if (message.type === "live-saved") this.saved = message.rev;
    if (message.type === "live-reset") {
      this.client.reset(message);
      this.saved = message.saved;
    }
    if (message.type === "live-refused") {
      this.reasons.push(message.reason);
      const refusal = this.client.refused(message.seq);
      if (refusal !== undefined) this.refusals.push(refusal);
    }
    this.#sendNext();
  }

  #onOpened(message: Opened): void {
    this.opened = message;
    this.#doc = message.doc;
    this.saved = message.saved;
    if (this.client === undefined) this.client = new LiveClient(this.#id, { ...message, text: message.text ?? "" });
    else this.client.reopened(message);
  }

  #sendNext(): void {
    const next = this.client.next();
    if (next !== undefined) this.send({ type: "live-change", doc: this.#doc, ...next });
  }
}
