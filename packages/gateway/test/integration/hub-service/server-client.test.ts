import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { GatewayError } from "../../../src/base/errors.ts";
import { ServerClient } from "../../../src/hub-service/server-client.ts";
import { Orders, publicKeyText } from "../../../src/share/hub-link/orders.ts";
import { listedShare, overview, runningServer } from "../../support/shared-servers.ts";

const { privateKey } = generateKeyPairSync("ed25519");

/** A client, and a proxy that leads everywhere to the same program. */
async function start(program: RequestListener, timeout = 30_000): Promise<ServerClient> {
  const proxy = createServer(program);
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const { port } = proxy.address() as AddressInfo;
  const proxyUrl = `http://127.0.0.1:${port}`;
  const client = new ServerClient({ proxyUrl, service: "waiide", key: privateKey, timeout, connections: 4 });
  onTestFinished(async () => {
    await client.close();
    proxy.closeAllConnections();
    proxy.close();
  });
  return client;
}

const answering =
  (status: number, body: string): RequestListener =>
  (_request, response) =>
    void response.writeHead(status).end(body);

it("sends a signed order, at the hub's address and under its name for the server", async () => {
  const orders = new Orders({ keys: [publicKeyText(privateKey)], server: "j.é/a" });
  const asked: unknown[] = [];
  const client = await start((request, response) => {
    const path = (request.url ?? "").replace("/user/j.%C3%A9/a", "");
    const verdict = orders.judge(request, { path, query: "" });
    asked.push([request.method, request.url, request.headers.host, verdict]);
    response.end(JSON.stringify(request.method === "GET" ? overview([listedShare()]) : { revoked: 1, guests: 0 }));
  });
  const server = runningServer("j.é", "a", { path: "/user/j.%C3%A9/a/", host: "j.hub.example" });
  expect(await client.overview(server, "root")).toMatchObject({ kind: "ok", body: { shares: [{ id: "share-1" }] } });
  expect(await client.revoke(server, "root", "s-1")).toEqual({ kind: "ok", body: { revoked: 1, guests: 0 } });
  expect(await client.revoke(server, "root", undefined)).toMatchObject({ kind: "ok" });
  const order = { kind: "order", who: "administrator root, through the service waiide" };
  expect(asked).toEqual([
    ["GET", "/user/j.%C3%A9/a/api/share/overview", "j.hub.example", order],
    ["DELETE", "/user/j.%C3%A9/a/api/share/revoke/s-1", "j.hub.example", order],
    ["DELETE", "/user/j.%C3%A9/a/api/share/revoke", "j.hub.example", order],
  ]);
});

const body = (
  code: "SHARE_ORDER_KEY_UNKNOWN" | "SHARE_ORDER_REFUSED" | "LOGIN_REQUIRED" | "SHARE_UNKNOWN",
  reason = "",
) => JSON.stringify(new GatewayError(code, { reason }).toBody());

it.each([
  ["a page", 200, "<html>", "foreign"],
  ["JSON of another program", 200, "{}", "foreign"],
  ["a login page's redirect", 302, "", "foreign"],
  ["not found", 404, "<html>", "foreign"],
  ["a share that is half one", 200, JSON.stringify({ ...overview(), shares: [{ id: 1 }] }), "foreign"],
  ["the proxy, for a server that is gone", 503, "<html>", "silent"],
  ["the hub, for a server that is stopped", 424, "{}", "silent"],
  ["a WAIIDE of before", 401, body("LOGIN_REQUIRED"), "unaware"],
  [
    "a WAIIDE without keys",
    403,
    body("SHARE_ORDER_KEY_UNKNOWN", "it was started before the administrator's page was set up"),
    "unaware",
  ],
  [
    "a WAIIDE with another key",
    403,
    body("SHARE_ORDER_KEY_UNKNOWN", "it is not signed by a key that this server knows"),
    "unaware",
  ],
  ["a WAIIDE whose clock is wrong", 403, body("SHARE_ORDER_REFUSED", "it is too old"), "refused"],
  ["a share that has ended", 404, body("SHARE_UNKNOWN"), "refused"],
])("%s (%i) is recognized", async (_what, status, text, expected) => {
  const client = await start(answering(status, text));
  const answer = await client.overview(runningServer("alice"), "root");
  expect([answer.kind, "reason" in answer && answer.reason !== ""]).toEqual([expected, true]);
});

it("a server that never answers, breaks off or never ends has a timeout", async () => {
  const hanging = await start(() => undefined, 50);
  expect(await hanging.overview(runningServer("alice"), "root")).toEqual({
    kind: "silent",
    reason: "no answer in 0.05 s",
  });
  const cutting = await start((request) => request.socket.destroy());
  expect((await cutting.overview(runningServer("alice"), "root")).kind).toBe("silent");
  const endless = await start((_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(1024 * 1024, " ")));
    };
    response.on("drain", more);
    more();
  });
  expect(await endless.overview(runningServer("alice"), "root")).toMatchObject({
    kind: "silent",
    reason: expect.stringMatching(/longer than/),
  });
});
