import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/gateway.ts";
import { type Backend, startBackend } from "../support/http/backend.ts";
import { HttpClient } from "../support/http/client.ts";
import { startTlsFront, type TlsFront } from "../support/http/tls-front.ts";
import { ideSocket, loginCookies, opensIde } from "../support/hub/contract.ts";
import { type Hub, type RunningServer, startHub } from "../support/hub/hub.ts";

describe.each([
  ["plain HTTP", false],
  ["TLS in front of the hub's proxy", true],
])("R1, R5: WebSockets over %s", (_what, tls) => {
  let hub: Hub;
  let front: TlsFront | undefined;
  let server: RunningServer;
  let backend: Backend;
  let owner: HttpClient;
  let origin: string;
  let targets: string[];

  beforeAll(async () => {
    backend = await startBackend();
    const publicPort = await freePort();
    hub = await startHub(tls ? { publicOrigin: `https://127.0.0.1:${publicPort}` } : {});
    if (tls) front = await startTlsFront(join(dirname(hub.program), "python"), publicPort, hub.port);
    server = await hub.startServer("alice", "waiide");
    await hub.ideReady(server);
    owner = await hub.login("alice");
    await opensIde(hub, server, owner);
    origin = new URL(hub.url).origin;
    targets = [ideSocket(server), `${server.url}proxy/${backend.port}/socket`];
  });
  afterAll(async () => {
    await hub.stop();
    await front?.close();
    await backend.close();
  });

  const statuses = (client: HttpClient, headers: Record<string, string> = {}) =>
    Promise.all(targets.map(async (url) => (await client.upgrade(url, headers)).status));

  it("the owner's browser opens them; cookies are Secure exactly with TLS", async () => {
    expect(loginCookies(server, owner)).toMatchObject([{ secure: tls }]);
    expect(await statuses(owner, { origin })).toEqual([101, 101]);
    expect(await statuses(owner, { origin, "sec-fetch-site": "same-origin" })).toEqual([101, 101]);
  });

  it("without credentials they are refused, and never redirected", async () => {
    for (const client of [new HttpClient(), await hub.login("alice")]) {
      for (const headers of [{}, { origin }, { origin, accept: "text/html", "sec-fetch-mode": "websocket" }]) {
        const before = backend.seen.length;
        expect(await statuses(client, headers)).toEqual([401, 401]);
        expect(backend.seen.length).toBe(before);
      }
    }
  });

  it("a token of the hub in the address opens them, and no port sees it", async () => {
    const { token } = await hub.createToken("alice");
    const asked = async (value: string) =>
      Promise.all(
        targets.map(
          async (url) =>
            (await new HttpClient().upgrade(`${url}${url.includes("?") ? "&" : "?"}token=${value}&x=1`)).status,
        ),
      );
    expect(await asked(token)).toEqual([101, 101]);
    expect(backend.seen.at(-1)?.url).toBe("/socket?x=1");
    expect(await asked("0123456789abcdef0123456789abcdef")).toEqual([401, 401]);
    expect(await asked((await hub.createToken("bob")).token)).toEqual([403, 403]);
    expect(hub.output).not.toContain(token);
  });

  it("pages of other origins are refused; a program, which says none, is not", async () => {
    const foreign = [
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: `${origin}.evil.example` },
      { origin: "http://127.0.0.1:1" },
      { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      { origin, "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "cross-site" },
    ];
    for (const headers of foreign) expect(await statuses(owner, headers), JSON.stringify(headers)).toEqual([403, 403]);
    expect(await statuses(owner)).toEqual([101, 101]);
  });

  it("programs with a token need no origin", async () => {
    const { token } = await hub.createToken("alice");
    for (const scheme of ["token", "Bearer"]) {
      expect(await statuses(new HttpClient(), { authorization: `${scheme} ${token}` })).toEqual([101, 101]);
    }
    const { token: bobs } = await hub.createToken("bob");
    expect(await statuses(new HttpClient(), { authorization: `token ${bobs}` })).toEqual([403, 403]);
    expect(await statuses(new HttpClient(), { authorization: "token wrong" })).toEqual([401, 401]);
  });

  it("unsafe requests of other origins are refused like them", async () => {
    const post = async (headers: Record<string, string>) =>
      (await owner.send(`${server.url}proxy/${backend.port}/form`, { method: "POST", headers, body: "" })).status;
    expect(await post({ origin })).toBe(200);
    expect(await post({ origin: "https://evil.example" })).toBe(403);
    expect(await post({ "sec-fetch-site": "same-site", origin: "https://bob.hub.test" })).toBe(403);
  });

  it("nothing but IDE, ports and apps takes a WebSocket", async () => {
    for (const path of ["api/status", "oauth_callback", "logout", "hub/api", ""]) {
      const { status } = await owner.upgrade(`${server.url}${path}`, { origin });
      expect(status, path).toBeGreaterThanOrEqual(400);
      expect(status, path).toBeLessThan(500);
    }
  });
});
