import { once } from "node:events";
import type { CreatedShare } from "@waiide/protocol";
import { expect } from "vitest";
import { AppGuest, startTestApp } from "../../packages/gateway/test/support/apps/app-guest.ts";
import { GuestClient } from "../../packages/gateway/test/support/guest-client.ts";
import { it as withHub } from "../support/hub/fixtures.ts";
import { Owner, sharingEnvironment } from "../support/hub/sharing.ts";

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
  users: [user],
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
