import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { appSandbox, type ShareList } from "@waiide/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp } from "../../../support/apps/app-guest.ts";
import { OwnHostGuest } from "../../../support/apps/own-host-guest.ts";
import { publicOrigin as mainOrigin, ownerToken, SharingGateway } from "../../../support/sharing-gateway.ts";

const flags = { "share-app-domain": "apps.example.net" };

let gateway: SharingGateway;
beforeAll(async () => {
  gateway = await SharingGateway.launch({ flags });
});
afterAll(() => gateway.stop());

/** An app that is shared at a name of its own, and a guest with a page open. */
async function shared() {
  const app = await startTestApp();
  return { app, ...(await another(app)) };
}

async function another(app: { readonly port: number }) {
  const share = await gateway.create({ permission: "Use the App", app: { port: app.port } });
  const guest = await OwnHostGuest.open(gateway, await gateway.guest(share).enter());
  return { share, guest };
}

async function sessionOf(share: string): Promise<string> {
  const { shares } = (await gateway.api("/api/share/list")).body as ShareList;
  return shares.find(({ id }) => id === share)?.guests[0]?.session ?? "";
}

/** What the app was asked, apart from questions about itself. */
async function asked(guest: OwnHostGuest) {
  const all = JSON.parse((await guest.ask("/requests")).body) as { url: string; headers: Record<string, string> }[];
  return all.filter(({ headers }) => headers["x-forwarded-proto"] !== undefined);
}

/** Resolves with the status of a refused upgrade. */
async function refusal(socket: ReturnType<OwnHostGuest["socket"]>): Promise<number | undefined> {
  socket.on("error", () => undefined);
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
  response.resume();
  return response.statusCode;
}

const overAlike = { status: 403, body: expect.stringContaining("not valid, or no longer") };

describe("R35: a shared app on a host of its own", () => {
  it("its guest enters by a ticket, and has page, cookies, worker and socket there", async () => {
    const { guest } = await shared();
    expect(guest.address.href).toMatch(/^https:\/\/[0-9a-f]{24}\.apps\.example\.net\/$/);
    const entered = await guest.enter();
    expect([entered.status, entered.headers["access-control-allow-origin"]]).toEqual([204, mainOrigin]);
    expect(entered.headers["set-cookie"]?.[0]).toMatch(
      /^__Host-waiide-app=\S{32}; Max-Age=86400; Path=\/; HttpOnly; Secure; Partitioned; SameSite=None$/,
    );
    const page = await guest.ask("/");
    expect(page.status).toBe(200);
    expect(page.headers).toMatchObject({
      "content-security-policy": `sandbox ${appSandbox} allow-same-origin; frame-ancestors 'self' ${mainOrigin}`,
      "origin-agent-cluster": "?1",
    });
    expect(page.headers["x-frame-options"]).toBeUndefined();
    expect(page.body).toContain("<head><script>(() => {");
    expect(page.body).toContain('<script src="/app.js"></script></head><body><h1>The app</h1><a href="/page">');
    const cookies = await guest.ask("/cookies", { headers: { cookie: `${guest.cookie}; mine=1; waiide-other=2` } });
    expect(cookies.body).toBe('{"cookie":"mine=1"}');
    expect(cookies.headers["set-cookie"]).toEqual([
      "seen=1; Path=/; Secure; SameSite=None; Partitioned",
      "hidden=2; Path=/; HttpOnly; Secure; SameSite=None; Partitioned",
    ]);
    const worker = { "service-worker": "script", "sec-fetch-dest": "serviceworker", accept: "*/*" };
    expect((await guest.ask("/app.js", { headers: worker })).status).toBe(200);
    const socket = guest.socket("/ws");
    const [hello] = (await once(socket, "message")) as [Buffer];
    expect(JSON.parse(hello.toString())).toEqual({ origin: guest.address.origin, cookie: null, authorization: null });
    socket.close();
  });

  it("nothing of the browser's other rights reaches the app", async () => {
    const { guest } = await shared();
    await guest.enter();
    const cookie = `${guest.cookie}; ${guest.guest.cookie}; jupyterhub-session-id=1`;
    const headers = {
      cookie,
      authorization: `token ${ownerToken}`,
      referer: `${mainOrigin}/share/x/`,
      "x-waiide-guest": "a",
    };
    expect((await guest.ask("/page", { headers })).status).toBe(404);
    const [request] = await asked(guest);
    expect(request?.url).toBe("/page");
    for (const name of ["cookie", "authorization", "referer", "x-waiide-guest", "x-forwarded-prefix"]) {
      expect(request?.headers[name], name).toBeUndefined();
    }
    expect(request?.headers).toMatchObject({ host: guest.address.host, "x-forwarded-proto": "https" });
  });

  it("a ticket is good once, for its own share, from the page around the app", async () => {
    const { app, guest } = await shared();
    const other = (await another(app)).guest;
    const ticket = await guest.ticket();
    expect(await other.post(ticket)).toMatchObject(overAlike);
    expect(await guest.post(ticket)).toMatchObject(overAlike);
    const second = await guest.ticket();
    for (const origin of ["https://evil.example", "null", guest.address.origin]) {
      expect(await guest.post(second, { headers: { origin } })).toMatchObject(overAlike);
    }
    expect((await guest.enter(second)).status).toBe(204);
    const replayed = await guest.post(second);
    expect(replayed).toMatchObject(overAlike);
    expect(replayed.headers["set-cookie"]).toBeUndefined();
    expect((await guest.ask("/")).status).toBe(200);
  });

  it("the cookie of one share opens no other, by HTTP and WebSocket", async () => {
    const { app, guest } = await shared();
    const other = (await another(app)).guest;
    await guest.enter();
    other.cookie = guest.cookie;
    expect(await other.ask("/secret")).toMatchObject(overAlike);
    expect(await refusal(other.socket("/ws"))).toBe(403);
    other.cookie = "";
    expect(await other.ask("/secret")).toMatchObject(overAlike);
    await other.enter();
    expect((await asked(other)).map(({ url }) => url)).not.toContain("/secret");
  });

  it("only pages of that host ask the app for anything", async () => {
    const { guest } = await shared();
    await guest.enter();
    for (const site of ["cross-site", "same-site", "none"]) {
      for (const dest of ["iframe", "empty", "image", "script"]) {
        const headers = { "sec-fetch-site": site, "sec-fetch-dest": dest };
        expect((await guest.ask("/secret", { headers })).status, `${site} ${dest}`).toBe(403);
        expect((await guest.ask("/secret", { method: "POST", headers })).status).toBe(403);
      }
    }
    for (const origin of [mainOrigin, "null", "https://evil.example", `${guest.address.origin}:8443`]) {
      expect(await refusal(guest.socket("/secret", { origin })), origin).toBe(403);
    }
    expect((await asked(guest)).map(({ url }) => url)).toEqual([]);
  });

  it("the IDE, the API, the hub's paths and shares are not on such a name", async () => {
    const { share, guest, app } = await shared();
    const cookie = guest.guest.cookie ?? "";
    const paths = ["/", "/ide/", "/api/share/list", "/api", "/healthz", "/login", "/hub/home", "/metrics", "/apps/"];
    const all = [
      ...paths,
      `/proxy/${app.port}/`,
      `/share/${share.id}/`,
      "/webviews/a/b",
      "/~waiide/x",
      "//",
      "/user/bob/",
    ];
    const headers = { cookie, authorization: `token ${ownerToken}` };
    const unknown = `${"0".repeat(24)}.apps.example.net`;
    for (const host of [
      guest.address.host,
      unknown,
      "apps.example.net",
      "a.b.apps.example.net",
      "3000.apps.example.net",
    ]) {
      for (const path of all) {
        const answer = await guest.ask(path, { headers: { ...headers, host } });
        expect(answer, `${host}${path}`).toMatchObject(overAlike);
        expect(answer.headers["set-cookie"]).toBeUndefined();
      }
      expect(await refusal(guest.socket(`/share/${share.id}/api/session`, { host, cookie }))).toBe(403);
      expect(await refusal(guest.socket("/api/live", { ...headers, host }))).toBe(403);
    }
    // With the cookie of that host these paths are the app's own.
    await guest.enter();
    expect((await guest.ask("/api/share/list")).body).toContain("<p>nothing here</p>");
    expect((await gateway.api("/api/share/list")).status).toBe(200);
  });

  it("the app fills no window: its pages there become ours, at the same place", async () => {
    const { share, guest } = await shared();
    const place = `${mainOrigin}/share/${share.id}/#open=page%3Fa%3D1`;
    const open = (site: string) =>
      guest.ask("/page?a=1", { headers: { "sec-fetch-dest": "document", "sec-fetch-site": site } });
    for (const site of ["none", "cross-site", "same-origin"]) {
      expect(await open(site)).toMatchObject({ status: 303, headers: { location: place } });
    }
    await guest.enter();
    expect(await open("cross-site")).toMatchObject({ status: 303, headers: { location: place } });
    expect((await asked(guest)).map(({ url }) => url)).toEqual([]);
    expect(await open("same-origin")).toMatchObject({ status: 303, headers: { location: place }, body: "" });
    const headers = { "sec-fetch-dest": "document" };
    expect((await guest.ask("/file", { headers })).body).toBe("<p>saved</p>");
  });

  it("the frame begins with a page of ours, which only the page around it frames", async () => {
    const { guest } = await shared();
    const headers = { "sec-fetch-site": "cross-site" };
    const page = await guest.ask("/~waiide/open", { headers });
    expect(page.status).toBe(200);
    expect(page.headers["content-security-policy"]).toMatch(
      /^default-src 'none'; script-src 'sha256-[^']+'; base-uri 'none'; frame-ancestors https:\/\/share\.test$/,
    );
    expect((await guest.ask("/~waiide/open", { headers: { "sec-fetch-dest": "document" } })).status).toBe(403);
  });

  it("a service worker of the app can ask for pages in place of the frame", async () => {
    const { guest } = await shared();
    await guest.enter();
    for (const mode of ["navigate", "same-origin"]) {
      const headers = { "sec-fetch-mode": mode, "sec-fetch-dest": "empty" };
      expect((await guest.ask("/~waiide/open", { headers })).body).toContain("<title>Opening the app</title>");
      expect((await guest.ask("/", { headers })).body).toContain("<head><script>(() => {");
    }
    const script = { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty", accept: "*/*" };
    expect((await guest.ask("/", { headers: script })).body).toContain("<head><script src=");
  });

  it.each(["revoke", "remove"])("everything there ends with the guest: %s", async (how) => {
    const { share, guest } = await shared();
    await guest.enter();
    const ticket = await guest.ticket();
    const socket = guest.socket("/ws");
    await once(socket, "message");
    const stream = await guest.begin("/events");
    await once(stream, "data");
    stream.on("error", () => undefined).resume();
    const ends = Promise.all([once(socket, "close"), once(stream, "close")]);
    const path = how === "revoke" ? `revoke/${share.id}` : `${share.id}/guests/${await sessionOf(share.id)}`;
    await gateway.api(`/api/share/${path}`, { method: "DELETE" });
    await ends;
    expect(await guest.ask("/")).toMatchObject(overAlike);
    expect(await guest.post(ticket)).toMatchObject(overAlike);
    expect(await refusal(guest.socket("/ws"))).toBe(403);
  });

  it("one guest has one permission for all pages, and the sealed address stays", async () => {
    const { guest } = await shared();
    const second = await OwnHostGuest.open(gateway, guest.guest);
    await guest.enter();
    await second.enter();
    expect((await guest.ask("/")).status).toBe(200);
    second.session.close();
    await second.session.closed;
    guest.cookie = second.cookie;
    expect((await guest.ask("/")).status).toBe(200);
    const { app } = await guest.session.message("welcome");
    const sealed = await guest.ask(app?.address ?? "", {
      headers: { host: "localhost", "sec-fetch-site": "cross-site" },
    });
    expect(sealed.headers["content-security-policy"]).toBe(`sandbox ${appSandbox}`);
  });

  it("without the setting an app has no such host", async () => {
    const plain = await SharingGateway.start();
    const app = await startTestApp();
    const share = await plain.create({ permission: "Use the App", app: { port: app.port } });
    const session = await (await plain.guest(share).enter()).session();
    expect((await session.message("welcome")).app).not.toHaveProperty("own_address");
    expect(await session.ask("enter-app", {})).toMatchObject({ code: "DENIED" });
  });
});
