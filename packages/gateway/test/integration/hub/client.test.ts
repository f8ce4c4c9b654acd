import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { GatewayError } from "../../../src/base/errors.ts";
import { HubClient } from "../../../src/hub/client.ts";

const apiToken = "0123456789abcdef0123456789abcdef";
let opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.toReversed()) await one.close();
  opened = [];
});

/** What goes wrong between us and a hub. What goes well is tested with real ones. */
async function faulty(listener: RequestListener, timeout = 60_000): Promise<HubClient> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  const { port } = server.address() as AddressInfo;
  return clientOf(`http://127.0.0.1:${port}/hub/api`, timeout);
}

function clientOf(apiUrl: string, timeout = 60_000): HubClient {
  const client = new HubClient({ apiUrl, apiToken, tls: undefined }, timeout);
  opened.push(client);
  return client;
}

describe("a hub on a unix socket", () => {
  it.each(["http+unix", "unix+http"])("%s: requests go through it, by path and by full address", async (scheme) => {
    const folder = await mkdtemp(join(tmpdir(), "waiide-hub-"));
    opened.push({ close: () => rm(folder, { recursive: true }) });
    const socket = join(folder, "hub api.sock");
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ""}`);
      response.writeHead(200, { "X-JupyterHub-Version": "6.1.1" }).end('{"name":"alice"}');
    }).listen(socket);
    await once(server, "listening");
    opened.push(server);
    const apiUrl = `${scheme}://${encodeURIComponent(socket)}/hub/api`;
    const client = clientOf(apiUrl);
    expect(await client.getUser("t")).toMatchObject({ kind: "ok", body: { name: "alice" } });
    await client.request("POST", `${apiUrl}/users/alice/activity`, { token: "t", body: {} });
    expect(asked).toEqual(["GET /hub/api/user token t", "POST /hub/api/users/alice/activity token t"]);
    expect(client.version).toBe("6.1.1");
    expect(await clientOf(`${scheme}://%2Fnowhere.sock/hub/api`).getVersion()).toMatchObject({ kind: "unreachable" });
  });
});

describe("a hub in trouble is an answer, never an exception", () => {
  it("says nothing", async () => {
    const client = await faulty(() => {}, 300);
    expect(await client.getUser()).toEqual({ kind: "unreachable", reason: "no answer in 300 ms" });
  });

  it("begins to answer and stops", async () => {
    const client = await faulty((_request, response) => response.writeHead(200).write('{"name":'), 300);
    expect(await client.getUser()).toMatchObject({ kind: "unreachable" });
  });

  it("cuts the connection", async () => {
    const client = await faulty((request) => request.socket.destroy());
    expect(await client.getUser()).toMatchObject({ kind: "unreachable" });
  });

  it("is not there", async () => {
    expect(await clientOf("http://127.0.0.1:9/hub/api").getVersion()).toMatchObject({ kind: "unreachable" });
    expect(await clientOf("http://hub.invalid/hub/api").getVersion()).toMatchObject({ kind: "unreachable" });
  });

  it.each([
    [500, "", "failed"],
    [503, "<h1>Service unavailable</h1>", "failed"],
    [302, "", "failed"],
    [429, "{}", "failed"],
    [408, "{}", "failed"],
    [200, "<h1>a login page of something else</h1>", "failed"],
    [403, '{"status": 403, "message": "Forbidden"}', "refused"],
    [404, "", "refused"],
    [200, "", "ok"],
    [204, "", "ok"],
  ])("answers %i with “%s”: %s", async (status, body, kind) => {
    const client = await faulty((_request, response) => response.writeHead(status).end(body));
    expect(await client.getUser()).toMatchObject({ kind, status });
  });

  it("answers without an end to it", async () => {
    const client = await faulty((_request, response) => response.writeHead(200).end(Buffer.alloc(5 * 1024 * 1024)));
    expect(await client.getUser()).toMatchObject({ kind: "unreachable" });
  });

  it("says why, in the words of the API and of OAuth", async () => {
    const say = (body: object) => faulty((_request, response) => response.writeHead(400).end(JSON.stringify(body)));
    expect(await (await say({ status: 400, message: "no such server" })).getUser()).toMatchObject({
      reason: "no such server",
    });
    const oauth = { error: "invalid_grant", error_description: "the code was used" };
    expect(await (await say(oauth)).getUser()).toMatchObject({ reason: "the code was used" });
  });
});

it("sends the token as a header, a form as a form, and stays below the API's path", async () => {
  const seen: object[] = [];
  const client = await faulty((request, response) => {
    const { method, url, headers } = request;
    const { authorization, "content-type": type } = headers;
    seen.push({ method, url, authorization, type });
    response.setHeader("X-JupyterHub-Version", "6.1.1").end("{}");
  });
  expect(client.version).toBeUndefined();
  await client.getVersion();
  await client.getUser("other");
  await client.request("POST", "/oauth2/token", { body: new URLSearchParams({ code: "x" }) });
  await client.request("POST", "http://elsewhere.example/hub/api/users/alice/activity", { token: apiToken, body: {} });
  expect(client.version).toBe("6.1.1");
  expect(seen).toEqual([
    { method: "GET", url: "/hub/api" },
    { method: "GET", url: "/hub/api/user", authorization: "token other" },
    { method: "POST", url: "/hub/api/oauth2/token", type: "application/x-www-form-urlencoded" },
    {
      method: "POST",
      url: "/hub/api/users/alice/activity",
      authorization: `token ${apiToken}`,
      type: "application/json",
    },
  ]);
});

it("a question can be given up, and a closed client answers, too", async () => {
  const client = await faulty(() => {});
  const given = new AbortController();
  const answer = client.request("GET", "/user", { signal: given.signal });
  given.abort();
  expect(await answer).toMatchObject({ kind: "unreachable" });
  await client.close();
  expect(await client.getUser()).toMatchObject({ kind: "unreachable" });
});

it("names files of internal_ssl that cannot be read", () => {
  const files = { keyFile: "/nonexistent/key", certificateFile: "/nonexistent/cert", clientCaFile: "/nonexistent/ca" };
  expect(() => new HubClient({ apiUrl: "https://127.0.0.1/hub/api", apiToken, tls: files })).toThrow(GatewayError);
});
