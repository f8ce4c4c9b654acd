import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { HttpClient } from "../support/http/client.ts";
import { opensIde } from "../support/hub/contract.ts";
import { type Hub, type RunningServer, startHub } from "../support/hub/hub.ts";
import { launchBrowser, newPage, openTerminal, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { patience } from "../support/patience.ts";
import { remainingBelow } from "../support/processes.ts";

/** Reports, the proxy's counts and checks of dead servers take seconds here instead of minutes. */
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

/** The hub never takes its proxy's counts, as with traefik's proxy, which has none: reports are its only word. */
const withoutProxyCounts = "c.JupyterHub.last_activity_interval = 86_400";

/** The real idle culler, as docs/jupyterhub.md configures it, except that it begins once everything has started. */
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

/** Counts even if the intervals happen to look like a page's own steady requests. */
const click = { "sec-fetch-user": "?1" };

interface Status {
  readonly last_activity: string;
  readonly shutting_down_at: string | null;
  readonly connections: number;
  readonly activity_source: string;
}

const users = ["alice", "bob", "carol"];

/** Between two keys; shorter than the time for which the page considers a person present. */
const keys = { timeout: 2 * patience.timeout, interval: 2_000 };
const longer = { timeout: 3 * patience.timeout };

/**
 * VS Code looks every 30 s whether somebody did something, and takes a person for present until two looks saw nothing
 * (domActivityTracker.ts). Here it looks every 5 s.
 */
function lookOften(): void {
  const { setInterval: usual } = window;
  window.setInterval = ((run: () => void, time?: number, ...more: unknown[]) =>
    usual(run, time === 30_000 ? 5_000 : time, ...more)) as typeof window.setInterval;
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

  it.concurrent.each(["", "waiide"])(
    "for the server named “%s” arrive in time, only for a person's actions",
    async (name) => {
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

      // Status requests, polled ports and probes are no activity. The proxy counts them; the gateway does not.
      for (let second = 0; second < 5; second += 1) {
        await client.fetch(`${server.url}api/status`);
        await client.send(`${server.url}ide/version`, { method: "HEAD" });
        await delay(1_000);
      }
      expect((await statusOf(server, client)).last_activity).toBe(at);
      await client.open(`${server.url}ide/`, click);
      expect(Date.parse((await statusOf(server, client)).last_activity)).toBeGreaterThan(Date.parse(at));
      await hub.stopServer("alice", name);
    },
  );

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

// Most of their time they wait, each with a hub of its own.
describe.concurrent("R20: a person in the IDE", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it("an open tab is not culled by the hub, but warned and stopped by the gateway", {
    timeout: 900_000,
  }, async ({ onTestFinished }) => {
    const environment = { ...reporting, WAIIDE_SHUTDOWN_NO_ACTIVITY_TIMEOUT: "100" };
    const hub = await startHub({ users, environment, config: culler(30) });
    onTestFinished(() => hub.stop());
    const opening = openForAll(hub);
    const [left, kept, gone] = opening as [Promise<Opened>, Promise<Opened>, Promise<Opened>];

    const leave = async () => {
      const { page, server } = await left;
      await page.getByText(/WAIIDE stops in \d+ s/).waitFor(longer);
      await screenshot(page, "idle-warning");
      // The proxy has seen keepalives all the time, so the culler let it live for longer than its 30 s.
      await vi.waitFor(async () => expect(await isRunning(hub, server)).toBe(false), patience);
      expect(await remainingBelow(hub.home("alice"))).toEqual([]);
      // The hub itself says then that the server is not running, and offers to start it.
      await page.goto(server.url);
      await page
        .getByText(/not running/i)
        .first()
        .waitFor();
    };
    const keep = async () => {
      const { page } = await kept;
      await page.getByRole("button", { name: "Keep Working", exact: true }).click(longer);
      await page.getByText(/WAIIDE stops in/).waitFor({ state: "hidden" });
    };
    const close = async () => {
      const { page, server } = await gone;
      await Promise.all(opening);
      const known = await knownActivity(hub, server);
      await page.close();
      await releaseCuller(hub);
      await vi.waitFor(async () => expect(await isRunning(hub, server)).toBe(false), patience);
      expect(Date.now() - known).toBeGreaterThan(30_000);
      expect(hub.output).toContain("Culling server carol");
      expect(await remainingBelow(hub.home("carol"))).toEqual([]);
    };
    await Promise.all([leave(), keep(), close()]);

    expect(hub.output).toContain("WAIIDE ends in 10 s");
    expect(hub.output).toContain("nobody has done anything here: WAIIDE ends");
    expect(hub.output).toContain("somebody is back");
    expect(hub.output).not.toMatch(/Culling server (alice|bob)/);
    expect(await isRunning(hub, (await kept).server)).toBe(true);
  });

  it("an open tab is culled if the proxy counts nothing, but not with a busy person", {
    timeout: 900_000,
  }, async ({ onTestFinished }) => {
    const hub = await startHub({
      users,
      environment: reporting,
      config: `${culler(20)}\n${withoutProxyCounts}`,
    });
    onTestFinished(() => hub.stop());
    const [idle, typing, job] = (await Promise.all(openForAll(hub))) as [Opened, Opened, Opened];
    await Promise.all([openTerminal(typing.page), openTerminal(job.page)]);
    await job.page.keyboard.type("sleep 600\n");
    const typeUntil = (seen: () => Promise<void>) =>
      vi.waitFor(async () => {
        await typing.page.keyboard.type("#");
        await seen();
      }, keys);
    const isKnownToBeUsed = async () => {
      for (const { server } of [typing, job]) {
        expect(await isRunning(hub, server)).toBe(true);
        expect(await knownActivity(hub, server)).toBeGreaterThan(Date.now() - 10_000);
      }
    };
    await typeUntil(isKnownToBeUsed);
    await releaseCuller(hub);
    await typeUntil(async () => expect(await isRunning(hub, idle.server)).toBe(false));
    expect(hub.output).toContain("Culling server alice");
    expect(hub.output).not.toMatch(/Culling server (bob|carol)/);
    // Its page was there all the time.
    expect(idle.page.isClosed()).toBe(false);
    await typeUntil(isKnownToBeUsed);
  });

  interface Opened {
    readonly page: Page;
    readonly server: RunningServer;
  }

  /** Settles when the last window that was asked for is open. */
  let allOpen: Promise<unknown> = Promise.resolve();

  /** A server and a window for each, one after another: on two processors six loads of VS Code at once outlast any patience. */
  function openForAll(hub: Hub): Promise<Opened>[] {
    return users.map((user) => {
      const opening = allOpen.then(() => openFor(hub, user));
      allOpen = Promise.allSettled([opening]);
      return opening;
    });
  }

  /** The window is closed with the browser. */
  async function openFor(hub: Hub, user: string): Promise<Opened> {
    const server = await hub.startServer(user, "waiide");
    await hub.ideReady(server);
    const { page } = await newPage(browser);
    await page.addInitScript(lookOften);
    await page.goto(`${server.url}ide/`);
    await hub.loginInBrowser(page, user);
    await workbenchVisible(page);
    const client = await hub.login(user);
    await client.open(server.url);
    await vi.waitFor(
      async () => expect((await statusOf(server, client)).activity_source).toBe("the extension in the IDE"),
      patience,
    );
    return { page, server };
  }
});
