import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startTestApp } from "../../../support/apps/app-guest.ts";
import { Ingress } from "../../../support/apps/ingress.ts";
import { OwnHostGuest } from "../../../support/apps/own-host-guest.ts";
import { askAt } from "../../../support/asking.ts";
import { PlainHub } from "../../../support/plain-hub.ts";
import { SharingGateway } from "../../../support/sharing-gateway.ts";

const appProgram = new URL("../../../support/apps/shared-app.mjs", import.meta.url).pathname;

/** Another user's server, which may run anything. */
async function bobsServer() {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    response.end("bob's");
  });
  server.on("upgrade", (request, socket) => {
    seen.push(request);
    socket.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

let hub: PlainHub;
let gateway: SharingGateway;
beforeAll(async () => {
  hub = await PlainHub.start("alice");
  const told = {
    command: [process.execPath, appProgram, "{port}"],
    environment: { BASE: "{base_url}", KEEPS_BASE: "yes" },
    absolute_url: true,
  };
  gateway = await SharingGateway.launch({
    environment: hub.environmentOf({ user: "alice", prefix: "/user/alice/" }),
    flags: {
      auth: undefined,
      token: undefined,
      port: undefined,
      "share-app-domain": "{{share}}--alice.apps.example.net",
      apps: JSON.stringify({ told }),
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await hub.close();
});

/** Alice's server at a hub whose users share one origin, with a guest of her app. */
async function start(mapsNames = true) {
  const bob = await bobsServer();
  const ingress = await Ingress.start({ alice: gateway.url, bob: bob.url }, mapsNames);
  const app = await startTestApp();
  const share = await gateway.create({ permission: "Use the App", app: { port: app.port } });
  const guest = await OwnHostGuest.open(gateway, await gateway.guest(share).enter(), ingress.url);
  return { bob, ingress, guest };
}

async function asked(guest: OwnHostGuest): Promise<string[]> {
  const all = JSON.parse((await guest.ask("/requests")).body) as { url: string; headers: Record<string, string> }[];
  return all.filter(({ headers }) => headers["x-forwarded-proto"] !== undefined).map(({ url }) => url);
}

describe("R35: apps on hosts of their own, on a hub whose users share one origin", () => {
  it("the name leads to its owner's server, whatever the path", async () => {
    const { guest, bob, ingress } = await start();
    expect(guest.address.host).toMatch(/^[0-9a-f]{24}--alice\.apps\.example\.net$/);
    expect((await guest.enter()).status).toBe(204);
    expect((await guest.ask("/")).body).toContain("<h1>The app</h1>");
    const paths = ["/user/bob/page", "/user/alice/page", "/hub/home", "/hub/api", "/%2e%2e/bob/x?a=%2F"];
    for (const path of paths) expect((await guest.ask(path)).body, path).toContain("<p>nothing here</p>");
    const socket = guest.socket("/user/bob/ws");
    await once(socket, "message");
    socket.close();
    expect((await asked(guest)).filter((url) => !["/", "/user/bob/ws"].includes(url))).toEqual(paths);
    // What doctor asks.
    const host = `${"0".repeat(24)}--alice.apps.example.net`;
    for (const path of ["/", "/hub/api", "/user/waiide-doctor/api", "/~waiide/enter"]) {
      const answer = await askAt(new URL(ingress.url), path, { headers: { host } });
      expect(answer.headers["x-waiide-server"], path).toBe("/user/alice/");
    }
    expect([bob.seen, ingress.atHub]).toEqual([[], []]);
  });

  it("this server refuses names of another user, or of no user", async () => {
    const { guest } = await start();
    await guest.enter();
    const [label = ""] = guest.address.host.split("--");
    for (const host of [`${label}--bob.apps.example.net`, `${label}.apps.example.net`, "apps.example.net"]) {
      for (const path of ["/user/alice/", "/user/alice/api", "/user/alice/share/x/", "/user/alice/~waiide/enter"]) {
        const headers = { host, cookie: guest.cookie, "sec-fetch-site": "same-origin", "sec-fetch-dest": "iframe" };
        const answer = await askAt(new URL(gateway.url), path, { headers });
        expect([answer.status, answer.headers["x-waiide-server"]], `${host}${path}`).toEqual([403, "/user/alice/"]);
      }
    }
    expect(await asked(guest)).toEqual([]);
  });

  it("where a proxy goes by the path alone, no guest is let in on the name", async () => {
    const { guest, bob } = await start(false);
    expect((await guest.enter()).headers["set-cookie"]).toBeUndefined();
    expect(guest.cookie).toBe("");
    // What doctor sees: not this server.
    for (const path of ["/hub/api", "/user/bob/api", "/~waiide/enter"]) {
      expect((await guest.ask(path)).headers["x-waiide-server"], path).toBeUndefined();
    }
    expect(bob.seen.map(({ url }) => url)).toEqual(["/user/bob/api"]);
  });

  it("an app that is told its path lives below it there", async () => {
    const ingress = await Ingress.start({ alice: gateway.url });
    const share = await gateway.create({ permission: "Use the App", app: { name: "told" } });
    const guest = await OwnHostGuest.open(gateway, await gateway.guest(share).enter(), ingress.url);
    expect(guest.address.pathname).toBe("/user/alice/apps/told/");
    await guest.enter();
    const page = await guest.ask("/user/alice/apps/told/told");
    expect(page.body).toContain(`import("/user/alice/apps/told/app.js")`);
    expect(page.headers["set-cookie"]).toEqual([
      "told=1; Path=/user/alice/apps/told/; Secure; SameSite=None; Partitioned",
    ]);
    expect(await guest.ask("/")).toMatchObject({ status: 307, headers: { location: "/user/alice/apps/told/" } });
    expect((await guest.ask("/elsewhere")).status).toBe(404);
  });
});
