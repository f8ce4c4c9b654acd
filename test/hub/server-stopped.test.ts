import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { it, openIde } from "../support/hub/fixtures.ts";
import { stumblingBlocks } from "../support/page/accessibility.ts";
import { newPage, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { patience } from "../support/patience.ts";

it.override("owner", { user: "alice", name: "" });

/** The tests follow one window. */
let page: Page;
let bar: Locator;
it.beforeAll(async ({ hub, server, browser }) => {
  ({ page } = await newPage(browser));
  bar = page.getByRole("alert").filter({ hasText: "Server stopped." });
  await openIde(hub, server, page);
});

it("a server stopped at the hub says so in the IDE, where it can be restarted", async ({ hub }) => {
  await hub.stopServer("alice");
  await bar.waitFor();
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
  await started.close();
});

it.for([
  ["Dark 2026", "vs-dark", "dark"],
  ["Default High Contrast", "hc-black", "hc-dark"],
  ["Default High Contrast Light", "hc-light", "hc-light"],
  ["Light 2026", "vs", "light"],
])("the bar of a stopped server can be read in the theme %s", async ([theme, mark, name], { hub, server }) => {
  const folder = join(hub.home("alice"), ".WAIIDE-server", "data", "User");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "settings.json"), JSON.stringify({ "workbench.colorTheme": theme }));
  await page.goto(`${server.url}ide/`);
  await workbenchVisible(page);
  await page.locator(`.monaco-workbench.${mark}`).waitFor();
  await hub.stopServer("alice");
  await bar.waitFor();
  await screenshot(page, `hub-server-stopped-${name}`);
  expect(await stumblingBlocks(page, ".monaco-workbench > [role=alert]")).toEqual([]);
  const [border, background] = await bar.evaluate((element) => {
    const { borderBottomColor, backgroundColor } = getComputedStyle(element);
    return [borderBottomColor, backgroundColor];
  });
  expect(border).not.toBe(background);
  // The window would load itself again with the server, which the test before has tried.
  await page.goto("about:blank");
  await hub.startServer("alice");
});
