import { randomUUID } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type AccessScope,
  type Actor,
  type Level,
  type LiveServerMessage,
  LiveServerMessageSchema,
} from "@waiide/protocol";
import { ChangeSet, LiveClient } from "@waiide/protocol/live";
import pino from "pino";
import Value from "typebox/value";
import { onTestFinished } from "vitest";
import { defaultHidden } from "../../../src/config/names/hidden-names.ts";
import { defaultProtected } from "../../../src/config/names/protected-names.ts";
import type { AttributedWrite } from "../../../src/live/attribution.ts";
import type { LiveWrite, LostText } from "../../../src/live/disk-side.ts";
import { LiveConnection } from "../../../src/live/live-connection.ts";
import { LiveDocuments, type LiveLimits, type LiveTimes, liveTimes } from "../../../src/live/live-documents.ts";
import { guestVisit } from "../../../src/share/live/guest-visit.ts";
import { FileWork } from "../../../src/workspace/file-work.ts";
import { FileRules } from "../../../src/workspace/rules/rules.ts";
import type { SelectionTracker } from "../../../src/workspace/selection/selection.ts";
import type { Workspace } from "../../../src/workspace/workspace.ts";
import { Workspace as RealWorkspace } from "../../../src/workspace/workspace.ts";
import { makeFolder, type Plan, plant, testLimits } from "../workspace/harness.ts";

export const liveLimits: LiveLimits = {
  files: 20,
  participants: 120,
  changes: 10_000,
  change: 4_000_000,
  read: 8_000_000,
};

/** Faster than for people; long enough to see the order of things. */
const times = { ...liveTimes, save: 20, maxSave: 100, settle: 40 };

export interface PageSettings {
  readonly level?: Level;
  readonly scope?: AccessScope;
  readonly share?: string;
  readonly name?: string;
  readonly selection?: SelectionTracker;
  /** As the page names itself; random where absent. */
  readonly client?: string;
}

/** Live files over a real folder, without sockets: pages get what they are sent at once. */
export class LiveRoom {
  readonly root: string;
  readonly writes: LiveWrite[] = [];
  readonly attributed: AttributedWrite[] = [];
  readonly lost: LostText[] = [];
  readonly limits: LiveLimits;
  documents!: LiveDocuments;
  workspace!: Workspace;
  readonly #data: string;
  readonly #log: string[] = [];

  readonly #times: LiveTimes;

  constructor(folder: string, limits: Partial<LiveLimits>, more: Partial<LiveTimes>) {
    this.#times = { ...times, ...more };
    this.root = join(folder, "root");
    this.#data = join(folder, "live");
    this.limits = { ...liveLimits, ...limits };
  }

  /** @param saves `late`: only at the end, or when somebody saves */
  static async open(
    plan: Plan,
    limits: Partial<LiveLimits> = {},
    saves: "soon" | "late" | Partial<LiveTimes> = "soon",
  ): Promise<LiveRoom> {
    const more = saves === "late" ? { save: 600_000, maxSave: 600_000 } : saves === "soon" ? {} : saves;
    const room = new LiveRoom(await makeFolder(), limits, more);
    await mkdir(room.root);
    await plant(room.root, plan);
    await room.start();
    onTestFinished(() => room.stop());
    return room;
  }

  get journals(): string {
    return this.#data;
  }

  async start(): Promise<void> {
    const logger = pino({ level: "warn" }, { write: (line: string) => this.#log.push(line) });
    this.documents = new LiveDocuments({
      folder: this.#data,
      limits: this.limits,
      logger,
      times: this.#times,
      open: async (_, path) => this.workspace.file(path),
      recorded: async (write) => void this.writes.push(write),
      attributed: async (write) => void this.attributed.push(write),
      keep: async (lost) => void this.lost.push(lost),
    });
    const { root } = this;
    this.workspace = await RealWorkspace.open({
      root,
      rules: new FileRules({ hidden: defaultHidden, protected: defaultProtected, isHome: false, root }),
      outside: [],
      limits: testLimits(),
      logger,
      work: new FileWork(),
      live: this.documents,
    });
  }

  async stop(): Promise<void> {
    await this.documents.close();
    await this.workspace.close();
  }

  /**
   * As if the process had been killed: what it had in memory is gone, and its timers never ring.
   * @param gone the process is gone, and the next one may begin
   */
  async kill(gone: () => void = () => undefined): Promise<void> {
    for (const place of this.documents.places) {
      const file = this.documents.get(place);
      file?.disk.close();
    }
    await this.workspace.close();
    gone();
    await this.start();
  }

  page(settings: PageSettings = {}): LivePage {
    return new LivePage(this, settings);
  }

  async opened(path: string, settings: PageSettings = {}): Promise<LivePage> {
    const page = this.page(settings);
    await page.open(path);
    return page;
  }

  file(path = "a.txt"): Promise<string> {
    return readFile(join(this.root, path), "utf8");
  }
}

/** A guest's page with one live file. */
export class LivePage {
  actor: Actor;
  readonly session: string;
  readonly connection: LiveConnection;
  /** All messages, as they would go over a socket. */
  readonly messages: LiveServerMessage[] = [];
  readonly reasons: string[] = [];
  client: LiveClient | undefined;
  doc = 0;
  saved = 0;
  /** Bytes that this page pretends not to have read. */
  unread = 0;
  /** Whether what the page sends is lost on the way. */
  isCut = false;
  /** Whether nothing of what it is sent arrives. */
  isDeaf = false;
  readonly #id: string;
  #waiting: (() => void)[] = [];

  constructor(room: LiveRoom, settings: PageSettings) {
    const { level = "edit", scope = { kind: "workspace" }, share = "share-1", name = "Bob", selection } = settings;
    this.#id = settings.client ?? randomUUID();
    this.session = `${name}-${share}`;
    this.actor = { kind: "guest", level, scope, state: "live" };
    const workspace = room.workspace.guest({
      share,
      session: this.session,
      actor: () => this.actor,
      ...(selection === undefined ? {} : { selection }),
      onChanges: () => undefined,
      onWrite: () => undefined,
    });
    const session = {
      id: this.session,
      share,
      link: "",
      cookieHash: "",
      name,
      color: "#123456",
      hubUser: null,
      level: null,
      enteredAt: 0,
      endedAt: null,
      endReason: null,
    };
    this.connection = new LiveConnection({
      documents: room.documents,
      share,
      keepsLive: true,
      visit: async (path) => guestVisit(await workspace.liveFile(path), session, { id: share, root: room.root }),
      send: (message) => this.#take(JSON.parse(JSON.stringify(message)) as LiveServerMessage),
      unread: () => this.unread,
      onInput: () => undefined,
      logger: pino({ level: "silent" }),
    });
  }

  get text(): string {
    return this.client?.shown.toString() ?? "";
  }

  /** @throws Error where the file is not opened live */
  async open(path: string, state?: { client: string; epoch: string; rev: number }): Promise<void> {
    this.send({ type: "live-open", path, ...(state ?? { client: this.#id }) });
    const answer = await this.until(() =>
      this.messages.find((one) => (one.type === "live-opened" || one.type === "live-not-opened") && one.path === path),
    );
    if (answer.type === "live-not-opened") throw new Error(`not live: ${answer.reason}`);
  }

  send(message: object): void {
    if (!this.isCut) this.connection.take(message as { type: string });
  }

  type(from: number, insert: string, to = from): void {
    const client = this.client as LiveClient;
    client.edit(ChangeSet.of({ from, to, insert }, client.shown.length));
    this.sendNext();
  }

  change(seq: number, rev: number, change: unknown): void {
    this.send({ type: "live-change", doc: this.doc, seq, rev, change });
  }

  save(): void {
    this.send({ type: "live-save", doc: this.doc, rev: this.client?.rev ?? 0 });
  }

  cursor(ranges: [number, number][], more: object = {}): void {
    this.send({ type: "live-cursor", doc: this.doc, rev: this.client?.rev ?? 0, ranges, ...more });
  }

  of<T extends LiveServerMessage["type"]>(type: T): Extract<LiveServerMessage, { type: T }>[] {
    return this.messages.filter((one) => one.type === type) as Extract<LiveServerMessage, { type: T }>[];
  }

  async message<T extends LiveServerMessage["type"]>(type: T): Promise<Extract<LiveServerMessage, { type: T }>> {
    return await this.until(() => this.of(type).at(-1));
  }

  /** Resolves with what `find` finds; asked at each message. */
  async until<Value>(find: () => Value | undefined | false | null): Promise<Value> {
    for (;;) {
      const found = find();
      if (found !== undefined && found !== false && found !== null) return found;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    }
  }

  async shows(text: string): Promise<void> {
    await this.until(() => this.text === text);
  }

  async isSaved(): Promise<void> {
    await this.until(() => this.client?.unacknowledged === false && this.saved >= this.client.rev);
  }

  sendNext(): void {
    const next = this.client?.next();
    if (next !== undefined) this.send({ type: "live-change", doc: this.doc, ...next });
  }

  #take(message: LiveServerMessage): void {
    if (!Value.Check(LiveServerMessageSchema, message)) throw new Error(`no message: ${JSON.stringify(message)}`);
    if (this.isDeaf) return;
    this.messages.push(message);
    this.#follow(message);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #follow(message: LiveServerMessage): void {
    const { client } = this;
    if (message.type === "live-opened") {
      this.doc = message.doc;
      this.saved = message.saved;
      if (client === undefined) this.client = new LiveClient(this.#id, { ...message, text: message.text ?? "" });
      else client.reopened(message);
    }
    if (message.type === "live-changes") client?.receive(message.rev, message.changes);
    if (message.type === "live-saved") this.saved = message.rev;
    if (message.type === "live-reset") client?.reset(message);
    if (message.type === "live-refused") {
      this.reasons.push(message.reason);
      client?.refused(message.seq);
    }
    this.sendNext();
  }
}
