import { type FSWatcher, watch } from "node:fs";
import { readdir } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  type FileChange,
  type Level,
  levelWords,
  type Method,
  type Person,
  type RequestMessage,
  type Scope,
  type ServerMessage,
  type Shared,
  sessionProtocol,
  sessionSubprotocol,
} from "@waiide/protocol";
import { type WebSocket, WebSocketServer } from "ws";
import { FileService, present, Refusal } from "./file-service.ts";
import { PageServer } from "./page-server.ts";

export interface SessionServerOptions {
  /** The folder that is shared. */
  readonly root: string;
  readonly level?: Level;
  readonly scope?: Scope;
  /** The file that the welcome names, whether it is there or not. */
  readonly opens?: string;
  /** Begins and ends with `/`. */
  readonly base?: string;
  readonly share?: string;
  readonly owner?: string;
  /** Milliseconds; null: no end. */
  readonly timeLeft?: number | null;
  readonly readLimit?: number;
  /** Default: a free port. */
  readonly port?: number;
}

interface Guest {
  readonly socket: WebSocket;
  readonly person: Person;
  readonly watches: Map<string, FSWatcher>;
}

const colors = ["#0b6bcb", "#b5460f", "#2b7a3d", "#7b3fb5"];

/** How long the changes of a folder are gathered. Milliseconds. */
const gathering = 50;

/**
 * A share on real files that says what a gateway would say: the guests' page, its files and the session, without logins.
 * It is here to develop and to test the page; rights are checked only as far as the page can see them.
 */
export class SessionServer {
  readonly files: FileService;
  readonly base: string;
  readonly share: string;
  /** What guests asked for, in order. */
  readonly asked: { readonly method: string; readonly params: unknown }[] = [];
  level: Level;
  timeLeft: number | null;
  /** With this code whoever comes in is put out again, before a word. */
  farewell: number | undefined;
  #scope: Scope;
  readonly #owner: string;
  readonly #opens: string | undefined;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly #guests = new Set<Guest>();
  readonly #pages: PageServer;
  readonly #held = new Map<Method, { readonly path: string | undefined; readonly until: Promise<void> }>();
  #count = 0;
  #refused = false;

  private constructor(options: SessionServerOptions) {
    this.base = options.base ?? "/user/alice/waiide/";
    this.share = options.share ?? "s1";
    this.level = options.level ?? "view";
    this.timeLeft = options.timeLeft === undefined ? 3_600_000 : options.timeLeft;
    this.#scope = options.scope ?? { kind: "workspace" };
    this.#owner = options.owner ?? "alice";
    this.#opens = options.opens;
    this.files = new FileService(options.root, () => this.level, this.#scope, options.readLimit ?? 1_000_000);
    this.#pages = new PageServer({ base: this.base, share: this.share, files: this.files });
    this.#sockets = new WebSocketServer({ noServer: true, handleProtocols: () => sessionSubprotocol });
    this.#server = createServer((request, response) => void this.#pages.answer(request, response));
    this.#server.on("upgrade", (request, socket, head) => {
      const path = new URL(request.url ?? "/", "http://localhost").pathname;
      if (this.#refused || path !== `${this.base}share/${this.share}/api/session`) socket.destroy();
      else this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#enter(ws));
    });
  }

  static async start(options: SessionServerOptions): Promise<SessionServer> {
    const server = new SessionServer(options);
    await server.#pages.load();
    await new Promise<void>((resolve) => server.#server.listen(options.port ?? 0, "127.0.0.1", resolve));
    return server;
  }

  /** Address of the share's page. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://localhost:${port}${this.base}share/${this.share}/`;
  }

  get guests(): number {
    return this.#guests.size;
  }

  /** Whether changes are told to every page by now. */
  get tellsAll(): boolean {
    return [...this.#guests].every(({ watches }) => watches.size > 0);
  }

  /** Paths and bytes of what the page fetched. */
  get fetched(): readonly { readonly path: string; readonly bytes: number }[] {
    return this.#pages.fetched;
  }

  /** Ends all sessions with a close code; with `refuse`, nobody comes in again until `allow`. */
  end(code: number, reason: string, { refuse = false } = {}): void {
    this.#refused = refuse;
    for (const { socket } of this.#guests) socket.close(code, reason);
  }

  /** The network goes away, without a word. */
  drop({ refuse = false } = {}): void {
    this.#refused = refuse;
    for (const { socket } of this.#guests) socket.terminate();
  }

  allow(): void {
    this.#refused = false;
  }

  /** Requests of this kind, or only those for this path, wait until what is returned is called. */
  hold(method: Method, path?: string): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held.set(method, { path, until: promise });
    return () => {
      this.#held.delete(method);
      resolve();
    };
  }

  /** Tells everybody what the share is now. */
  announce(): void {
    this.#tell({ type: "share", share: this.#shared() });
  }

  async close(): Promise<void> {
    for (const guest of this.#guests) this.#leave(guest);
    for (const { socket } of this.#guests) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #shared(): Shared {
    return {
      id: this.share,
      owner: this.#owner,
      level: this.level,
      permission: levelWords[this.level].name,
      promise: levelWords[this.level].guestPromise,
      scope: this.#scope,
      root_name: this.files.rootName,
      expires_at: this.timeLeft === null ? null : new Date(Date.now() + this.timeLeft).toISOString(),
      time_left: this.timeLeft,
    };
  }

  #enter(socket: WebSocket): void {
    if (this.farewell !== undefined) {
      socket.close(this.farewell);
      return;
    }
    this.#count++;
    const person: Person = {
      session: `g${this.#count}`,
      name: `Guest ${this.#count}`,
      color: colors[this.#count % colors.length] ?? "#000",
      level: this.level,
      path: null,
    };
    const guest: Guest = { socket, person, watches: new Map() };
    this.#guests.add(guest);
    socket.on("message", (data) => void this.#request(guest, JSON.parse(String(data)) as RequestMessage));
    socket.on("close", () => {
      this.#leave(guest);
      this.#guests.delete(guest);
      this.#tell({ type: "people", people: this.#people() });
    });
    send(socket, {
      type: "welcome",
      protocol: sessionProtocol,
      you: person,
      share: this.#shared(),
      ...(this.#opens !== undefined && { opens: this.#opens }),
      limits: { read: this.files.readLimit, file: 100_000_000, requests: 8 },
      people: this.#people(),
    });
    this.#tell({ type: "people", people: this.#people() });
  }

  #leave(guest: Guest): void {
    for (const watcher of guest.watches.values()) watcher.close();
    guest.watches.clear();
  }

  #people(): Person[] {
    return [...this.#guests].map(({ person }) => person);
  }

  #tell(message: ServerMessage): void {
    for (const { socket } of this.#guests) send(socket, message);
  }

  async #request(guest: Guest, { id, method, params }: RequestMessage): Promise<void> {
    this.asked.push({ method, params });
    const held = this.#held.get(method as Method);
    const { path } = params as { readonly path?: string };
    if (held?.path === undefined || held.path === path) await held?.until;
    try {
      const result = await this.#answer(guest, method as Method, params as never);
      send(guest.socket, { type: "response", id, result });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { code, message, version } = error;
      send(guest.socket, { type: "error", id, error: { code, message, ...(version && { version }) } });
    }
  }

  async #answer(guest: Guest, method: Method, params: never): Promise<unknown> {
    const { path } = params as { path: string };
    switch (method) {
      case "watch":
        return present(this.#watch(guest, path));
      case "unwatch":
        guest.watches.get(path)?.close();
        guest.watches.delete(path);
        return {};
      case "presence":
        guest.person.path = path;
        this.#tell({ type: "people", people: this.#people() });
        return {};
      case "cancel":
        return {};
      default:
        return this.files.answer(method, params);
    }
  }

  async #watch(guest: Guest, path: string): Promise<unknown> {
    if (guest.watches.has(path)) return {};
    const { kind } = await this.files.answer("stat", { path });
    const known = new Set(kind === "folder" ? await readdir(this.files.real(path)) : []);
    const names = new Set<string>();
    let timer: NodeJS.Timeout | undefined;
    const tell = async () => {
      timer = undefined;
      const paths = [...names].map((name) => (kind === "file" ? path : path === "" ? name : `${path}/${name}`));
      names.clear();
      const told = await Promise.all(paths.map((changed) => this.#change(changed)));
      const changes = told.map((change) => (kind === "file" ? change : asNews(change, known)));
      send(guest.socket, { type: "changes", changes });
    };
    // Of a file its folder is watched: the file itself may be replaced.
    const folder = kind === "file" ? join(this.files.real(path), "..") : this.files.real(path);
    const watcher = watch(folder, (_event, name) => {
      if (name === null || name.endsWith("~") || (kind === "file" && name !== path.split("/").at(-1))) return;
      names.add(name);
      timer ??= setTimeout(() => void tell(), gathering);
    });
    watcher.on("close", () => clearTimeout(timer));
    guest.watches.set(path, watcher);
    return {};
  }

  async #change(path: string): Promise<FileChange> {
    try {
      const { kind } = await this.files.answer("stat", { path });
      if (kind === "folder") return { path, kind: "created" };
      const { version } = await this.files.answer("read", { path });
      return { path, kind: "changed", version };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return error.code === "NOT_FOUND" ? { path, kind: "deleted" } : { path, kind: "changed" };
    }
  }
}

/** What was not there before is new. */
function asNews(change: FileChange, known: Set<string>): FileChange {
  const name = change.path.split("/").at(-1) ?? "";
  const isNew = change.kind !== "deleted" && !known.has(name);
  if (change.kind === "deleted") known.delete(name);
  else known.add(name);
  return isNew ? { ...change, kind: "created" } : change;
}

function send(socket: WebSocket, message: ServerMessage): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}
