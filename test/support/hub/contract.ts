import { expect } from "vitest";
import type { Answer, HttpClient } from "../http/client.ts";
import type { Hub, RunningServer } from "./hub.ts";

/** What every VS Code page carries, and no other page. */
export const idePage = /vscode-workbench-web-configuration/;

/** Where the IDE takes WebSockets. The server opens one for any token; what it says then is not asked here. */
export function ideSocket(server: RunningServer): string {
  return `${server.url}ide/?reconnectionToken=00000000-0000-4000-8000-000000000000&reconnection=false&skipWebSocketFrames=false`;
}

/** Address of a port of the user's, through his server. */
export function portUrl(server: RunningServer, port: number, path = ""): string {
  return `${server.url}proxy/${port}/${path}`;
}

/** The address of the server's own port, without the hub's proxy. */
export function directOrigin(server: RunningServer): string {
  const { JUPYTERHUB_SERVICE_URL: url } = server.environment;
  return new URL(url ?? "").origin;
}

/** A person opens a server and gets its IDE by way of the hub's login; nothing below the server is taken for the hub. */
export async function opensIde(hub: Hub, server: RunningServer, client: HttpClient): Promise<Answer> {
  const answer = await client.open(server.url);
  expect(answer.status, answer.body.slice(0, 500)).toBe(200);
  expect(answer.url).toBe(`${server.url}ide/`);
  expect(answer.body).toMatch(idePage);
  const paths = answer.redirects.map((url) => new URL(url).pathname);
  expect(paths).toContain(`${hub.baseUrl}hub/api/oauth2/authorize`);
  expect(paths).toContain(`${server.prefix}oauth_callback`);
  expect(paths.filter((path) => path.startsWith(`${server.prefix}hub/`))).toEqual([]);
  return answer;
}

/** The server's login cookies of a client. */
export function loginCookies(server: RunningServer, client: HttpClient) {
  const name = server.environment.JUPYTERHUB_CLIENT_ID ?? "";
  return client.cookies.all.filter((cookie) => cookie.name === name || cookie.name === `__Host-${name}`);
}

/** Follows a login up to the hub, which is not asked yet. @returns the hub's authorize address, its query included */
export async function beginLogin(client: HttpClient, url: string): Promise<string> {
  let next = url;
  for (let steps = 0; steps < 5; steps += 1) {
    const answer = await client.step(next);
    expect(answer.status).toBeGreaterThanOrEqual(300);
    next = new URL(answer.headers.location ?? "", next).href;
    if (new URL(next).pathname.endsWith("/hub/api/oauth2/authorize")) return next;
  }
  throw new Error(`no login at the hub from ${url}`);
}

/** Status of each way in for somebody: the IDE's page, a port, an IDE WebSocket, the owner's API. */
export async function ways(
  server: RunningServer,
  port: number,
  client: HttpClient,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ ide: number; port: number; socket: number; api: number }> {
  const sameOrigin = { origin: new URL(server.url).origin };
  const [ide, onPort, socket, api] = await Promise.all([
    client.fetch(`${server.url}ide/`, headers),
    client.fetch(portUrl(server, port), headers),
    client.upgrade(ideSocket(server), { ...sameOrigin, ...headers }),
    client.fetch(`${server.url}api/status`, headers),
  ]);
  return { ide: ide.status, port: onPort.status, socket: socket.status, api: api.status };
}
