import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Backend, startBackend } from "../support/http/backend.ts";
import { HttpClient } from "../support/http/client.ts";
import {
  beginLogin,
  directOrigin,
  idePage,
  ideSocket,
  loginCookies,
  opensIde,
  portUrl,
} from "../support/hub/contract.ts";
import { type Hub, type HubOptions, type RunningServer, startHub } from "../support/hub/hub.ts";

const escaped = "bob.x@ex.org";

const hubs: [string, HubOptions, [string, string][]][] = [
  [
    "of one domain",
    {},
    [
      ["alice", ""],
      ["alice", "waiide"],
      [escaped, "lab-1"],
    ],
  ],
  [
    "below a base URL",
    { baseUrl: "/jupyter/" },
    [
      ["alice", "waiide"],
      [escaped, ""],
    ],
  ],
  [
    "with a subdomain for each user",
    { subdomainHost: "hub.test" },
    [
      ["alice", "waiide"],
      [escaped, ""],
    ],
  ],
];

describe.each(hubs)("R3: login at a hub %s", (_what, options, servers) => {
  let hub: Hub;
  beforeAll(async () => {
    hub = await startHub({ ...options, users: ["alice", escaped] });
  });
  afterAll(() => hub.stop());

  it.each(servers)("%s opens the server “%s”", async (user, name) => {
    const server = await hub.startServer(user, name);
    await hub.ideReady(server);
    const client = await hub.login(user);
    await opensIde(hub, server, client);

    const [cookie, ...others] = loginCookies(server, client);
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({ path: server.prefix, secure: false, hostOnly: true });
    expect(cookie?.text).toMatch(/; *HttpOnly/i);
    expect(client.cookies.named(/state/).map(({ text }) => text)).toEqual([]);
    expect((await client.open(server.url)).redirects).not.toContainEqual(expect.stringContaining("/hub/"));
    expect((await client.upgrade(ideSocket(server), { origin: new URL(server.url).origin })).status).toBe(101);
    await hub.stopServer(user, name);
  });
});

describe("R3: on the way to the IDE", () => {
  let hub: Hub;
  let server: RunningServer;
  let backend: Backend;
  beforeAll(async () => {
    [hub, backend] = await Promise.all([startHub(), startBackend()]);
    server = await hub.startServer("alice", "waiide");
    await hub.ideReady(server);
  });
  afterAll(async () => {
    await hub.stop();
    await backend.close();
  });

  it("a login ends where it began, query included", async () => {
    const client = await hub.login("alice");
    const url = portUrl(server, backend.port, "notes?day=1&day=2");
    const answer = await client.open(url);
    expect(answer).toMatchObject({ status: 200, url });
  });

  it.each(["/evil.test/", "//evil.test/", "%2F%2Fevil.test/", "\\evil.test/"])(
    "a login that began at %s stays below the server",
    async (path) => {
      const client = await hub.login("alice");
      const answer = await client.open(server.prefix === "" ? "" : `${server.url}${path}`);
      for (const url of [...answer.redirects, answer.url]) {
        expect(new URL(url).origin).toBe(new URL(hub.url).origin);
      }
      expect(new URL(answer.url).pathname.startsWith(server.prefix)).toBe(true);
    },
  );

  it("two tabs log in at once", async () => {
    const client = await hub.login("alice");
    const first = await beginLogin(client, `${server.url}ide/?tab=1`);
    const second = await beginLogin(client, `${server.url}ide/?tab=2`);
    expect(new URL(first).searchParams.get("state")).not.toBe(new URL(second).searchParams.get("state"));
    expect(await client.open(first)).toMatchObject({ status: 200, url: `${server.url}ide/?tab=1` });
    expect(await client.open(second)).toMatchObject({ status: 200, url: `${server.url}ide/?tab=2` });
    expect(loginCookies(server, client)).toHaveLength(1);
  });

  it("PKCE and the registered redirect address are always sent, and no scope", async () => {
    const authorize = new URL(await beginLogin(await hub.login("alice"), server.url));
    expect(authorize.origin + authorize.pathname).toBe(`${hub.url}hub/api/oauth2/authorize`);
    expect(Object.fromEntries(authorize.searchParams)).toMatchObject({
      client_id: "jupyterhub-user-alice-waiide",
      redirect_uri: "/user/alice/waiide/oauth_callback",
      response_type: "code",
      code_challenge_method: "S256",
    });
    expect(authorize.searchParams.get("code_challenge")).toMatch(/^[\w-]{43}$/);
    expect(authorize.searchParams.has("scope")).toBe(false);
  });

  it("a used callback address redirects people who are logged in", async () => {
    const client = await hub.login("alice");
    const authorize = await beginLogin(client, `${server.url}ide/`);
    const callback = new URL((await client.step(authorize)).headers.location ?? "", authorize).href;
    expect(await client.open(callback)).toMatchObject({ status: 200, url: `${server.url}ide/` });
    const again = await client.open(callback);
    expect(again.status).toBe(200);
    expect(again.body).toMatch(idePage);
  });

  it("a callback of somebody else's login logs nobody in", async () => {
    const attacker = await hub.login("alice");
    const authorize = await beginLogin(attacker, server.url);
    const callback = new URL((await attacker.step(authorize)).headers.location ?? "", authorize).href;
    const victim = new HttpClient();
    const answer = await victim.step(callback);
    expect(answer.status).toBe(400);
    expect(loginCookies(server, victim)).toEqual([]);
    expect((await victim.fetch(`${server.url}ide/`)).status).toBe(401);
    // The code was neither used up nor leaked: its owner's login still succeeds.
    expect((await attacker.open(callback)).status).toBe(200);
  });

  it("a callback with a wrong code or the hub's refusal logs nobody in", async () => {
    for (const query of ["code=wrong", "error=access_denied&error_description=no"]) {
      const client = await hub.login("alice");
      const state = new URL(await beginLogin(client, server.url)).searchParams.get("state") ?? "";
      const answer = await client.step(`${server.url}oauth_callback?state=${encodeURIComponent(state)}&${query}`);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(loginCookies(server, client)).toEqual([]);
    }
  });

  it("programs are not sent to a login page", async () => {
    const client = new HttpClient();
    for (const path of ["ide/", "api/status", `proxy/${backend.port}/`]) {
      const answer = await client.fetch(server.url + path);
      expect(answer.status).toBe(401);
      expect(JSON.parse(answer.body)).toMatchObject({ error: { code: "LOGIN_REQUIRED" } });
    }
    const post = await client.send(`${server.url}ide/`, { method: "POST", headers: { accept: "text/html" } });
    expect([401, 403]).toContain(post.status);
  });

  it("logout ends this login at the server and at the hub, and no other one", async () => {
    const [client, other] = [await hub.login("alice"), await hub.login("alice")];
    await opensIde(hub, server, client);
    await opensIde(hub, server, other);
    const [stolen] = loginCookies(server, client);
    await client.open(`${server.url}logout`);
    expect(loginCookies(server, client)).toEqual([]);
    const answer = await client.open(server.url);
    expect(new URL(answer.url).pathname).toBe("/hub/login");

    const thief = new HttpClient();
    if (stolen !== undefined) thief.cookies.add(stolen);
    expect((await thief.fetch(`${server.url}api/status`)).status).toBe(401);
    expect((await other.fetch(`${server.url}api/status`)).status).toBe(200);
  });

  it("a server that was restarted logs its people in again without asking", async () => {
    const restarted = await hub.startServer("alice", "again");
    await hub.ideReady(restarted);
    const client = await hub.login("alice");
    await opensIde(hub, restarted, client);
    await hub.stopServer("alice", "again");
    const next = await hub.startServer("alice", "again");
    await hub.ideReady(next);
    expect((await client.fetch(`${next.url}ide/`)).status).toBe(401);
    await opensIde(hub, next, client);
    expect(loginCookies(next, client)).toHaveLength(1);
    await hub.stopServer("alice", "again");
  });

  it("a forged or damaged cookie is no login", async () => {
    const client = await hub.login("alice");
    await opensIde(hub, server, client);
    const [cookie] = loginCookies(server, client);
    if (cookie === undefined) throw new Error("no login cookie");
    for (const value of [
      "",
      "x",
      cookie.value.slice(0, -1),
      `${cookie.value}x`,
      server.environment.JUPYTERHUB_API_TOKEN ?? "",
    ]) {
      const forger = new HttpClient();
      forger.cookies.add({ ...cookie, value });
      expect((await forger.fetch(`${server.url}api/status`)).status).toBe(401);
    }
  });

  describe("the 404 of the past cannot happen", () => {
    it("what asks for the hub below the server is sent to the hub", async () => {
      const answer = await new HttpClient().step(`${server.url}hub/api/oauth2/authorize?client_id=x&state=%2F`);
      expect([302, 303, 307, 308]).toContain(answer.status);
      expect(answer.headers.location).toBe("/hub/api/oauth2/authorize?client_id=x&state=%2F");
    });

    it("a redirect of a port to the hub stays one to the hub", async () => {
      const client = await hub.login("alice");
      await opensIde(hub, server, client);
      expect((await client.open(`${server.url}hub/home`)).url).toBe(`${hub.url}hub/home`);
    });
  });

  describe("with a token", () => {
    const curl = async (...args: string[]) =>
      (await promisify(execFile)("curl", ["-sS", "-L", "-w", "\n%{http_code}", ...args])).stdout;

    it("curl gets the IDE's page, through the hub and from the server's own port", async () => {
      const { token } = await hub.createToken("alice", { note: "script" });
      const header = `Authorization: token ${token}`;
      for (const url of [`${server.url}ide/`, server.url, `${directOrigin(server)}/ide/`]) {
        const page = await curl("-H", header, url);
        expect(page).toMatch(idePage);
        expect(page).toMatch(/\n200$/);
      }
    });

    it("a missing token, or one in the address, does not count", async () => {
      const { token } = await hub.createToken("alice");
      expect(await curl(`${directOrigin(server)}/ide/`)).toMatch(/\n401$/);
      expect(await curl(`${server.url}ide/?token=${token}`)).toMatch(/\n401$/);
    });
  });

  it("R22: stopping a server through the hub leaves no process of it", async () => {
    const gone = await hub.startServer("bob");
    await hub.ideReady(gone);
    const { processesBelow, remainingBelow } = await import("../support/processes.ts");
    expect((await processesBelow(hub.home("bob"))).length).toBeGreaterThan(1);
    await hub.stopServer("bob");
    expect(await remainingBelow(hub.home("bob"))).toEqual([]);
  });
});
