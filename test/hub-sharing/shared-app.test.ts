import { once } from "node:events";
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import type { CreatedShare, ShareList } from "@waiide/protocol";
import { expect } from "vitest";
import type { WebSocket } from "ws";
import { AppGuest, startTestApp } from "../../packages/gateway/test/support/apps/app-guest.ts";
import { GuestClient } from "../../packages/gateway/test/support/guest-client.ts";
import { it as withHub } from "../support/hub/fixtures.ts";
import { Guest, Owner, sharingEnvironment } from "../support/hub/sharing.ts";
import { patience } from "../support/patience.ts";

const user = "bob.x@ex.org";

const it = withHub
  .extend("sharer", { scope: "file" }, ({ hub, server }) => Owner.of(hub, server))
  .extend("visit", { scope: "file" }, ({ hub }) => {
    return async (share: CreatedShare, name: string) =>
      AppGuest.open(hub, await new GuestClient(hub.url, share.url).enter(name));
  });

it.override("hubOptions", {
  version: "5.5.4",
  baseUrl: "/jupyter/",
  users: [user, "carol", "dave"],
  environment: { ...sharingEnvironment, WAIIDE_PUBLIC_URL: "https://share.test" },
});
it.override("owner", { user, name: "waiide" });

it("R31: an app works through a real hub, with a base URL and an escaped user name", async ({
  server,
  sharer,
  visit,
}) => {
  const app = await startTestApp();
  const share = await sharer.create({ permission: "Use the App", app: { port: app.port } });
  expect(new URL(share.url).pathname).toBe(`${server.prefix}share/${share.id}/`);
  const guest = await visit(share, "Bob");
  expect(guest.address.startsWith(`${server.prefix}share/${share.id}/app/`)).toBe(true);
  const page = await guest.ask("");
  expect([page.status, page.body.includes(`<script src="${guest.address}app.js">`)]).toEqual([200, true]);
  const socket = guest.socket("ws");
  await once(socket, "message");
  socket.close();
});

it("R31: no login at the hub and no cookie of its users reaches the app", async ({ hub, sharer, visit }) => {
  const app = await startTestApp();
  const share = await sharer.create({ permission: "Use the App", app: { port: app.port } });
  const guest = await visit(share, "Bob");
  const login = await hub.login(user);
  const cookie = login.cookies.headerFor(new URL(guest.address, hub.url));
  expect(cookie).toContain("jupyterhub");
  await guest.fetch("one", { headers: { cookie, authorization: "token abc" } });
  const told = (await guest.requests()).find(({ url }) => url === "/one")?.headers;
  expect([told?.cookie, told?.authorization]).toEqual([undefined, undefined]);
});

it("R31: the owner sees an app for named people as they do; others do not", async ({ hub, sharer }) => {
  const app = await startTestApp();
  const share = await sharer.create({ permission: "Use the App", app: { port: app.port }, with: { user: "carol" } });
  const enter = async (name: string) => {
    const guest = new Guest(hub, share, await hub.login(name));
    await hub.visit(guest.client, `${guest.url}login`);
    return (await guest.post("enter", {})).status;
  };
  expect(await enter(user)).toBe(204);
  expect(await enter("dave")).toBe(401);
  const { shares } = (await sharer.ask<ShareList>("GET", "list")).body;
  expect(shares.find(({ id }) => id === share.id)?.guests).toMatchObject([{ hub_user: user }]);
});

/** What a guest has open in an app: a socket, a stream of events, and an upload that goes on. */
interface Open {
  readonly socket: WebSocket;
  readonly stream: IncomingMessage;
  readonly upload: ClientRequest;
  /** Resolves when all of it is over. */
  readonly over: Promise<unknown>;
}

async function openAll(guest: AppGuest, hub: string): Promise<Open> {
  const socket = guest.socket("ws");
  await once(socket, "message");
  const stream = await guest.begin("events");
  await once(stream, "data");
  stream.resume();
  const { hostname, port } = new URL(hub);
  const headers = { origin: "null", "sec-fetch-dest": "empty", "sec-fetch-mode": "cors" };
  const upload = httpRequest({ hostname, port, path: `${guest.address}upload`, method: "POST", agent: false, headers });
  upload.on("response", (answer) => answer.resume());
  const answered = once(upload, "response");
  upload.write("begun");
  return { socket, stream, upload, over: Promise.all([once(socket, "close"), once(stream, "close"), answered]) };
}

it("R31: a removed guest's socket, stream and upload end at the hub's proxy", async ({ hub, sharer, visit }) => {
  const app = await startTestApp();
  const share = await sharer.create({ permission: "Use the App", app: { port: app.port } });
  const [bob, carol] = [await visit(share, "Bob"), await visit(share, "Carol")];
  const ofBob = await openAll(bob, hub.url);
  const ofCarol = await openAll(carol, hub.url);
  const uploads = async () => (await carol.requests()).filter(({ url }) => url === "/upload");
  await expect.poll(async () => (await uploads()).length, patience).toBe(2);
  // Her requests keep passing, on connections that the hub's proxy keeps for anybody.
  let isAsking = true;
  const asking = (async () => {
    const statuses = new Set<number>();
    while (isAsking) statuses.add((await carol.ask("app.js")).status);
    return statuses;
  })();

  const { shares } = (await sharer.ask<ShareList>("GET", "list")).body;
  const session = shares[0]?.guests.find(({ name }) => name === "Bob")?.session;
  expect((await sharer.ask("DELETE", `${share.id}/guests/${session}`)).status).toBeLessThan(300);
  await ofBob.over;
  isAsking = false;

  expect(await asking).toEqual(new Set([200]));
  expect((await bob.ask("")).status).toBe(403);
  const echo = once(ofCarol.socket, "message");
  ofCarol.socket.send("still here");
  expect(String((await echo)[0])).toBe("still here");
  const answer = once(ofCarol.upload, "response") as Promise<[IncomingMessage]>;
  ofCarol.upload.end(" and ended");
  expect((await answer)[0].statusCode).toBe(200);
  expect(ofCarol.stream.closed).toBe(false);

  expect((await sharer.ask("DELETE", `revoke/${share.id}`)).status).toBeLessThan(300);
  await ofCarol.over;
  expect((await carol.ask("")).status).toBe(403);
});
