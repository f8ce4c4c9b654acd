import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { it, openIde, reachIde } from "../support/hub/fixtures.ts";
import { ideReached, openTerminal, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { patience } from "../support/patience.ts";

it.override("hubOptions", {
  files: {
    "analysis.py": 'import math\n\nfor radius in range(1, 6):\n    print(f"{radius}: {math.pi * radius ** 2:.2f}")\n',
    "README.md": "# A project\n",
    "data/points.csv": "x,y\n1,2\n3,4\n",
  },
});

it("a login leads to the IDE, where a file is saved and a command runs", async ({ hub, server, page }) => {
  const workspace = join(hub.home("alice"), "workspace");
  const addresses: string[] = [];
  page.on("framenavigated", (frame) => addresses.push(frame.url()));
  const failures: string[] = [];
  page.on("response", (answer) => {
    if (answer.status() === 401 || answer.status() === 403) failures.push(`${answer.status()} ${answer.url()}`);
  });
  await openIde(hub, server, page);
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

  // R4: the terminal knows its server, and holds no credential of it.
  await page.keyboard.type("env > ~/environment.txt; touch ~/written\n");
  await vi.waitFor(() => readFile(join(hub.home("alice"), "written")), patience);
  const environment = await readFile(join(hub.home("alice"), "environment.txt"), "utf8");
  expect(environment).toContain("JUPYTERHUB_SERVICE_PREFIX=/user/alice/waiide/\n");
  expect(environment).not.toMatch(/^(JUPYTERHUB_(API_TOKEN|CLIENT_ID|OAUTH_|COOKIE_|SSL_)|JPY_API_TOKEN)/m);
  expect(environment).not.toContain(server.environment.JUPYTERHUB_API_TOKEN);
});

it("the hub's own button leads there", async ({ hub, page }) => {
  await page.goto(`${hub.url}hub/login`);
  await hub.loginInBrowser(page, "bob");
  await page.waitForURL((url) => url.pathname === "/user/bob/ide/");
  await ideReached(page);
});

it("two tabs log in at once", async ({ hub, server, page, context }) => {
  await page.goto(`${hub.url}hub/login?next=%2Fhub%2Fhome`);
  await hub.loginInBrowser(page, "alice");
  await page.waitForURL(/hub\/home/);
  const tabs = [await context.newPage(), await context.newPage()];
  await Promise.all(tabs.map((tab) => tab.goto(`${server.url}ide/`)));
  await Promise.all(tabs.map(ideReached));
  expect(tabs.map((tab) => tab.url())).toEqual([`${server.url}ide/`, `${server.url}ide/`]);
});

it("back and forward pass no error", async ({ hub, server, page }) => {
  await page.goto(`${hub.url}hub/login?next=%2Fhub%2Fhome`);
  await hub.loginInBrowser(page, "alice");
  await page.waitForURL(/hub\/home/);
  await page.goto(server.url);
  await ideReached(page);
  await page.goBack();
  expect(page.url()).toBe(`${hub.url}hub/home`);
  await page.goForward();
  await ideReached(page);
  expect(page.url()).toBe(`${server.url}ide/`);
});

it("R1: logout leads to the hub; an IDE that is open elsewhere asks for a login then", async ({
  hub,
  server,
  page,
  context,
}) => {
  await reachIde(hub, server, page);
  const other = await context.newPage();
  await other.goto(`${server.url}logout`);
  expect(new URL(other.url()).pathname).toMatch(/^\/hub\//);
  await other.close();
  await page.reload();
  await hub.loginInBrowser(page, "alice");
  await ideReached(page);
  expect(page.url()).toBe(`${server.url}ide/`);
});

it("a server restarted under an open tab: a reload continues where it was", async ({ hub, server, page }) => {
  await openIde(hub, server, page);
  await hub.stopServer("alice", "waiide");
  await hub.ideReady(await hub.startServer("alice", "waiide"));
  await page.reload();
  await workbenchVisible(page);
  expect(page.url()).toBe(`${server.url}ide/`);
});

it("another user gets a page with their name and whom to ask", async ({ hub, page }) => {
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
