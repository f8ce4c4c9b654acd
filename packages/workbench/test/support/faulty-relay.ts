import { once } from "node:events";
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { type Duplex, pipeline } from "node:stream";
import type { LiveClientMessage, Method, RequestMessage, ServerMessage } from "@waiide/protocol";
import { expect, vi } from "vitest";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { patience } from "../../../../test/support/patience.ts";

/** A request's method, or the type of a message of live editing. */
type Held = Method | LiveClientMessage["type"];

/** A page's session: the browser's socket, and the one that stands for it at the gateway. */
interface Session {
  readonly browser: WebSocket;
  readonly gateway: WebSocket;
  /** Watch requests that are not answered yet, by their id. */
  readonly asking: Map<number, string>;
  /** What the gateway said it watches. */
  readonly watched: Set<string>;
  /** Files that are live, by the gateway's number. */
  readonly live: Map<number, string>;
  /** What the gateway says about live files is lost. */
  isMute: boolean;
}

/**
 * The network between a gateway and its guests' pages, as bad as a test wants it. Requests pass as they are; the sockets of
 * sessions can be held up, cut, closed and refused.
 */
export class FaultyRelay {
  /** What guests asked for, in order. */
  readonly asked: { readonly method: string; readonly params: unknown }[] = [];
  /** Paths that browsers requested, in order. */
  readonly requested: string[] = [];
  /** Every new session is closed with this code before a word. */
  farewell: number | undefined;
  readonly #gateway: URL;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, handleProtocols: ([asked]) => asked ?? false });
  readonly #sessions = new Set<Session>();
  readonly #held = new Map<
    Held,
    { readonly path: string | undefined; readonly until: Promise<void>; release(): void }
  >();
  #refuses = false;
  /** How much of every answer passes at once, and when the rest does. */
  #pause: { readonly after: number; readonly until: Promise<void> } | undefined;

  private constructor(gateway: URL) {
    this.#gateway = gateway;
    this.#server = createServer((request, response) => this.#forward(request, response));
    this.#server.on("upgrade", (request, socket, head) => {
      if (this.#refuses) socket.destroy();
      else if (this.farewell === undefined) this.#connect(request, socket, head);
      else this.#sockets.handleUpgrade(request, socket, head, (browser) => browser.close(this.farewell));
    });
  }

  /** @param gateway any address of it */
  static async start(gateway: string): Promise<FaultyRelay> {
    const relay = new FaultyRelay(new URL(gateway));
    relay.#server.listen(0, "127.0.0.1");
    await once(relay.#server, "listening");
    return relay;
  }

  /** Where browsers reach the gateway, without a path. */
  get origin(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many sessions are open. */
  get sessions(): number {
    return this.#sessions.size;
  }

  /** Whether the gateway already watches something for every page. */
  get tellsAll(): boolean {
    return [...this.#sessions].every(({ watched }) => watched.size > 0);
  }

  /** How many pages have the file live. */
  livePages(path: string): number {
    return [...this.#sessions].filter(({ live }) => [...live.values()].includes(path)).length;
  }

  /** Closes all sessions with a code. */
  end(code: number, reason: string): void {
    for (const { browser } of this.#sessions) browser.close(code, reason);
  }

  /** Cuts all sessions without a word; with `refuse`, none is opened until `allow`. */
  drop({ refuse = false } = {}): void {
    this.#refuses = refuse;
    for (const { browser } of this.#sessions) browser.terminate();
  }

  allow(): void {
    this.#refuses = false;
  }

  /** What the gateway says about live files reaches no page that is connected now, until `unmute`. */
  mute(): void {
    for (const session of this.#sessions) session.isMute = true;
  }

  unmute(): void {
    for (const session of this.#sessions) session.isMute = false;
  }

  /** Requests and messages of this kind, or only those for this path, go no further until what is returned is called. */
  hold(method: Held, path?: string): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const release = () => {
      this.#held.delete(method);
      resolve();
    };
    this.#held.set(method, { path, until: promise, release });
    return release;
  }

  /** Of every answer that begins from now on, little more than so many bytes arrive until what is returned is called. */
  pauseAfter(after: number): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#pause = { after, until: promise };
    return () => {
      this.#pause = undefined;
      resolve();
    };
  }

  /** Holds nothing back any more; resolves once so many pages are connected. */
  async restore(pages: number): Promise<void> {
    this.farewell = undefined;
    this.allow();
    this.unmute();
    for (const { release } of this.#held.values()) release();
    await vi.waitFor(() => expect(this.#sessions.size).toBe(pages), patience);
  }

  /** What was asked for and requested until now. */
  forget(): void {
    this.asked.length = 0;
    this.requested.length = 0;
  }

  async close(): Promise<void> {
    this.#refuses = true;
    for (const { browser, gateway } of this.#sessions) {
      browser.terminate();
      gateway.terminate();
    }
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #forward(request: IncomingMessage, response: ServerResponse): void {
    const { hostname, port } = this.#gateway;
    const { method, url: path = "", headers } = request;
    const pause = this.#pause;
    this.requested.push(path);
    const forwarded = httpRequest({ hostname, port, method, path, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      // A browser that goes away in the middle of it is no error.
      pipeline(
        answer,
        (body: AsyncIterable<Buffer>) => paused(body, pause),
        response,
        () => undefined,
      );
    });
    forwarded.on("error", () => response.destroy());
    response.on("close", () => forwarded.destroy());
    request.pipe(forwarded);
  }

  /** The gateway decides first. What it refuses, the browser is refused with the same status. */
  #connect(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? "/", this.#gateway);
    url.protocol = "ws:";
    const protocols = request.headers["sec-websocket-protocol"]?.split(/,\s*/) ?? [];
    const gateway = new WebSocket(url, protocols, { headers: headersOf(request) });
    socket.on("error", () => gateway.terminate());
    gateway.once("unexpected-response", (_request, { statusCode, statusMessage }) => {
      socket.end(`HTTP/1.1 ${statusCode} ${statusMessage}\r\nConnection: close\r\n\r\n`);
      gateway.terminate();
    });
    gateway.on("error", () => socket.destroy());
    gateway.once("open", () => {
      if (socket.destroyed) return gateway.terminate();
      // What comes at once must wait for the browser's side.
      gateway.pause();
      this.#sockets.handleUpgrade(request, socket, head, (browser) => {
        this.#relay({ browser, gateway, asking: new Map(), watched: new Set(), live: new Map(), isMute: false });
        gateway.resume();
      });
    });
  }

  #relay(session: Session): void {
    const { browser, gateway } = session;
    this.#sessions.add(session);
    browser.on("message", (data) => void this.#pass(session, data));
    gateway.on("message", (data) => {
      const message = JSON.parse(String(data)) as ServerMessage;
      note(session, message);
      if (session.isMute && message.type.startsWith("live-")) return;
      if (browser.readyState === browser.OPEN) browser.send(String(data));
    });
    browser.on("error", () => browser.terminate());
    browser.once("close", () => {
      this.#sessions.delete(session);
      gateway.close();
    });
    gateway.once("close", (code, reason) => closeWith(browser, code, String(reason)));
  }

  async #pass({ asking, watched, live, gateway }: Session, data: RawData): Promise<void> {
    const { id, method, params } = asRequest(JSON.parse(String(data)) as RequestMessage | LiveClientMessage);
    const { path } = params as { readonly path?: string };
    this.asked.push({ method, params });
    if (method === "watch" && path !== undefined) asking.set(id, path);
    if (method === "unwatch" && path !== undefined) watched.delete(path);
    if (method === "live-close") live.delete((params as { readonly doc: number }).doc);
    const held = this.#held.get(method as Held);
    if (held?.path === undefined || held.path === path) await held?.until;
    if (gateway.readyState === gateway.OPEN) gateway.send(String(data));
  }
}

/** Messages of live editing are looked at as if they were requests. */
function asRequest(message: RequestMessage | LiveClientMessage): Pick<RequestMessage, "id" | "method" | "params"> {
  return message.type === "request" ? message : { id: -1, method: message.type, params: message };
}

function note({ asking, watched, live }: Session, message: ServerMessage): void {
  if (message.type === "live-opened") live.set(message.doc, message.path);
  if (message.type === "live-closed") live.delete(message.doc);
  if (message.type !== "response" && message.type !== "error") return;
  const path = asking.get(message.id);
  asking.delete(message.id);
  if (path !== undefined && message.type === "response") watched.add(path);
}

/** All but those of one connection. */
function headersOf({ headers }: IncomingMessage): IncomingHttpHeaders {
  const own = /^(connection|upgrade|sec-websocket-.*)$/;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !own.test(name)));
}

/** As the gateway closed it; a socket that broke off has no code that could be sent. */
function closeWith(browser: WebSocket, code: number, reason: string): void {
  if (code === 1005 || code === 1006) browser.terminate();
  else browser.close(code, reason);
}

async function* paused(
  body: AsyncIterable<Buffer>,
  pause: { readonly after: number; readonly until: Promise<void> } | undefined,
): AsyncGenerator<Buffer> {
  let passed = 0;
  for await (const chunk of body) {
    passed += chunk.length;
    yield chunk;
    if (pause !== undefined && passed >= pause.after) await pause.until;
  }
}
