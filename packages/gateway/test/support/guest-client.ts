import { request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";
import { type Method, type Params, type Result, type ServerMessage, sessionSubprotocol } from "@waiide/protocol";
import { WebSocket } from "ws";
import { type Answer, askAt, upgradeStatusAt } from "./asking.ts";

export interface GuestRequest {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  /** Leaves the guest's cookie out. */
  readonly anonymous?: boolean;
}

/** A guest's browser as far as HTTP and WebSockets go: one cookie, one share. */
export class GuestClient {
  readonly #server: URL;
  /** Path of the share, begins and ends with `/`. */
  readonly path: string;
  readonly secret: string;
  cookie: string | undefined;

  /** @param server where it really is; the link names the public origin */
  constructor(server: string, link: string) {
    const url = new URL(link);
    this.#server = new URL(server);
    this.path = url.pathname;
    this.secret = url.hash.slice(1);
  }

  /** @param path below the share, or an absolute one */
  async ask(path: string, { method = "GET", headers = {}, body, anonymous }: GuestRequest = {}): Promise<Answer> {
    const content = body === undefined ? undefined : JSON.stringify(body);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    httpRequest({
      hostname: this.#server.hostname,
      port: this.#server.port,
      path: path.startsWith("/") ? path : `${this.path}${path}`,
      method,
      agent: false,
      headers: {
        ...(content === undefined ? {} : { "content-type": "application/json" }),
        ...(method === "GET" ? {} : { "sec-fetch-site": "same-origin" }),
        ...(this.cookie === undefined || anonymous ? {} : { cookie: this.cookie }),
        ...headers,
      },
    })
      .on("response", (response) =>
        text(response).then(
          (all) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: all }),
          reject,
        ),
      )
      .on("error", reject)
      .end(content);
    return promise;
  }

  async enter(name = "Bob"): Promise<this> {
    const answer = await this.ask("enter", { method: "POST", body: { secret: this.secret, name }, anonymous: true });
    if (answer.status !== 204) throw new Error(`not let in: ${answer.status} ${answer.body}`);
    this.cookie = answer.headers["set-cookie"]?.[0]?.split(";")[0];
    return this;
  }

  /** Joins as a user of a `PlainHub`, after a login there. */
  async enterAs(user: string): Promise<this> {
    const [, base = "/"] = /^(.*?)share\//.exec(this.path) ?? [];
    const begun = await askAt(this.#server, `${this.path}login`);
    const state = new URL(begun.headers.location ?? "", this.#server).searchParams.get("state");
    const cookies = ({ headers }: Answer) => (headers["set-cookie"] ?? []).map((one) => one.split(";")[0]).join("; ");
    const back = `${base}oauth_callback?code=${encodeURIComponent(user)}&state=${state}`;
    const done = await askAt(this.#server, back, { headers: { cookie: cookies(begun) } });
    const headers = { cookie: cookies(done) };
    const body = { secret: this.secret, name: "" };
    const answer = await this.ask("enter", { method: "POST", body, anonymous: true, headers });
    if (answer.status !== 204) throw new Error(`not let in: ${answer.status} ${answer.body}`);
    this.cookie = answer.headers["set-cookie"]?.[0]?.split(";")[0];
    return this;
  }

  /** The status of an upgrade, 101 if it was accepted. */
  upgrade(path: string, headers: Record<string, string> = {}): Promise<number> {
    return upgradeStatusAt(this.#server, path.startsWith("/") ? path : `${this.path}${path}`, {
      "sec-websocket-protocol": sessionSubprotocol,
      "sec-fetch-site": "same-origin",
      ...(this.cookie === undefined ? {} : { cookie: this.cookie }),
      ...headers,
    });
  }

  /** A WebSocket with this guest's cookie, open or about to be. */
  socket(path: string, protocols: string[] = []): WebSocket {
    const url = new URL(path.startsWith("/") ? path : `${this.path}${path}`, this.#server);
    url.protocol = "ws:";
    const headers = { "sec-fetch-site": "same-origin", ...(this.cookie === undefined ? {} : { cookie: this.cookie }) };
    return new WebSocket(url, protocols, { headers });
  }

  async session(): Promise<SessionClient> {
    const session = new SessionClient(this.socket("api/session", [sessionSubprotocol]));
    await session.message("welcome");
    return session;
  }
}

export interface SessionFailure {
  readonly code: string;
  readonly message: string;
  readonly version?: string;
}

/** One page's session: requests, their answers, and what the gateway tells. */
export class SessionClient {
  readonly socket: WebSocket;
  readonly messages: ServerMessage[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #waiting = new Set<() => void>();
  #next = 0;

  constructor(socket: WebSocket) {
    this.socket = socket;
    const { promise, resolve } = Promise.withResolvers<{ code: number; reason: string }>();
    this.closed = promise;
    socket.on("message", (data) => {
      this.messages.push(JSON.parse(String(data)) as ServerMessage);
      this.#tell();
    });
    socket.on("error", () => undefined);
    socket.once("close", (code, reason) => {
      resolve({ code, reason: String(reason) });
      this.#tell();
    });
  }

  /** @returns the result, or the error as the protocol says it */
  async ask<M extends Method>(method: M, params: Params<M>): Promise<Result<M> | SessionFailure> {
    const id = this.#next++;
    this.socket.send(JSON.stringify({ type: "request", id, method, params }));
    const answer = await this.find((one) => (one.type === "response" || one.type === "error") && one.id === id);
    return answer.type === "error" ? answer.error : ((answer as { result: unknown }).result as Result<M>);
  }

  /** The first message of a type, now or later. */
  async message<T extends ServerMessage["type"]>(type: T): Promise<Extract<ServerMessage, { type: T }>> {
    return (await this.find((one) => one.type === type)) as Extract<ServerMessage, { type: T }>;
  }

  /** @throws Error if the socket closes before there is one */
  async find(matches: (message: ServerMessage) => boolean): Promise<ServerMessage> {
    for (;;) {
      const found = this.messages.find(matches);
      if (found !== undefined) return found;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error("the session closed before that message came");
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await promise;
      this.#waiting.delete(resolve);
    }
  }

  close(): void {
    this.socket.close();
  }

  #tell(): void {
    for (const resolve of this.#waiting) resolve();
  }
}
