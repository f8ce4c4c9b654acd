import { setTimeout as delay } from "node:timers/promises";
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { ideReady } from "../support/gateway.ts";
import { workbenchVisible } from "../support/page/browser.ts";
import { patience } from "../support/patience.ts";

const idleTime = 120_000;

/** One request as Chromium reports it, its workers' included. */
interface Seen {
  readonly url: string;
  readonly status: number | undefined;
}

/** Everything that a page and its workers ask for, from now on. */
async function recordRequests(page: Page): Promise<Seen[]> {
  const seen: Seen[] = [];
  const context = page.context();
  context.on("response", (response) => seen.push({ url: response.url(), status: response.status() }));
  context.on("requestfailed", (request) => seen.push({ url: request.url(), status: undefined }));
  page.on("websocket", (socket) => seen.push({ url: socket.url(), status: 101 }));
  return seen;
}

const inBrowser = /^(data|blob|vscode-file|about|chrome-error):/;

/** Webviews have another origin of ours on this machine (RULES R18): the page tries which it reaches. */
function isForWebviews(url: URL): boolean {
  return /(^|\.)localhost$|^127\.0\.0\.1$/.test(url.hostname) && url.pathname.startsWith("/webviews/");
}

function offOrigin(seen: readonly Seen[], url: string): string[] {
  const { host } = new URL(url);
  const isOff = (asked: URL) => asked.host !== host && !isForWebviews(asked);
  return seen.filter((one) => !inBrowser.test(one.url) && isOff(new URL(one.url))).map((one) => one.url);
}

function missing(seen: readonly Seen[]): string[] {
  return seen.filter(({ status }) => status === 404).map(({ url }) => url);
}

// Each has a gateway and a page of its own, so the others run during the two idle minutes of the first.
describe.concurrent("the owner's page is clean", () => {
  it("a cold load and two idle minutes: no other origin, 404, question or chat panel", async ({ start, page }) => {
    const gateway = await start();
    await ideReady(gateway);
    const seen = await recordRequests(page);
    await page.goto(gateway.url);
    await workbenchVisible(page);
    // Not a wait for an event: in these two minutes nothing may happen.
    await delay(idleTime);
    expect(seen.length).toBeGreaterThan(10);
    expect(offOrigin(seen, gateway.url)).toEqual([]);
    expect(missing(seen)).toEqual([]);
    expect(await page.locator(".monaco-dialog-box").count()).toBe(0);
    expect(await page.locator(".part.auxiliarybar").isVisible()).toBe(false);
    expect(await page.locator(".notification-toast").count()).toBe(0);
  });

  it("the gallery is contacted only when the Extensions view opens", async ({ start, page }) => {
    const gateway = await start({ arguments: ["--extension-gallery", "https://gallery.test/vscode"] });
    await ideReady(gateway);
    const seen = await recordRequests(page);
    await page.goto(gateway.url);
    await workbenchVisible(page);
    expect(offOrigin(seen, gateway.url)).toEqual([]);
    const asked = page
      .context()
      .waitForEvent("request", (request) => request.url().startsWith("https://gallery.test/"));
    await page.keyboard.press("Control+Shift+X");
    await page.locator(".extensions-viewlet").waitFor();
    expect((await asked).url()).toMatch(/^https:\/\/gallery\.test\/vscode\/gallery/);
    expect(offOrigin(seen, gateway.url).filter((url) => !url.startsWith("https://gallery.test/"))).toEqual([]);
  });

  it("without a gallery the Extensions view contacts no other origin", async ({ start, page }) => {
    const gateway = await start({ arguments: ["--extension-gallery", "none"] });
    await ideReady(gateway);
    const seen = await recordRequests(page);
    await page.goto(gateway.url);
    await workbenchVisible(page);
    await page.keyboard.press("Control+Shift+X");
    await page.locator(".extensions-viewlet").waitFor();
    await page.locator(".extensions-viewlet").getByText("Installed").first().waitFor();
    expect(offOrigin(seen, gateway.url)).toEqual([]);
  });

  it("default settings reach the editor, and features can be turned on", async ({ start, page, expect }) => {
    const settings = JSON.stringify({ "workbench.colorTheme": "Default High Contrast", "editor.fontSize": 23 });
    const args = ["--default-settings", settings, "--workspace-trust", "on", "--ai-features", "on"];
    const gateway = await start({ arguments: args });
    await ideReady(gateway);
    await page.goto(gateway.url);
    await workbenchVisible(page);
    await page.getByText("Restricted Mode is intended for safe code browsing").waitFor();
    await page.locator(".part.auxiliarybar").waitFor();
    await page.locator(".monaco-workbench.hc-black").waitFor();
    await page.locator(".explorer-folders-view").getByText("hello.py").dblclick();
    const line = page.locator(".monaco-editor[data-uri$='hello.py'] .view-line").first();
    // The editor replaces its lines while it renders; one that has left the page has no style.
    const fontSize = () => line.evaluate((element) => getComputedStyle(element).fontSize);
    await expect.poll(fontSize, patience).toBe("23px");
  });
});
