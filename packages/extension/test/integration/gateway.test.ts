import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { readRunningRecord } from "../../../gateway/src/control/control-server.ts";
import { SharingGateway } from "../../../gateway/test/support/sharing-gateway.ts";
import { EventStream } from "../../src/gateway/event-stream.ts";
import { Gateway, GatewayRefusal, GatewayUnreachable } from "../../src/gateway/gateway.ts";
import { ShareApi } from "../../src/shares/api.ts";
import type { ShareNews } from "../../src/shares/news.ts";
import { ShareState, type ShareStateListener } from "../../src/shares/state.ts";

const silent: ShareStateListener = {
  onChange: () => undefined,
  onNews: () => undefined,
  onSurvivors: () => undefined,
  onStopped: () => undefined,
  onSaid: () => undefined,
  onPaused: () => undefined,
  onProposed: () => undefined,
  onThread: () => undefined,
};

/** What the extension knows, of a gateway that runs. */
async function watched(running: SharingGateway) {
  const record = await readRunningRecord(running.dataFolder);
  const gateway = new Gateway(record?.socket ?? "");
  const api = new ShareApi(gateway);
  const news: ShareNews[] = [];
  const state = new ShareState(gateway, api, { ...silent, onNews: (one) => news.push(one) });
  state.start();
  onTestFinished(() => state.close());
  await expect.poll(() => state.snapshot.info?.sharing_available).toBe(true);
  return { gateway, api, state, news, told: () => news.map(({ kind }) => kind) };
}

it("creates, changes and revokes a share, without notifying about its own changes", async () => {
  const running = await SharingGateway.start({ files: { "a.txt": "one\ntwo\n" } });
  const { api, state, told } = await watched(running);
  const made = await state.own(
    api.create({ permission: "edit", file: "a.txt", line: 1, col: 0, end_line: 1, expires_in: 3_600, note: "n" }),
  );
  await expect.poll(() => state.snapshot.shares).toMatchObject([{ id: made.id, note: "n", level: "edit" }]);
  await api.change(made.id, { permission: "view" });
  await expect.poll(() => state.snapshot.shares).toMatchObject([{ id: made.id, level: "view" }]);
  expect((await api.newLink(made.id, false)).url).not.toBe(made.url);
  expect((await api.audit()).entries.map(({ event }) => event)).toEqual(["link", "change", "create"]);
  expect(await api.revoke(made.id)).toEqual({ revoked: 1, guests: 0 });
  await expect.poll(() => state.snapshot.shares).toEqual([]);
  expect(told()).toEqual([]);
});

it("notifies of guests who join and leave, and of other shares; removes a guest", async () => {
  const running = await SharingGateway.start({ files: { "a.txt": "one\n" } });
  const { api, state, told } = await watched(running);
  const { share, guest } = await running.enter({ permission: "View Only" }, "Bob");
  await expect.poll(told).toEqual(["created"]);
  const session = await guest.session();
  await expect.poll(told).toEqual(["created", "entered"]);
  await expect.poll(() => state.guests).toBe(1);
  const part = state.snapshot.shares[0]?.guests[0]?.session ?? "";
  await api.removeGuest(share.id, part);
  await session.closed;
  await expect.poll(() => state.snapshot.shares[0]?.guests).toEqual([]);
  await expect.poll(told).toEqual(["created", "entered", "left"]);
});

it("R11: a guest's write notifies the watchers", async () => {
  const running = await SharingGateway.start({ files: { "a.txt": "one\n" } });
  const { share, guest } = await running.enter({ permission: "edit" }, "Bob");
  const session = await guest.session();
  const { gateway, api } = await watched(running);
  const listed: string[][] = [];
  const failures: unknown[] = [];
  const events = new EventStream(gateway, "/api/share/events", {
    onEvent: () => {
      api.changes(share.id).then(
        ({ changes }) => listed.push(changes.map(({ path }) => path)),
        (error) => failures.push(error),
      );
    },
    onConnection: () => undefined,
  });
  events.start();
  onTestFinished(() => events.close());
  for (const name of ["b.txt", "c.txt"]) {
    await session.ask("write", { path: name, base: null, content: name, encoding: "utf8" });
    await expect.poll(() => listed.at(-1)).toContain(name);
  }
  expect(failures).toEqual([]);
});

it("a refusal has the gateway's words", async () => {
  const running = await SharingGateway.start();
  const { api, state } = await watched(running);
  const refused = await api.create({ permission: "view", file: "not-there" }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(GatewayRefusal);
  expect(refused).toMatchObject({ code: "SHARE_INVALID", message: expect.stringContaining("no such file") });
  expect(state.snapshot.shares).toEqual([]);
});

it("sharing that is turned off says why", async () => {
  const running = await SharingGateway.start({ flags: { sharing: "false" } });
  const record = await readRunningRecord(running.dataFolder);
  const api = new ShareApi(new Gateway(record?.socket ?? ""));
  expect(await api.info()).toMatchObject({
    sharing_available: false,
    reason: expect.stringContaining("turned it off"),
  });
  await expect(api.create({ permission: "view" })).rejects.toMatchObject({ code: "SHARING_UNAVAILABLE" });
});

it("an answer that is not JSON is an error in words", async () => {
  const folder = mkdtempSync(join(tmpdir(), "waiide-socket-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const server = createServer((_request, response) => response.end("<html>")).listen(join(folder, "s"));
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const failure = await new ShareApi(new Gateway(join(folder, "s"))).list().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(GatewayRefusal);
  expect(failure).toMatchObject({ code: "ANSWER_UNREADABLE", message: expect.stringMatching(/^The gateway's answer/) });
});

it("a missing gateway is reported, and found when it returns", async () => {
  const folder = mkdtempSync(join(tmpdir(), "waiide-socket-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const socket = join(folder, "s");
  const gateway = new Gateway(socket);
  const api = new ShareApi(gateway);
  await expect(api.list()).rejects.toBeInstanceOf(GatewayUnreachable);

  const start = async () => {
    const server = createServer((request, response) => {
      if (request.url === "/api/share/events") return void response.writeHead(200).write(": connected\n\n");
      response.end(JSON.stringify({ shares: [], sharing_available: true }));
    });
    server.listen(socket);
    await once(server, "listening");
    return async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    };
  };
  const connected: boolean[] = [];
  const state = new ShareState(gateway, api, {
    ...silent,
    onChange: (snapshot) => connected.at(-1) !== snapshot.connected && connected.push(snapshot.connected),
  });
  state.start();
  onTestFinished(() => state.close());
  const stop = await start();
  await expect.poll(() => connected.at(-1)).toBe(true);
  await stop();
  await expect.poll(() => connected.at(-1)).toBe(false);
  const stopAgain = await start();
  await expect.poll(() => connected.at(-1)).toBe(true);
  await stopAgain();
});

it("a proposal is told as one, with its share and who made it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "waiide-socket-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const proposed = { share: "a", user: "bob" };
  const server = createServer((request, response) => {
    if (request.url !== "/api/share/events") return void response.end(JSON.stringify({ shares: [] }));
    response.writeHead(200).write(`: connected\n\nevent: proposed\ndata: ${JSON.stringify(proposed)}\n\n`);
  });
  server.listen(join(folder, "s"));
  onTestFinished(() => void server.close().closeAllConnections());
  await once(server, "listening");
  const gateway = new Gateway(join(folder, "s"));
  const told: unknown[] = [];
  const state = new ShareState(gateway, new ShareApi(gateway), { ...silent, onProposed: (one) => told.push(one) });
  state.start();
  onTestFinished(() => state.close());
  await expect.poll(() => told).toEqual([proposed]);
});
