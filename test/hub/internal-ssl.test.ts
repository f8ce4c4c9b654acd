import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { freePort } from "../support/gateway.ts";
import { HttpClient } from "../support/http/client.ts";
import { HubApi } from "../support/hub/api.ts";
import { idePage } from "../support/hub/contract.ts";
import { type Hub, startHub } from "../support/hub/hub.ts";
import { patience } from "../support/patience.ts";

let hub: Hub;
let api: HubApi;
let environment: Record<string, string>;

beforeAll(async () => {
  const [hubPort, proxyPort] = [await freePort(), await freePort()];
  hub = await startHub({
    environment: { JUPYTERHUB_ACTIVITY_INTERVAL: "1" },
    config: `
c.JupyterHub.internal_ssl = True
c.JupyterHub.internal_certs_location = os.path.abspath("certificates")
c.JupyterHub.hub_bind_url = "https://127.0.0.1:${hubPort}"
c.ConfigurableHTTPProxy.api_url = "https://127.0.0.1:${proxyPort}"
c.JupyterHub.activity_resolution = 1
`,
  });
  // The hub's own port asks for a certificate; its proxy has one.
  api = new HubApi(`${hub.url}hub/api`, hub.adminToken);
  await api.startServer("alice", "waiide", {});
  const pid = await vi.waitFor(async () => {
    const server = (await api.user("alice")).servers.waiide;
    expect(server?.ready).toBe(true);
    return server?.state?.pid ?? 0;
  }, patience);
  const entries = (await readFile(`/proc/${pid}/environ`, "utf8")).split("\0").map((entry) => entry.split("="));
  environment = Object.fromEntries(entries.map(([name = "", ...value]) => [name, value.join("=")]));
});
afterAll(() => hub.stop());

it("internal_ssl: the gateway serves with the hub's certificate", async () => {
  expect(environment.JUPYTERHUB_SERVICE_URL).toMatch(/^https:/);
  expect(environment.JUPYTERHUB_API_URL).toMatch(/^https:/);
  const client = await hub.login("alice");
  const url = `${hub.url}user/alice/waiide/`;
  await vi.waitFor(async () => expect((await client.fetch(`${url}api/health`)).body).toContain('"ready"'), patience);
  const page = await client.open(url);
  expect(page.status, page.body.slice(0, 500)).toBe(200);
  expect(page.body).toMatch(idePage);
  const socket = await client.upgrade(
    `${url}ide/?reconnectionToken=00000000-0000-4000-8000-000000000000&reconnection=false&skipWebSocketFrames=false`,
    { origin: new URL(hub.url).origin },
  );
  expect(socket.status).toBe(101);
});

it("internal_ssl: activity reaches the hub, over the same pair of keys", async () => {
  const client = await hub.login("alice");
  await client.open(`${hub.url}user/alice/waiide/`);
  const status = JSON.parse((await client.fetch(`${hub.url}user/alice/waiide/api/status`)).body);
  await vi.waitFor(async () => {
    const known = (await api.user("alice")).servers.waiide?.last_activity;
    expect(Date.parse(known ?? "")).toBeGreaterThanOrEqual(Date.parse(status.last_activity));
  }, patience);
});

it("internal_ssl: without a certificate of the hub's nobody gets even a question in", async () => {
  const { port } = new URL(environment.JUPYTERHUB_SERVICE_URL ?? "");
  const answer = (options: { key?: Buffer; cert?: Buffer }) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const socket = connect({ host: "127.0.0.1", port: Number(port), rejectUnauthorized: false, ...options });
    let text = "";
    socket.on("secureConnect", () =>
      socket.write("GET /user/alice/waiide/api HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
    );
    socket.on("data", (data: Buffer) => {
      text += data.toString("latin1");
    });
    socket.on("error", (error) => resolve(error.message));
    socket.on("end", () => resolve(text));
    return promise;
  };
  expect(await answer({})).not.toContain("HTTP/1.1");
  const certificates = join(hub.folder, "certificates");
  const pair = {
    key: await readFile(join(certificates, "proxy-client/proxy-client.key")),
    cert: await readFile(join(certificates, "proxy-client/proxy-client.crt")),
  };
  expect(await answer(pair)).toContain("HTTP/1.1 200");
  await expect(new HttpClient().fetch(`https://127.0.0.1:${port}/user/alice/waiide/api`)).rejects.toThrow();
});
