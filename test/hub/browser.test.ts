import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Hub, type HubOptions, type RunningServer, startHub } from "../support/hub/hub.ts";
import { launchBrowser, newPage, openTerminal, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { patience } from "../support/patience.ts";

const escaped = "bob.x@ex.org";

let browser: Browser;
let context: BrowserContext;
let page: Page;
beforeAll(async () => {
  browser = await launchBrowser(["--host-resolver-rules=MAP *.hub.test 127.0.0.1, MAP hub.test 127.0.0.1"]);
});
afterAll(() => browser.close());
beforeEach(async () => {
  ({ page, context } = await newPage(browser));
});
afterEach(() => context.close());

describe("behind a real hub", () => {
  let hub: Hub;
  let server: RunningServer;

  beforeAll(async () => {
    const files = {
      "analysis.py": 'import math\n\nfor radius in range(1, 6):\n    print(f"{radius}: {math.pi * radius ** 2:.2f}")\n',
      "README.md": "# A project\n",
      "data/points.csv": "x,y\n1,2\n3,4\n",
    };
    hub = await startHub({ files });
    server = await hub.startServer("alice", "waiide");
    await hub.ideReady(server);
  });
  afterAll(() => hub.stop());

  /** A browser that is in the IDE. */
  async function enter(): Promise<void> {
    await page.goto(`${server.url}ide/`);
    await hub.loginInBrowser(page, "alice");
    await workbenchVisible(page);
  }

  it("a login leads to the IDE, where a file is saved and a command runs", async () => {
    const workspace = join(hub.home("alice"), "workspace");
    const addresses: string[] = [];
    page.on("framenavigated", (frame) => addresses.push(frame.url()));
    const failures: string[] = [];
    page.on("response", (answer) => {
      if (answer.status() === 401 || answer.status() === 403) failures.push(`${answer.status()} ${answer.url()}`);
    });
    await enter();
    expect(page.url()).toBe(`${server.url}ide/`);
    expect(failures).toEqual([]);
    expect(addresses.filter((url) => url.includes("/waiide/hub/"))).toEqual([]);

    await page.locator(".explorer-folders-view").getByText("analysis.py").dblclick();
    const editor = page.locator(".monaco-editor[data-uri$='analysis.py']");
    await editor.locator(".view-line").first().click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("# Areas of circles\n");
    await page.keyboard.press("Control+s");
    await vi.waitFor(async () => {
      expect(await readFile(join(workspace, "analysis.py"), "utf8")).toMatch(/^# Areas of circles\n/);
    }, patience);
    await openTerminal(page);
    await page.keyboard.type("python3 analysis.py | tee areas.txt\n");
    await vi.waitFor(async () => {
      expect(await readFile(join(workspace, "areas.txt"), "utf8")).toContain("5: 78.54");
    }, patience);
    await page.keyboard.type("echo $JUPYTERHUB_SERVICE_PREFIX | tee prefix.txt\n");
    await vi.waitFor(async () => {
      expect(await readFile(join(workspace, "prefix.txt"), "utf8")).toBe(`${server.prefix}\n`);
    }, patience);
    await page.locator(".explorer-folders-view").getByText("prefix.txt").waitFor();
    await screenshot(page, "hub");

    // R4: the terminal knows where it is, and holds nothing to act as the server with.
    await page.keyboard.type("env > ~/environment.txt; touch ~/written\n");
    await vi.waitFor(() => readFile(join(hub.home("alice"), "written")), patience);
    const environment = await readFile(join(hub.home("alice"), "environment.txt"), "utf8");
    expect(environment).toContain("JUPYTERHUB_SERVICE_PREFIX=/user/alice/waiide/\n");
    expect(environment).not.toMatch(/^(JUPYTERHUB_(API_TOKEN|CLIENT_ID|OAUTH_|COOKIE_|SSL_)|JPY_API_TOKEN)/m);
    expect(environment).not.toContain(server.environment.JUPYTERHUB_API_TOKEN);
  });

  it("the hub's own button leads there", async () => {
    await page.goto(`${hub.url}hub/login`);
    await hub.loginInBrowser(page, "bob");
    await page.waitForURL((url) => url.pathname === "/user/bob/ide/");
    await workbenchVisible(page);
  });

  it("two tabs log in at once", async () => {
    await page.goto(`${hub.url}hub/login?next=%2Fhub%2Fhome`);
    await hub.loginInBrowser(page, "alice");
    await page.waitForURL(/hub\/home/);
    const tabs = [await context.newPage(), await context.newPage()];
    await Promise.all(tabs.map((tab) => tab.goto(`${server.url}ide/`)));
    await Promise.all(tabs.map(workbenchVisible));
  });

  it("back and forward pass no error", async () => {
    await page.goto(`${hub.url}hub/login?next=%2Fhub%2Fhome`);
    await hub.loginInBrowser(page, "alice");
    await page.waitForURL(/hub\/home/);
    await page.goto(server.url);
    await workbenchVisible(page);
    await page.goBack();
    expect(page.url()).toBe(`${hub.url}hub/home`);
    await page.goForward();
    await workbenchVisible(page);
    expect(page.url()).toBe(`${server.url}ide/`);
  });

  it("R1: logout leads to the hub; an IDE that is open elsewhere asks for a login then", async () => {
    await enter();
    const other = await context.newPage();
    await other.goto(`${server.url}logout`);
    expect(new URL(other.url()).pathname).toMatch(/^\/hub\//);
    await other.close();
    await page.reload();
    await hub.loginInBrowser(page, "alice");
    await workbenchVisible(page);
    expect(page.url()).toBe(`${server.url}ide/`);
  });

  it("a server restarted under an open tab: a reload continues where it was", async () => {
    await enter();
    await hub.stopServer("alice", "waiide");
    server = await hub.startServer("alice", "waiide");
    await hub.ideReady(server);
    await page.reload();
    await workbenchVisible(page);
    expect(page.url()).toBe(`${server.url}ide/`);
  });

  it("another user gets a page with their name and whom to ask", async () => {
    const shared = await hub.startServer("alice", "shared");
    await hub.api.share("alice", "shared", { user: "bob" });
    await page.goto(shared.url);
    await hub.loginInBrowser(page, "bob");
    await page.getByRole("button", { name: "Authorize" }).click();
    await page.waitForURL((url) => url.pathname.startsWith(shared.prefix));
    await page.getByText("alice").first().waitFor();
    await page.getByText("bob").first().waitFor();
    await screenshot(page, "hub-forbidden");
    await hub.stopServer("alice", "shared");
  });
});

describe.each<[string, HubOptions, string, string]>([
  ["an escaped user name", {}, escaped, "lab-1"],
  ["a hub below /jupyter/", { baseUrl: "/jupyter/" }, "alice", "waiide"],
  ["a subdomain for each user", { subdomainHost: "hub.test" }, "alice", "waiide"],
])("with %s", (_what, options, user, name) => {
  it("the IDE opens", async () => {
    const hub = await startHub({ ...options, users: [user] });
    try {
      const server = await hub.startServer(user, name);
      await hub.ideReady(server);
      await page.goto(server.url);
      await hub.loginInBrowser(page, user);
      await workbenchVisible(page);
      expect(page.url()).toBe(`${server.url}ide/`);
    } finally {
      await hub.stop();
    }
  });
});
