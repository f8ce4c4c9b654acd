import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type CreatedShare, type CreateShare, type ServerMessage, sessionSubprotocol } from "@waiide/protocol";
import { WebSocket } from "ws";
import { HttpClient } from "../http/client.ts";
import type { Hub, RunningServer } from "./hub.ts";

const configurations = resolve(import.meta.dirname, "../../../deploy/jupyterhub");

/** A configuration that administrators are given, as a part of the tests' own. */
export async function policyConfig(name: string): Promise<string> {
  const text = await readFile(resolve(configurations, `${name}.py`), "utf8");
  return text.replace("c = get_config()", "# The tests' own c");
}

/** Where links point to; the tests ask the hub's own address. */
export const sharingEnvironment = {
  WAIIDE_PUBLIC_URL: "http://share.test",
  WAIIDE_SHARE_LIMITS: '{"free": 0, "free_percent": 0}',
};

/** A share's owner as a program: by a token of the hub's. */
export class Owner {
  readonly #server: RunningServer;
  readonly #token: string;

  private constructor(server: RunningServer, token: string) {
    this.#server = server;
    this.#token = token;
  }

  static async of(hub: Hub, server: RunningServer): Promise<Owner> {
    return new Owner(server, (await hub.createToken(server.user, { note: "the owner's program" })).token);
  }

  /** @param path below `api/share/` */
  async ask<Body>(method: string, path: string, body?: unknown): Promise<{ status: number; body: Body }> {
    const answer = await new HttpClient().send(`${this.#server.url}api/share/${path}`, {
      method,
      headers: {
        authorization: `token ${this.#token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (answer.body === "" ? undefined : JSON.parse(answer.body)) as Body };
  }

  async create(request: CreateShare): Promise<CreatedShare> {
    const { status, body } = await this.ask<CreatedShare>("POST", "create", request);
    if (status !== 201) throw new Error(`not created: ${status} ${JSON.stringify(body)}`);
    return body;
  }
}

/** Somebody with a share's address, and perhaps a login at the hub. */
export class Guest {
  readonly client: HttpClient;
  /** Address of the share, ends with `/`. */
  readonly url: string;
  readonly secret: string;

  constructor(hub: Hub, { url }: Pick<CreatedShare, "url">, client = new HttpClient()) {
    const link = new URL(url);
    this.client = client;
    this.url = `${new URL(hub.url).origin}${link.pathname}`;
    this.secret = link.hash.slice(1);
  }

  /** What the landing page sends. */
  async post(what: "look" | "enter", body: object): Promise<{ status: number; body: Record<string, unknown> }> {
    const answer = await this.client.send(`${this.url}${what}`, {
      method: "POST",
      headers: { "content-type": "application/json", "sec-fetch-site": "same-origin" },
      body: JSON.stringify(body),
    });
    const content = answer.body === "" ? {} : (JSON.parse(answer.body) as Record<string, unknown>);
    return { status: answer.status, body: content };
  }

  enter(name = "Guest"): Promise<{ status: number; body: Record<string, unknown> }> {
    return this.post("enter", { secret: this.secret, name });
  }

  /** Opens the session that the guest's page has; resolves once the gateway has said who is who. */
  async session(): Promise<{ welcome: ServerMessage; closed: Promise<number> }> {
    const url = new URL("api/session", this.url);
    const cookie = this.client.cookies.headerFor(url);
    url.protocol = "ws:";
    const socket = new WebSocket(url, [sessionSubprotocol], { headers: { cookie, "sec-fetch-site": "same-origin" } });
    const { promise: closed, resolve: onClose } = Promise.withResolvers<number>();
    const { promise: welcome, resolve: onMessage, reject } = Promise.withResolvers<ServerMessage>();
    socket.once("close", (code) => onClose(code));
    socket.once("error", reject);
    socket.once("message", (data) => onMessage(JSON.parse(String(data)) as ServerMessage));
    return { welcome: await welcome, closed };
  }
}
