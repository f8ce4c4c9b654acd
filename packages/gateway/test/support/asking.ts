import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** Sends a path as it is written, on a connection of its own: `fetch` would tidy it up first. */
export async function askAt(
  { hostname, port }: URL,
  path: string,
  { body, ...options }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  httpRequest({ hostname, port, path, ...options, agent: false })
    .on("response", resolve)
    .on("error", reject)
    .end(body);
  const response = await promise;
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}

/** The answer to a request for a WebSocket: 101 with the open connection, or a refusal. */
export interface UpgradeAnswer {
  readonly status: number;
  readonly socket?: Duplex;
}

/** Asks for a WebSocket as a browser does, on a connection of its own. */
export async function openUpgrade(
  { hostname, port }: URL,
  path: string,
  headers: Record<string, string> = {},
): Promise<UpgradeAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<UpgradeAnswer>();
  const asked = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  httpRequest({ hostname, port, path, agent: false, headers: { ...asked, ...headers } })
    .on("upgrade", ({ statusCode = 0 }, socket) => resolve({ status: statusCode, socket }))
    .on("response", (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0 });
    })
    .on("error", reject)
    .end();
  return promise;
}

/** The status of an upgrade, 101 if it was accepted. */
export async function upgradeStatusAt(url: URL, path: string, headers: Record<string, string> = {}): Promise<number> {
  const { status, socket } = await openUpgrade(url, path, headers);
  socket?.destroy();
  return status;
}
