import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import pino from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { HubClient } from "../../../src/hub/client.ts";
import { ServerStop } from "../../../src/hub/server-stop.ts";
import { alice } from "../../support/hub-settings.ts";
import { SharingGateway } from "../../support/sharing-gateway.ts";

const login = "the-token-of-alices-login";
const own = alice.apiToken;
let opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.toReversed()) await one.close();
  opened = [];
});

type Answer = (token: string) => number | "nothing";

/** A hub that answers a question by its token, and the stop of alice's server that asks it. */
async function stopAt(answer: Answer, { loggedIn = true, serverName = "waiide", patience = 30_000 } = {}) {
  const asked: string[] = [];
  const ended: string[] = [];
  const logged: string[] = [];
  const server = createServer(({ method, url, headers }: IncomingMessage, response) => {
    const given = headers.authorization?.replace("token ", "") ?? "";
    asked.push(`${method} ${url} ${given === login ? "login" : given === own ? "own" : "?"}`);
    const status = answer(given);
    if (status === "nothing") return;
    response.writeHead(status, { "Content-Type": status < 300 ? "text/plain" : "application/json" });
    response.end(status < 300 ? "" : `{"status": ${status}, "message": "not ${given === login ? "you" : "me"}"}`);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const settings = { ...alice, serverName, apiUrl: `http://127.0.0.1:${port}/hub/api` };
  const client = new HubClient(settings, patience);
  opened.push(client, {
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  const logger = pino({}, { write: (line: string) => logged.push(line) });
  const hub = { settings, client, ownerToken: () => (loggedIn ? login : undefined) };
  return { stop: new ServerStop({ hub, logger, end: () => ended.push("ended") }), asked, ended, logged };
}

describe("the owner stops the server: the hub", () => {
  const path = "/hub/api/users/alice/servers/waiide";

  it.each([202, 204])("does it (%i) with the owner's login, for which the server waits", async (status) => {
    const { stop, asked, ended } = await stopAt(() => status);
    await stop.stop();
    expect([asked, ended]).toEqual([[`DELETE ${path} login`], []]);
    // Had the hub not done it, asking again would ask the hub again.
    await stop.stop();
    expect(asked).toHaveLength(2);
  });

  it("does it by the server's own token, where an administrator gave that the right", async () => {
    const { stop, asked, ended } = await stopAt((token) => (token === own ? 204 : 403));
    await stop.stop();
    expect([asked, ended]).toEqual([[`DELETE ${path} login`, `DELETE ${path} own`], []]);
  });

  it("is read once if nobody is logged in; the default server has its own path", async () => {
    const { stop, asked } = await stopAt(() => 204, { loggedIn: false, serverName: "" });
    await stop.stop();
    expect(asked).toEqual(["DELETE /hub/api/users/alice/server own"]);
  });

  it("refuses both: the server ends itself, once, and says why", async () => {
    const { stop, asked, ended, logged } = await stopAt(() => 403);
    await Promise.all([stop.stop(), stop.stop()]);
    await stop.stop();
    expect([asked.length, ended]).toEqual([2, ["ended"]]);
    expect(logged.join("")).toContain("not me");
  });

  it("is broken or silent: the server stops itself, without asking the hub twice", async () => {
    const broken = await stopAt(() => 500);
    await broken.stop.stop();
    expect([broken.asked.length, broken.ended]).toEqual([2, ["ended"]]);
    const silent = await stopAt(() => "nothing", { patience: 2_000 });
    await silent.stop.stop();
    expect([silent.asked.length, silent.ended]).toEqual([1, ["ended"]]);
    expect(silent.logged.join("")).toContain("no answer in 2000 ms");
  });
});

it("without a hub it ends itself, once", async () => {
  const ended: string[] = [];
  const stop = new ServerStop({ hub: undefined, logger: pino({ level: "silent" }), end: () => ended.push("ended") });
  await stop.stop();
  await stop.stop();
  expect(ended).toEqual(["ended"]);
});

it("R1: nobody but the owner stops it, no guest either, and no link does", async () => {
  const gateway = await SharingGateway.start();
  const signals: string[] = [];
  const onSignal = () => signals.push("SIGTERM");
  process.on("SIGTERM", onSignal);
  opened.push({ close: () => process.off("SIGTERM", onSignal) });
  const { guest } = await gateway.enter({ permission: "Full Access" });
  const path = "/api/server/stop";
  expect((await guest.ask(path, { method: "POST" })).status).toBe(401);
  expect((await guest.ask("api/server/stop", { method: "POST" })).status).toBe(404);
  const wrong = { authorization: "Bearer wrong-wrong-wrong-wrong-wrong-wrong" };
  expect((await guest.ask(path, { method: "POST", anonymous: true, headers: wrong })).status).toBe(401);
  expect((await gateway.api(path)).status).toBe(405);
  expect((await gateway.api("/api")).status).toBe(200);
  expect(signals).toEqual([]);
});
