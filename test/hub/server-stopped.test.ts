import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Hub, type RunningServer, startHub } from "../support/hub/hub.ts";
import { stumblingBlocks } from "../support/page/accessibility.ts";
import { launchBrowser, newPage, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { patience } from "../support/patience.ts";

let hub: Hub;
let server: RunningServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  [hub, browser] = await Promise.all([startHub(), launchBrowser()]);
  server = await hub.startServer("alice");
  await hub.ideReady(server);
  ({ page } = await newPage(browser));
  await page.goto(`${server.url}ide/`);
  await hub.loginInBrowser(page, "alice");
  await workbenchVisible(page);
});
afterAll(async () => {
  await browser.close();
  await hub.stop();
});

it("a server stopped at the hub says so in the IDE, where it can be restarted", async () => {
  const bar = page.getByRole("alert").filter({ hasText: "Server stopped." });
  await hub.stopServer("alice");
  await bar.waitFor({ timeout: 15_000 });
  await screenshot(page, "hub-server-stopped");

  const [home] = await Promise.all([page.waitForEvent("popup"), bar.getByText("Hub home").click()]);
  await expect.poll(() => home.url(), patience).toBe(`${hub.url}hub/home`);
  await home.close();

  const [started] = await Promise.all([page.waitForEvent("popup"), bar.getByText("Start again").click()]);
  await workbenchVisible(started);
  expect(new URL(started.url()).pathname).toMatch(/^\/user\/alice\//);
  expect((await hub.api.user("alice")).servers[""]?.ready).toBe(true);
  // The window that was open goes on, too.
  await bar.waitFor({ state: "detached" });
  await workbenchVisible(page);
});

it.each([
  ["Dark 2026", "vs-dark", "dark"],
  ["Default High Contrast", "hc-black", "hc-dark"],
  ["Default High Contrast Light", "hc-light", "hc-light"],
  ["Light 2026", "vs", "light"],
])("the bar of a stopped server can be read in the theme %s", async (theme, mark, name) => {
  const folder = join(hub.home("alice"), ".WAIIDE-server", "data", "User");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "settings.json"), JSON.stringify({ "workbench.colorTheme": theme }));
  await page.reload();
  await workbenchVisible(page);
  await page.locator(`.monaco-workbench.${mark}`).waitFor({ timeout: 30_000 });
  const bar = page.getByRole("alert").filter({ hasText: "Server stopped." });
  await hub.stopServer("alice");
  await bar.waitFor({ timeout: 15_000 });
  await screenshot(page, `hub-server-stopped-${name}`);
  expect(await stumblingBlocks(page, ".monaco-workbench > [role=alert]")).toEqual([]);
  const [border, background] = await bar.evaluate((element) => {
    const { borderBottomColor, backgroundColor } = getComputedStyle(element);
    return [borderBottomColor, backgroundColor];
  });
  expect(border).not.toBe(background);
  await hub.startServer("alice");
  await bar.waitFor({ state: "detached" });
  await workbenchVisible(page);
});
