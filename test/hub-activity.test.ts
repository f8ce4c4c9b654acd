import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { launchBrowser, newPage, openTerminal, workbenchVisible } from "./support/browser.ts";
import type { HttpClient } from "./support/http-client.ts";
import { type Hub, type RunningServer, startHub } from "./support/hub.ts";
import { opensIde } from "./support/hub-contract.ts";
import { patience } from "./support/patience.ts";
import { processesBelow } from "./support/processes.ts";

/** Everything that takes minutes in real life takes seconds here: reports, the proxy's counts, looks at dead servers. */
const quick = `
c.JupyterHub.last_activity_interval = 1
c.JupyterHub.activity_resolution = 1
c.Spawner.poll_interval = 1
`;
const reporting = { JUPYTERHUB_ACTIVITY_INTERVAL: "1" };

/** Runs the culler once there is a file. */
const whenReleased = `
import os, runpy, time
while not os.path.exists("cull"):
    time.sleep(0.1)
runpy.run_module("jupyterhub_idle_culler", run_name="__main__")
`;

/** The real idle culler, as docs/jupyterhub.md configures it, but that it begins once everything has started. */
function culler(timeout: number): string {
  return `${quick}
c.JupyterHub.services.append({
    "name": "culler",
    "command": [sys.executable, "-c", ${JSON.stringify(whenReleased)}, "--timeout=${timeout}", "--cull-every=1"],
    "cwd": os.getcwd(),
})
c.JupyterHub.load_roles.append({
    "name": "culler",
    "services": ["culler"],
    "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
})
`;
}

/** Counts even where the times between happen to look like a page's own steady requests. */
const click = { "sec-fetch-user": "?1" };

interface Status {
  readonly last_activity: string;
  readonly shutting_down_at: string | null;
  readonly connections: number;
}

async function statusOf(server: RunningServer, client: HttpClient): Promise<Status> {
  return JSON.parse((await client.fetch(`${server.url}api/status`)).body) as Status;
}

async function releaseCuller(hub: Hub): Promise<void> {
  await writeFile(join(hub.folder, "cull"), "");
}

/** What the hub knows, in milliseconds since 1970. */
async function knownActivity(hub: Hub, server: RunningServer): Promise<number> {
  const known = (await hub.api.user(server.user)).servers[server.name]?.last_activity;
  return known ? Date.parse(known) : 0;
}

async function isRunning(hub: Hub, { user, name }: RunningServer): Promise<boolean> {
  return (await hub.api.user(user)).servers[name] !== undefined;
}

describe("R20: reports", () => {
  let hub: Hub;
  beforeAll(async () => {
    hub = await startHub({ environment: reporting, config: quick });
  });
  afterAll(() => hub.stop());

  it.each(["", "waiide"])("for the server named “%s” come in time, and only what a person did", async (name) => {
    const server = await hub.startServer("alice", name);
    await hub.ideReady(server);
    const client = await hub.login("alice");
    await opensIde(hub, server, client);
    const { last_activity: at } = await statusOf(server, client);
    // The hub keeps the newer of our time and its proxy's.
    await vi.waitFor(
      async () => expect(await knownActivity(hub, server)).toBeGreaterThanOrEqual(Date.parse(at)),
      patience,
    );

    // Looking at the state, polling a port and probing are nobody's work. The proxy counts them; the gateway does not.
    for (let second = 0; second < 5; second += 1) {
      await client.fetch(`${server.url}api/status`);
      await client.send(`${server.url}ide/version`, { method: "HEAD" });
      await delay(1_000);
    }
    expect((await statusOf(server, client)).last_activity).toBe(at);
    await client.open(`${server.url}ide/`, click);
    expect(Date.parse((await statusOf(server, client)).last_activity)).toBeGreaterThan(Date.parse(at));
    await hub.stopServer("alice", name);
  });

  it("wait for a hub that is down, and then tell the newest time", async () => {
    const server = await hub.startServer("bob");
    await hub.ideReady(server);
    const client = await hub.login("bob");
    await opensIde(hub, server, client);
    await hub.kill();
    const before = Date.now();
    await client.open(`${server.url}ide/`, click);
    await delay(3_000);
    await client.open(`${server.url}ide/`, click);
    const { last_activity: at } = await statusOf(server, client);
    expect(Date.parse(at)).toBeGreaterThan(before + 2_000);
    await hub.start();
    await vi.waitFor(
      async () => expect(await knownActivity(hub, server)).toBeGreaterThanOrEqual(Date.parse(at)),
      patience,
    );
    expect(hub.output).not.toContain("status 400");
    await hub.stopServer("bob");
  });
});

describe("R20: a person in the IDE", () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let hub: Hub | undefined;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    await context.close();
    await hub?.stop();
    hub = undefined;
  });

  async function enter(options: Parameters<typeof startHub>[0]): Promise<{ hub: Hub; server: RunningServer }> {
    hub = await startHub(options);
    const server = await hub.startServer("alice", "waiide");
    await hub.ideReady(server);
    ({ page, context } = await newPage(browser));
    await page.goto(`${server.url}ide/`);
    await hub.loginInBrowser(page, "alice");
    await workbenchVisible(page);
    return { hub, server };
  }

  it("who closed the tab is culled", async () => {
    const { hub, server } = await enter({ environment: reporting, config: culler(10) });
    const known = await knownActivity(hub, server);
    await page.close();
    await releaseCuller(hub);
    await vi.waitFor(async () => expect(await isRunning(hub, server)).toBe(false), patience);
    expect(Date.now() - known).toBeGreaterThan(10_000);
    expect(hub.output).toContain("Culling server");
    expect(await processesBelow(hub.home("alice"))).toEqual([]);
  });

  it("who left the tab open is not culled by the hub; the gateway gives notice and ends itself", async () => {
    const { hub, server } = await enter({
      environment: { ...reporting, WAIIDE_SHUTDOWN_NO_ACTIVITY_TIMEOUT: "25" },
      config: culler(12),
    });
    await releaseCuller(hub);
    const client = await hub.login("alice");
    await client.open(server.url);
    const begin = Date.now();
    await vi.waitFor(async () => expect((await statusOf(server, client)).shutting_down_at).not.toBeNull(), patience);
    // The proxy has seen keepalives all the time, so the culler let it live for longer than its 12 s.
    expect(Date.now() - begin).toBeGreaterThan(15_000);
    await vi.waitFor(async () => expect(await isRunning(hub, server)).toBe(false), patience);
    expect(hub.output).toContain("WAIIDE ends in 2.5 s");
    expect(hub.output).toContain("nobody has done anything here: WAIIDE ends");
    expect(hub.output).not.toContain("Culling server");
    expect(await processesBelow(hub.home("alice"))).toEqual([]);
    // The hub itself says then that the server is not running, and offers to start it.
    await page.goto(server.url);
    await page
      .getByText(/not running/i)
      .first()
      .waitFor();
  });

  it("who works is neither culled nor ended", async () => {
    // Its notice is a tenth of that: the time that there is to come back in.
    const timeout = 25;
    const { hub, server } = await enter({
      environment: { ...reporting, WAIIDE_SHUTDOWN_NO_ACTIVITY_TIMEOUT: String(timeout) },
      config: culler(20),
    });
    await openTerminal(page);
    await releaseCuller(hub);
    const begin = Date.now();
    while (Date.now() - begin < (timeout + 5) * 1_000) {
      await page.keyboard.type("#");
      await page.waitForTimeout(4_000);
    }
    expect(await isRunning(hub, server)).toBe(true);
    expect(await knownActivity(hub, server)).toBeGreaterThan(Date.now() - 10_000);
    // Back after the notice: it is taken back.
    await hub.printed(/WAIIDE ends in/);
    await page.keyboard.type("#");
    await hub.printed(/somebody is back/);
    expect(await isRunning(hub, server)).toBe(true);
  });
});
