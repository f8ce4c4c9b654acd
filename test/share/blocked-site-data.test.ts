import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SharingGateway } from "../../packages/gateway/test/support/sharing-gateway.ts";
import { stumblingBlocks } from "../support/page/accessibility.ts";
import { chromiumOptions, launchBrowser, newPage, screenshot } from "../support/page/browser.ts";

let server: SharingGateway;
beforeEach(async () => {
  server = await SharingGateway.start({ files: { "a.txt": "alpha\n" } });
});

async function link(): Promise<string> {
  const { pathname, hash } = new URL((await server.create({ permission: "View Only" })).url);
  return new URL(pathname + hash, server.url).href;
}

describe("in a browser whose settings block all site data", () => {
  let profile: string;
  let context: BrowserContext;
  let page: Page;
  beforeEach(async () => {
    profile = await mkdtemp(join(tmpdir(), "waiide-profile-"));
    await mkdir(join(profile, "Default"));
    const settings = { profile: { default_content_setting_values: { cookies: 2 } } };
    await writeFile(join(profile, "Default", "Preferences"), JSON.stringify(settings));
    context = await chromium.launchPersistentContext(profile, chromiumOptions());
    page = await context.newPage();
  });
  afterEach(async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  });

  it("a share's page says what it needs; once allowed, the link is still complete", async () => {
    const address = await link();
    await page.goto(address);
    await page.getByRole("alert").filter({ hasText: "Your browser blocks cookies and site data" }).waitFor();
    expect(page.url()).toBe(address);
    expect(await stumblingBlocks(page)).toEqual([]);
    await screenshot(page, "landing-blocked");
  });

  it("the login page says so before the token is typed", async () => {
    await page.goto(server.url);
    await page.getByLabel("Token").waitFor();
    await page.getByRole("alert").filter({ hasText: "blocks cookies for this site" }).waitFor();
    expect(await stumblingBlocks(page)).toEqual([]);
  });
});

it("where cookies work and storage throws, a link still leads in", async () => {
  const browser = await launchBrowser();
  const { page } = await newPage(browser);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
      Object.defineProperty(Window.prototype, name, {
        configurable: true,
        get() {
          throw new DOMException("Access is denied for this document.", "SecurityError");
        },
      });
      Reflect.deleteProperty(window, name);
    }
  });
  await page.goto(await link());
  await page.getByRole("textbox", { name: "Your name" }).fill("Bob");
  await page.getByRole("button", { name: "Open" }).click();
  await page.locator(".explorer-folders-view").getByRole("treeitem", { name: "a.txt", exact: true }).click();
  await page.locator(".editor-instance .view-line", { hasText: "alpha" }).waitFor();
  await page.getByRole("status").filter({ hasText: "Your browser keeps no site data" }).waitFor();
  expect(errors).toEqual([]);
  await browser.close();
});

it("in any other browser the login says nothing of cookies", async () => {
  const browser = await launchBrowser();
  const { page } = await newPage(browser);
  await page.goto(server.url);
  await page.getByLabel("Token").waitFor();
  expect(await page.getByText("blocks cookies").isVisible()).toBe(false);
  expect(await page.context().cookies()).toEqual([]);
  await browser.close();
});
