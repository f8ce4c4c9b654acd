import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Backend, startBackend } from "../support/http/backend.ts";
import type { HttpClient } from "../support/http/client.ts";
import { loginCookies, opensIde, portUrl } from "../support/hub/contract.ts";
import { type Hub, type RunningServer, startHub } from "../support/hub/hub.ts";
import { processesBelow } from "../support/processes.ts";

/** R4 hides it: a holder of this token can pose as the owner's server, and change whose login it accepts. */
const hiddenVariables = /^(JUPYTERHUB_(API_TOKEN|CLIENT_ID|OAUTH_\w+|COOKIE_\w+|SSL_\w+)|JPY_API_TOKEN)=/;
const keptVariables = ["USER", "SERVER_NAME", "SERVICE_PREFIX", "BASE_URL", "API_URL"].map(
  (name) => `JUPYTERHUB_${name}`,
);

let hub: Hub;
let backend: Backend;
let server: RunningServer;
let owner: HttpClient;
/** Secrets that must appear nowhere. */
const secrets = new Set<string>();

beforeAll(async () => {
  // Secrets must not appear at the finest level of the log either.
  [hub, backend] = await Promise.all([startHub({ environment: { WAIIDE_LOG_LEVEL: "trace" } }), startBackend()]);
  const first = await hub.startServer("alice");
  server = await hub.startServer("alice", "waiide");
  for (const { environment } of [first, server]) secrets.add(environment.JUPYTERHUB_API_TOKEN ?? "");
  await hub.ideReady(first);
  await hub.ideReady(server);
  owner = await hub.login("alice");
  for (const each of [first, server]) {
    await opensIde(hub, each, owner);
    for (const cookie of loginCookies(each, owner)) secrets.add(cookie.value);
  }
});
afterAll(async () => {
  await hub.stop();
  await backend.close();
});

describe("R4: a program on a port", () => {
  it("sees none of our cookies, and all others as they were sent", async () => {
    owner.cookies.add({
      name: "mine",
      value: '"a b"; odd=%20=',
      domain: new URL(hub.url).hostname,
      hostOnly: true,
      path: "/",
      secure: false,
      text: "",
    });
    const sent = owner.cookies.for(new URL(server.url)).map(({ name }) => name);
    expect(sent).toEqual(expect.arrayContaining(["jupyterhub-user-alice", "jupyterhub-user-alice-waiide", "mine"]));
    const before = backend.seen.length;
    await owner.open(portUrl(server, backend.port));
    await owner.upgrade(portUrl(server, backend.port, "socket"), { origin: new URL(hub.url).origin });
    const requests = backend.seen.slice(before);
    expect(requests).toHaveLength(2);
    for (const { headers } of requests) {
      const names = (headers.cookie ?? "").split("; ").map((pair) => pair.split("=")[0] ?? "");
      expect(headers.cookie).toContain('mine="a b"; odd=%20=');
      expect(names.filter((name) => /jupyterhub|waiide/i.test(name))).toEqual([]);
    }
    owner.cookies.remove("mine");
  });

  it("sees no token of the hub's, neither as a header nor in the address", async () => {
    const { token } = await hub.createToken("alice");
    secrets.add(token);
    const headers = { authorization: `token ${token}` };
    const before = backend.seen.length;
    await owner.fetch(portUrl(server, backend.port, "a"), headers);
    await owner.fetch(portUrl(server, backend.port, `b?x=1&token=${token}&y=2`), headers);
    await owner.upgrade(portUrl(server, backend.port, `c?token=${token}`), headers);
    const requests = backend.seen.slice(before);
    expect(requests.map(({ url }) => url)).toEqual(["/a", "/b?x=1&y=2", "/c"]);
    expect(JSON.stringify(requests)).not.toContain(token);
  });

  it("an Authorization header of the program's own reaches it", async () => {
    const before = backend.seen.length;
    await owner.fetch(portUrl(server, backend.port), { authorization: "Basic dXNlcjpwYXNz" });
    expect(backend.seen[before]?.headers.authorization).toBe("Basic dXNlcjpwYXNz");
  });
});

it("R4: no process of the IDE has the hub's token or the means to use it", async () => {
  const processes = await processesBelow(`${hub.folder}/homes`);
  const gateways = processes.filter(({ environment }) => environment.some((entry) => hiddenVariables.test(entry)));
  expect(gateways.map(({ command }) => /dist\/waiide\.cjs/.test(command))).toEqual([true, true]);
  const children = processes.filter((process) => !gateways.includes(process));
  expect(children.some(({ command }) => command.includes("server-main"))).toBe(true);
  for (const { environment, command } of children) {
    for (const secret of secrets) expect(`${command}\n${environment.join("\n")}`).not.toContain(secret);
  }
  const ide = children.find(({ command }) => command.includes("server-main"));
  for (const name of keptVariables)
    expect(
      ide?.environment.some((entry) => entry.startsWith(`${name}=`)),
      name,
    ).toBe(true);
});

it("R4: no secret shows in the log of hub, proxy or servers, or in an answer", async () => {
  const { token } = await hub.createToken("alice");
  secrets.add(token);
  const paths = [
    "api/status",
    "api/services",
    "metrics",
    "ide/",
    `oauth_callback?state=x&code=${token}`,
    `ide/?token=${token}`,
  ];
  for (const path of paths) {
    const answer = await owner.fetch(server.url + path, { authorization: `token ${token}` });
    for (const secret of secrets) expect(`${JSON.stringify(answer.headers)}${answer.body}`).not.toContain(secret);
  }
  expect(hub.output).toContain("waiide");
  // The hub's own lines may contain addresses with codes and tokens; ours may not.
  const ours = hub.output.split("\n").filter((line) => !/^\[[A-Z] /.test(line));
  for (const secret of secrets) expect(ours.join("\n")).not.toContain(secret);
});
