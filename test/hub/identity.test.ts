import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Backend, startBackend } from "../support/http/backend.ts";
import { HttpClient } from "../support/http/client.ts";
import { loginCookies, opensIde, ways } from "../support/hub/contract.ts";
import { type FaultyHub, startFaultyHub } from "../support/hub/faulty-hub.ts";
import { type Hub, type RunningServer, startHub } from "../support/hub/hub.ts";
import { patience } from "../support/patience.ts";

/** The server `open` admits everyone with whom the hub shares it; users hold a scope of the administrator's making. */
const config = `
def levels(spawner):
    if spawner.name == "open":
        spawner.environment = dict(spawner.environment, WAIIDE_HUB_SHARE_LEVEL="terminal")

c.Spawner.pre_spawn_hook = levels
c.JupyterHub.custom_scopes = {"custom:waiide:full": {"description": "an administrator's own"}}
c.JupyterHub.load_roles.append({"name": "user", "scopes": ["self", "custom:waiide:full!user"]})
`;

const everything = { ide: 200, port: 200, socket: 101, api: 200 };
const notTheApi = { ...everything, api: 403 };
const nobody = { ide: 401, port: 401, socket: 401, api: 401 };
const forbidden = { ide: 403, port: 403, socket: 403, api: 403 };
const unknown = { ide: 503, port: 503, socket: 503, api: 503 };

let hub: Hub;
let backend: Backend;
let servers: Record<"default" | "waiide" | "shared" | "open" | "grouped", RunningServer>;

beforeAll(async () => {
  [hub, backend] = await Promise.all([startHub({ config, users: ["alice", "bob", "carol"] }), startBackend()]);
  const start = (name: string) => hub.startServer("alice", name);
  servers = {
    default: await start(""),
    waiide: await start("waiide"),
    shared: await start("shared"),
    open: await start("open"),
    grouped: await start("grouped"),
  };
  for (const server of Object.values(servers)) await hub.ideReady(server);
  await hub.api.share("alice", "shared", { user: "bob" });
  await hub.api.share("alice", "open", { user: "bob" });
  await hub.api.group("team", ["carol"]);
  await hub.api.share("alice", "grouped", { group: "team" });
});
afterAll(async () => {
  await hub.stop();
  await backend.close();
});

/** A person who opened a server in a browser, and clicked Authorize where the hub asked. */
async function person(user: string, server: RunningServer): Promise<HttpClient> {
  const client = await hub.login(user);
  await hub.visit(client, server.url);
  return client;
}

/** A program with a token. */
async function program(user: string, scopes?: readonly string[]): Promise<Record<string, string>> {
  const { token } = await hub.createToken(user, scopes === undefined ? {} : { scopes });
  return { authorization: `token ${token}` };
}

interface Row {
  readonly who: string;
  readonly server?: keyof typeof servers;
  readonly client?: (server: RunningServer) => Promise<HttpClient>;
  readonly headers?: () => Promise<Record<string, string>>;
  readonly expected: { ide: number; port: number; socket: number; api: number };
}

const rows: readonly Row[] = [
  { who: "nobody", expected: nobody },
  { who: "the owner in a browser", client: (server) => person("alice", server), expected: everything },
  { who: "the owner's token", headers: () => program("alice"), expected: everything },
  {
    who: "the owner's token as Bearer",
    headers: async () => ({ authorization: ((await program("alice")).authorization ?? "").replace("token", "Bearer") }),
    expected: everything,
  },
  {
    who: "the owner's token for this server alone",
    headers: () => program("alice", ["access:servers!server=alice/waiide"]),
    expected: everything,
  },
  {
    who: "the owner's token for another server of his",
    headers: () => program("alice", ["access:servers!server=alice/"]),
    expected: forbidden,
  },
  {
    who: "the owner's token without access",
    headers: () => program("alice", ["read:users:name!user"]),
    expected: forbidden,
  },
  { who: "the owner's token without scopes", headers: () => program("alice", []), expected: forbidden },
  {
    who: "a revoked token",
    headers: async () => {
      const { token, id } = await hub.createToken("alice");
      await hub.api.deleteToken("alice", id);
      return { authorization: `token ${token}` };
    },
    expected: nobody,
  },
  {
    who: "an expired token",
    headers: async () => {
      const { token } = await hub.createToken("alice", { expires_in: 1 });
      while ((await hub.api.call("GET", "/user", { token })).status !== 403) await delay(100);
      return { authorization: `token ${token}` };
    },
    expected: nobody,
  },
  { who: "a token of nobody's", headers: async () => ({ authorization: "token 0123456789abcdef" }), expected: nobody },
  { who: "another user's token", headers: () => program("bob"), expected: forbidden },
  {
    who: "another user's token with an administrator's scope of his own",
    headers: () => program("bob", ["custom:waiide:full!user=bob"]),
    expected: forbidden,
  },
  { who: "another user in a browser", client: (server) => person("bob", server), expected: nobody },
  { who: "an administrator in a browser", client: (server) => person("root", server), expected: everything },
  { who: "an administrator's token", headers: () => program("root"), expected: everything },
  {
    who: "a service that may access servers",
    headers: async () => ({ authorization: `token ${hub.adminToken}` }),
    expected: everything,
  },
  {
    who: "a user with a hub share, in a browser",
    server: "shared",
    client: (server) => person("bob", server),
    expected: forbidden,
  },
  { who: "a user with a hub share, by token", server: "shared", headers: () => program("bob"), expected: forbidden },
  {
    who: "a user with a hub share where --hub-share-level lets him in, in a browser",
    server: "open",
    client: (server) => person("bob", server),
    expected: notTheApi,
  },
  {
    who: "a user with a hub share where --hub-share-level lets him in, by token",
    server: "open",
    headers: () => program("bob"),
    expected: notTheApi,
  },
  { who: "a user without a share there", server: "open", headers: () => program("carol"), expected: forbidden },
  {
    // facts of JupyterHub 6.1: a member passes its login page, but his token lacks the access that the group was given.
    who: "a member of a group with a hub share",
    server: "grouped",
    client: (server) => person("carol", server),
    expected: forbidden,
  },
];

it.each(rows)("R2: $who", async ({ server: name = "waiide", client, headers, expected }) => {
  const server = servers[name];
  const somebody = (await client?.(server)) ?? new HttpClient();
  expect(await ways(server, backend.port, somebody, (await headers?.()) ?? {})).toEqual(expected);
});

describe("R2: a known user without access", () => {
  it("gets a page with their name and whom to ask, and no redirect", async () => {
    const client = await person("bob", servers.shared);
    expect(loginCookies(servers.shared, client)).toHaveLength(1);
    const page = await client.open(`${servers.shared.url}ide/`);
    expect(page.status).toBe(403);
    expect(page.redirects).toEqual([]);
    expect(page.body).toContain("bob");
    expect(page.body).toContain("alice");
  });

  it("a user refused by the hub stays at the hub, without a loop", async () => {
    const client = await hub.login("bob");
    const page = await client.open(servers.waiide.url);
    expect(page.status).toBe(403);
    expect(new URL(page.url).pathname).toBe("/hub/api/oauth2/authorize");
  });

  it("an administrator reads the API, but cannot change the owner's things", async () => {
    const client = await person("root", servers.waiide);
    const post = (headers: Record<string, string>) =>
      client.send(`${servers.waiide.url}api/ide/restart`, { method: "POST", headers });
    expect((await post({ origin: new URL(hub.url).origin })).status).toBe(403);
  });

  it("a share that ended lets nobody new in", async () => {
    await hub.api.unshare("alice", "open");
    const client = await hub.login("bob");
    expect((await hub.visit(client, servers.open.url)).status).toBe(403);
    expect(await ways(servers.open, backend.port, client)).toEqual(nobody);
    expect(await ways(servers.open, backend.port, new HttpClient(), await program("bob"))).toEqual(forbidden);
  });
});

describe("R1: a cookie of one server does not count at another", () => {
  it("the default server's is sent to a named one, and means nothing there", async () => {
    const client = await hub.login("alice");
    await opensIde(hub, servers.default, client);
    const sent = client.cookies.for(new URL(servers.waiide.url)).map(({ name }) => name);
    expect(sent).toContain("jupyterhub-user-alice");
    expect(await ways(servers.waiide, backend.port, client)).toEqual(nobody);
  });

  it("not even under the other one's name", async () => {
    const client = await hub.login("alice");
    await opensIde(hub, servers.default, client);
    const [cookie] = loginCookies(servers.default, client);
    const forger = new HttpClient();
    if (cookie !== undefined) forger.cookies.add({ ...cookie, name: "jupyterhub-user-alice-waiide" });
    expect(await ways(servers.waiide, backend.port, forger)).toEqual(nobody);
  });
});

describe("R22: when the hub does not answer", () => {
  let faulty: FaultyHub;
  let weak: Hub;
  let server: RunningServer;

  beforeAll(async () => {
    faulty = await startFaultyHub();
    weak = await startHub({
      config: `c.Spawner.hub_connect_url = "${faulty.url}"\nc.JupyterHub.cleanup_servers = True`,
    });
    faulty.target = new URL(weak.apiUrl).origin;
    server = await weak.startServer("alice", "waiide");
    await weak.ideReady(server);
    expect(server.environment.JUPYTERHUB_API_URL).toContain(faulty.url);
  });
  afterAll(async () => {
    await weak.stop();
    await faulty.close();
  });

  const faults: [string, () => void | Promise<void>, () => void | Promise<void>][] = [
    [
      "because it fails (500)",
      () => {
        faulty.failing = true;
      },
      () => {
        faulty.failing = false;
      },
    ],
    ["because it hangs", () => weak.pause(), () => weak.resume()],
    ["because it is down", () => weak.kill(), () => weak.start()],
  ];

  it.each(faults)("%s: logins stay, new people get a reason, and everything recovers", async (_why, begin, end) => {
    const inside = await weak.login("alice");
    await opensIde(weak, server, inside);
    const { token } = await weak.createToken("alice");
    const headers = { authorization: `token ${token}` };
    await begin();
    try {
      expect(await ways(server, backend.port, inside)).toEqual(everything);
      expect(await ways(server, backend.port, new HttpClient(), headers)).toEqual(unknown);
      expect(await ways(server, backend.port, new HttpClient())).toEqual(nobody);
      expect((await new HttpClient().fetch(`${server.url}api`)).status).toBe(200);
      expect((await new HttpClient().fetch(`${server.url}api/health`)).status).toBe(200);
      const page = await new HttpClient().send(`${server.url}ide/`, { headers: { ...headers, accept: "text/html" } });
      expect(page.status).toBe(503);
      expect(page.body).toContain("JupyterHub");
    } finally {
      await end();
    }
    await expect.poll(() => ways(server, backend.port, new HttpClient(), headers), patience).toEqual(everything);
    expect(await ways(server, backend.port, inside)).toEqual(everything);
  });
});
