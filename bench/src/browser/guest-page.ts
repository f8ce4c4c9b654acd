import {
  type FileChange,
  type Method,
  type Params,
  type Result,
  type ServerMessage,
  sessionSubprotocol,
} from "@waiide/protocol";
import { WebSocket } from "ws";

interface Waiting {
  readonly answer: (message: Extract<ServerMessage, { type: "response" | "error" }>) => void;
  readonly fail: (error: Error) => void;
}

/** A guest's page as far as the gateway sees it: entered by a link, with its session's WebSocket (DESIGN §3.5). */
export class GuestPage {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #welcome = Promise.withResolvers<void>();
  #requests = 0;
  /** Resolves with the moment (`performance.now()`) at which the gateway closed the session. */
  readonly closed: Promise<number>;
  /** Called for every change when its message arrives. */
  onChange: (change: FileChange) => void = () => undefined;
  /** Called for every message, with its size in bytes. */
  onMessage: (message: ServerMessage, bytes: number) => void = () => undefined;
  /** Its own id, as others get it. */
  session = "";

  /** Exchanges the link's secret for a cookie and opens the session, as the landing page and the workbench do. */
  static async enter(link: string, name: string): Promise<GuestPage> {
    const cookie = await GuestPage.cookieOf(link, name);
    const address = new URL("api/session", link);
    address.protocol = "ws:";
    const headers = { "sec-fetch-site": "same-origin", cookie };
    const page = new GuestPage(new WebSocket(address, [sessionSubprotocol], { headers }));
    await page.#welcome.promise;
    return page;
  }

  /** Exchanges the link's secret for a cookie. */
  static async cookieOf(link: string, name: string): Promise<string> {
    const url = new URL(link);
    const secret = url.hash.slice(1);
    url.hash = "";
    const sameOrigin = { "sec-fetch-site": "same-origin" };
    const answer = await fetch(new URL("enter", url), {
      method: "POST",
      headers: { ...sameOrigin, "content-type": "application/json" },
      body: JSON.stringify({ secret, name }),
    });
    if (answer.status !== 204) throw new Error(`${name} was not let in: ${answer.status} ${await answer.text()}`);
    return answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<number>();
    this.closed = promise;
    socket.on("message", (data) => this.#receive(String(data)));
    socket.on("error", (error) => this.#fail(error));
    socket.once("close", (code, reason) => {
      resolve(performance.now());
      this.#fail(new Error(`the session was closed: ${code} ${reason}`));
    });
  }

  /** @throws Error with the gateway's code and message */
  ask<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    this.#requests += 1;
    const id = this.#requests;
    const { promise, resolve, reject } = Promise.withResolvers<Result<M>>();
    this.#waiting.set(id, {
      answer: (message) => {
        if (message.type === "response") resolve(message.result as Result<M>);
        else reject(new Error(`${method}: ${message.error.code} ${message.error.message}`));
      },
      fail: reject,
    });
    this.#socket.send(JSON.stringify({ type: "request", id, method, params }));
    return promise;
  }

  close(): void {
    this.#socket.close();
  }

  /** Sends a message that has no answer of its own. */
  send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  #receive(text: string): void {
    const message = JSON.parse(text) as ServerMessage;
    this.onMessage(message, Buffer.byteLength(text));
    if (message.type === "welcome") {
      this.session = message.you.session;
      this.#welcome.resolve();
    }
    if (message.type === "changes") for (const change of message.changes) this.onChange(change);
    if (message.type !== "response" && message.type !== "error") return;
    this.#waiting.get(message.id)?.answer(message);
    this.#waiting.delete(message.id);
  }

  #fail(error: Error): void {
    this.#welcome.reject(error);
    for (const { fail } of this.#waiting.values()) fail(error);
    this.#waiting.clear();
  }
}
