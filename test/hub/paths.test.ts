import { expect } from "vitest";
import { HttpClient } from "../support/http/client.ts";
import { idePage } from "../support/hub/contract.ts";
import { it as withHub } from "../support/hub/fixtures.ts";

const user = "bob.x@ex.org";

const it = withHub
  /** Asks for an address of the hub with a token of the owner's. */
  .extend("ask", { scope: "file" }, async ({ hub, owner }) => {
    const { token } = await hub.createToken(owner.user);
    return (path: string) => new HttpClient().fetch(new URL(path, hub.url).href, { authorization: `token ${token}` });
  });

it.override("hubOptions", { users: [user] });
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
