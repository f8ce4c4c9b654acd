import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { launchBrowser, screenshot } from "../../../../../test/support/page/browser.ts";
import { patience } from "../../../../../test/support/patience.ts";
import { SharedGateway } from "../../support/shared-gateway.ts";
import { makeWorkspace, type Workspace } from "../../support/workspace.ts";

let browser: Browser;
let workspace: Workspace;
let server: SharedGateway;

beforeAll(async () => {
  browser = await launchBrowser();
  workspace = await makeWorkspace({ "poem.txt": "one\n" });
  server = await SharedGateway.start(workspace.folder);
});
afterAll(async () => {
  await browser.close();
  await server.close();
  await workspace[Symbol.asyncDispose]();
});

/** Names of the page's scripts that the browser requested from the gateway. */
function requested(): string[] {
  return server.network.requested.flatMap((path) => /\/share\/assets\/[^/]+\/(.+\.js)$/.exec(path)?.[1] ?? []);
}

/** Names of the scripts that a page has, wherever they came from. */
function loaded(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .filter((entry) => (entry as PerformanceResourceTiming).responseEnd > 0)
      .flatMap(({ name }) => /\/share\/assets\/[^/]+\/(.+\.js)$/.exec(name)?.[1] ?? []),
  );
}

it("the browser fetches the page's files while the guest types a name, and not again", async () => {
  const page = await browser.newPage();
  await page.goto(server.link);
  await page.getByLabel("Your name").fill("Bob");
  const first = (await page.locator("body").getAttribute("data-ahead"))?.split(" ") ?? [];
  const ahead = first.filter((path) => path.endsWith(".js")).map((path) => path.split("/").at(-1) ?? "");
  expect(ahead.length).toBeGreaterThan(5);
  await vi.waitFor(async () => expect(await loaded(page)).toEqual(expect.arrayContaining(ahead)), patience);
  const before = requested();

  await page.getByRole("button", { name: "Open" }).click();
  await page.locator("link[rel=modulepreload]").first().waitFor({ state: "attached" });
  await vi.waitFor(async () => expect(await loaded(page)).toEqual(expect.arrayContaining(ahead)), patience);

  const after = requested().slice(before.length);
  expect(after.filter((name) => ahead.includes(name))).toEqual([]);
  await page.context().close();
});

it("a slow network: the page shows how much has come, and nothing comes twice", async () => {
  const context = await browser.newContext();
  await server.admit(context);
  const page = await context.newPage();
  server.network.requested.splice(0);
  const release = server.network.pauseAfter(200_000);

  await page.goto(server.url);
  const bar = page.getByRole("progressbar", { name: "Loading" });
  await vi.waitFor(async () => expect(await bar.getAttribute("value")).toMatch(/^0\.[1-9]/), patience);
  expect(await page.locator(".loading").innerText()).toMatch(/^Opening the workbench …\s+[1-9]\d %$/);
  await screenshot(page, "guest-loading");
  release();
  await page.waitForFunction(() => performance.getEntriesByName("waiide/workbench").length > 0);

  expect(await bar.count()).toBe(0);
  expect(new Set(requested()).size).toBe(requested().length);
  await context.close();
});
