import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Frame, Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { ideReady, type RunningGateway, startGateway } from "../support/gateway.ts";
import { type Firefox, launchFirefox } from "../support/page/firefox.ts";
import { hostileNotebook, refusedShare, type Verdict } from "../support/page/hostile-notebook.ts";
import { patience } from "../support/patience.ts";
import { listShares } from "../support/sharing.ts";

const name = "results.ipynb";

let firefox: Firefox;
let gateway: RunningGateway;
beforeAll(async () => {
  [firefox, gateway] = await Promise.all([launchFirefox(), startGateway()]);
  await ideReady(gateway);
  await writeFile(join(gateway.workspace, name), hostileNotebook(gateway.url));
});
afterAll(async () => {
  await firefox.close();
  await gateway.stop();
});

/** Until the extension for notebooks has started, it opens as text: then once more. */
async function openNotebook(page: Page): Promise<void> {
  await vi.waitFor(async () => {
    const text = await page.$(`.monaco-editor[data-uri$="${name}"]`);
    if (text !== null) await (await page.$(".tab.active"))?.click({ button: "middle" });
    const row = `.explorer-folders-view [role="treeitem"][aria-label="${name}"]`;
    await page.locator(row).setTimeout(5_000).click({ count: 2 });
    await page.waitForSelector(".notebookOverlay", { timeout: 5_000 });
  }, patience);
}

async function frameWith(page: Page, selector: string): Promise<Frame> {
  return vi.waitFor(async () => {
    for (const frame of page.frames()) {
      if ((await frame.$(selector).catch(() => null)) !== null) return frame;
    }
    throw new Error(`no frame has ${selector}: ${page.frames().map((frame) => frame.url())}`);
  }, patience);
}

it("R18: in Firefox a notebook's scripts run on another origin, and its outputs are shown", async () => {
  const page = await firefox.newPage();
  await page.goto(gateway.url);
  await page.waitForFunction(() => performance.getEntriesByName("code/didStartWorkbench").length > 0);
  await openNotebook(page);
  for (const id of ["from-output", "from-markdown"]) {
    const frame = await frameWith(page, `#${id}`);
    const verdict = JSON.parse(await frame.$eval(`#${id}`, (place) => place.textContent ?? "")) as Verdict;
    expect(new URL(verdict.origin).host).not.toBe(new URL(gateway.url).host);
    expect(verdict).toMatchObject({ top: "SecurityError", share: expect.stringMatching(refusedShare) });
  }
  const outputs = await frameWith(page, "#table");
  const pictures = () => outputs.evaluate(() => [...document.images].filter((image) => image.naturalWidth > 0).length);
  await expect.poll(pictures, patience).toBe(1);
  expect(await listShares(gateway)).toEqual([]);
});
