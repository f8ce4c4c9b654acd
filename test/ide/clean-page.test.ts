import { setTimeout as delay } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ideReady, type RunningGateway, startGateway } from "../support/gateway.ts";
import { launchBrowser, newPage, workbenchVisible } from "../support/page/browser.ts";
import { patience } from "../support/patience.ts";

const idleTime = 120_000;

/** One request as Chromium reports it, its workers' included. */
interface Seen {
  readonly url: string;
  readonly status: number | undefined;
}

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

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

async function withGateway(
  args: readonly string[],
  use: (gateway: RunningGateway, page: Page, seen: Seen[]) => Promise<void>,
): Promise<void> {
  const gateway = await startGateway({ arguments: args });
  const { page, context } = await newPage(browser);
  try {
    await ideReady(gateway);
    await use(gateway, page, await recordRequests(page));
  } finally {
    await context.close();
    await gateway.stop();
  }
}

describe("the owner's page is clean", () => {
  it("a cold load and two idle minutes: no other origin, 404, question or chat panel", async () => {
    await withGateway([], async (gateway, page, seen) => {
      await page.goto(gateway.url);
      await workbenchVisible(page);
      // Not a wait for something to happen: these are the two minutes in which nothing may.
      await delay(idleTime);
      expect(seen.length).toBeGreaterThan(10);
      expect(offOrigin(seen, gateway.url)).toEqual([]);
      expect(missing(seen)).toEqual([]);
      expect(await page.locator(".monaco-dialog-box").count()).toBe(0);
      expect(await page.locator(".part.auxiliarybar").isVisible()).toBe(false);
      expect(await page.locator(".notification-toast").count()).toBe(0);
    });
  });

  it("the gallery is contacted only when the Extensions view opens, or never", async () => {
    await withGateway(["--extension-gallery", "https://gallery.test/vscode"], async (gateway, page, seen) => {
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
    await withGateway(["--extension-gallery", "none"], async (gateway, page, seen) => {
      await page.goto(gateway.url);
      await workbenchVisible(page);
      await page.keyboard.press("Control+Shift+X");
      await page.locator(".extensions-viewlet").waitFor();
      await page.locator(".extensions-viewlet").getByText("Installed").first().waitFor();
      expect(offOrigin(seen, gateway.url)).toEqual([]);
    });
  });

  it("default settings reach the editor, and features can be turned on", async () => {
    const settings = JSON.stringify({ "workbench.colorTheme": "Default High Contrast", "editor.fontSize": 23 });
    const args = ["--default-settings", settings, "--workspace-trust", "on", "--ai-features", "on"];
    await withGateway(args, async (gateway, page) => {
      await page.goto(gateway.url);
      await workbenchVisible(page);
      await page.getByText("Restricted Mode is intended for safe code browsing").waitFor();
      await page.locator(".part.auxiliarybar").waitFor();
      await page.locator(".monaco-workbench.hc-black").waitFor();
      await page.locator(".explorer-folders-view").getByText("hello.py").dblclick();
      const line = page.locator(".monaco-editor[data-uri$='hello.py'] .view-line").first();
      // The editor replaces its lines as it goes on; one that is out of the page by then has no style.
      const fontSize = () => line.evaluate((element) => getComputedStyle(element).fontSize);
      await expect.poll(fontSize, patience).toBe("23px");
    });
  });
});
