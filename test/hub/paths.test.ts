import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pageProof } from "@waiide/protocol";
import { expect } from "vitest";
import { TestRepository } from "../../packages/gateway/test/support/git/test-repository.ts";
import { HttpClient } from "../support/http/client.ts";
import { startPortFront } from "../support/http/port-front.ts";
import { idePage, ideSocket } from "../support/hub/contract.ts";
import { it as withHub } from "../support/hub/fixtures.ts";

const user = "bob.x@ex.org";

const it = withHub
  /** Asks for an address of the hub with a token of the owner's. */
  .extend("ask", { scope: "file" }, async ({ hub, owner }) => {
    const { token } = await hub.createToken(owner.user);
    return (path: string) => new HttpClient().fetch(new URL(path, hub.url).href, { authorization: `token ${token}` });
  })
  /** The address of a port of the owner's by name, on a domain that is not the hub's. */
  .extend("named", { scope: "file" }, async ({ hub, server }, { onCleanup }) => {
    const front = await startPortFront(hub.port, server.prefix);
    onCleanup(() => front.close());
    return (port: number) => `http://${port}-bob.apps.test:${front.port}`;
  });

it.override("hubOptions", { users: [user, "eve"], environment: { WAIIDE_PROXY_DOMAIN: "{{port}}-bob.apps.test" } });
it.override("owner", { user, name: "waiide" });

it("what the hub polls names the hub's version, so that it does not warn", async ({ hub, server }) => {
  for (const path of ["", "api"]) {
    const answer = await new HttpClient().step(server.url + path);
    expect(answer.headers["x-jupyterhub-version"]).toBe(hub.version);
  }
  expect(hub.output).not.toMatch(/no version header|singleuser version/i);
});

it("an address whose names are escaped in another way leads to the same server", async ({ hub, server }) => {
  const respelled = server.prefix.replace("@", "%40").replace("bob", "%62ob");
  expect(respelled).not.toBe(server.prefix);
  const client = await hub.login(user);
  const answer = await client.open(new URL(`${respelled}ide/?x=1`, hub.url).href);
  expect(answer).toMatchObject({ status: 200, url: `${server.url}ide/?x=1` });
  expect(answer.body).toMatch(idePage);
});

it("R8: the hub's API is never proxied, under any name", async ({ hub, server, ask }) => {
  const { port } = new URL(hub.apiUrl);
  for (const authority of [port, `127.0.0.1:${port}`, `localhost:${port}`, `[::ffff:127.0.0.1]:${port}`]) {
    const answer = await ask(`${server.prefix}proxy/${authority}/hub/api/`);
    expect(answer.status, authority).toBe(403);
    expect(answer.body).not.toContain("version");
  }
});

it("unknown addresses are 404 with a page, and never the IDE", async ({ server, ask }) => {
  for (const path of ["lab", "login", "tree/x"]) {
    const answer = await ask(server.prefix + path);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toMatch(idePage);
  }
});

it("R5, R33: a link that pulls survives the login, and pulls for its owner alone", async ({ hub, server }) => {
  const origin = new TestRepository(join(hub.home(user), "origin"));
  origin.commit("One", { "lab 1.py": "one = 1\n" });
  const order = { repo: `file://${origin.folder}`, targetPath: "course", urlpath: "lab/tree/course/lab%201.py" };
  const query = String(new URLSearchParams(order));
  const link = `${server.url}git-pull?${query}`;
  const clone = join(hub.home(user), "workspace/course");

  const owner = new HttpClient();
  const asked = await hub.submitLogin(owner, await owner.open(link), user);
  expect([asked.status, asked.url.split("?")[0]]).toEqual([200, `${server.url}git-pull`]);
  expect(Object.fromEntries(new URL(asked.url).searchParams)).toEqual(order);
  expect(asked.body).toContain(order.repo);
  const [, proof = ""] = /data-proof="([^"]+)"/.exec(asked.body) ?? [];

  const click = (client: HttpClient, headers: Readonly<Record<string, string>>) => {
    const page = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" };
    const own = { ...page, origin: new URL(hub.url).origin, "content-type": "application/json" };
    const body = JSON.stringify({ query });
    return client.send(`${server.url}git-pull`, { method: "POST", headers: { ...own, ...headers }, body });
  };
  // Pages of other users have the same origin here, and eve may have seen the owner's page.
  const eve = await hub.login("eve");
  expect((await hub.visit(eve, link)).status).toBe(403);
  expect((await click(eve, { [pageProof.header]: proof })).status).toBe(401);
  expect((await click(owner, {})).status).toBe(403);
  expect(existsSync(clone)).toBe(false);

  const { status, body } = await click(owner, { [pageProof.header]: proof });
  expect(status).toBe(200);
  expect(JSON.parse(body.trimEnd().split("\n").at(-1) ?? "")).toEqual({
    done: { folder: clone, file: join(clone, "lab 1.py") },
  });
  expect(readFileSync(join(clone, "lab 1.py"), "utf8")).toBe("one = 1\n");
});

it("R32: a port on a name of its own takes the hub's login over, and only the owner's", async ({
  hub,
  server,
  named,
  backend,
}) => {
  const url = named(backend.port);
  // Until the owner has opened the IDE, nobody has said where the hub is.
  const first = await new HttpClient().open(`${url}/`);
  expect([first.status, first.body]).toEqual([401, expect.stringContaining("PORT_NAME_NO_LOGIN")]);

  const owner = await hub.login(user);
  await hub.visit(owner, `${server.url}ide/`);
  expect(await owner.upgrade(ideSocket(server), { origin: new URL(hub.url).origin })).toMatchObject({ status: 101 });
  const deep = `${url}/deep/${server.prefix}?a=%2f`;
  const entered = await owner.open(deep);
  expect(entered.redirects[1]).toMatch(`${server.url}port-login?state=`);
  const [, address = ""] = /content="0;url=([^"]+)"/.exec(entered.body) ?? [];
  expect(new URL(address, entered.url).href).toBe(deep);
  expect(await owner.open(deep)).toMatchObject({ status: 200, redirects: [] });
  expect(backend.seen.map((seen) => [seen.url, seen.headers.cookie])).toEqual([
    [new URL(deep).href.slice(url.length), undefined],
  ]);
  expect(owner.cookies.named(/^waiide-/).map(({ hostOnly, path }) => [hostOnly, path])).toEqual([[true, "/"]]);
  expect(await owner.upgrade(`${url}/live`, { origin: url })).toMatchObject({ status: 101 });
  expect(await owner.upgrade(`${url}/live`, { origin: new URL(hub.url).origin })).toMatchObject({ status: 403 });

  const eve = await hub.login("eve");
  const refused = await eve.open(`${url}/`);
  expect(refused.status).toBe(403);
  expect(eve.cookies.named("waiide-port")).toEqual([]);
  expect(await new HttpClient().fetch(`${url}/`)).toMatchObject({ status: 401 });
  expect(backend.seen).toHaveLength(2);
});
