import { mkdirSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { launchBrowser, newPage, workbenchVisible } from "./support/browser.ts";
import { ideReady, type RunningGateway, startGateway } from "./support/gateway.ts";
import { explorerRow, guestWorkbenchVisible } from "./support/guest-workbench.ts";
import { comeIn, createShare } from "./support/sharing.ts";

let browser: Browser;
let gateway: RunningGateway;
let page: Page;
/** What the page asked for, in order. */
const asked: string[] = [];

/** 80 modules of 1,000 files, and one folder of 20,000. */
function plantLargeTree(root: string): void {
  const plant = (folder: string, count: number) => {
    mkdirSync(join(root, folder), { recursive: true });
    for (let number = 0; number < count; number++) {
      writeFileSync(join(root, folder, `part-${String(number).padStart(5, "0")}.txt`), "hay\n");
    }
  };
  for (let module = 0; module < 80; module++) plant(`modules/module-${module}/source`, 1_000);
  plant("records", 20_000);
  writeFileSync(join(root, "modules/module-57/source/thimble.py"), "needle = 1\n");
}

beforeAll(async () => {
  [browser, gateway] = await Promise.all([launchBrowser(), startGateway()]);
  plantLargeTree(gateway.workspace);
  await ideReady(gateway);
  // From the owner's visit the gateway knows the address of links.
  const { page: owner } = await newPage(browser);
  await owner.goto(gateway.url);
  await workbenchVisible(owner);
  await owner.context().close();
  const { url } = await createShare(gateway, "--permission", "View Only");
  ({ page } = await newPage(browser));
  page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => asked.push((JSON.parse(String(payload)) as { method: string }).method));
  });
  await page.goto(url);
  await comeIn(page, "Bob");
  await guestWorkbenchVisible(page);
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
});
beforeEach(() => {
  asked.length = 0;
});

it("opens a folder of 20,000 files, and shows a new one without listing the folder again", async () => {
  await explorerRow(page, "records").click();
  await explorerRow(page, "part-00000.txt").waitFor();
  expect(asked.filter((method) => method === "list").length).toBeLessThan(30);
  asked.length = 0;
  await writeFile(join(gateway.workspace, "records/new.txt"), "new\n");
  await explorerRow(page, "new.txt").waitFor();
  expect(asked).not.toContain("list");
  expect(asked.length).toBeLessThan(20);
});

it("finds a file by its name, and a word by its text, among 100,000", async () => {
  await page.keyboard.press("Control+P");
  await page.locator(".quick-input-widget input.input").fill("thimble");
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "thimble.py" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Shift+F");
  await page.keyboard.type("needle");
  await page.locator(".search-view .monaco-list-row", { hasText: "needle = 1" }).waitFor();
  expect(asked).not.toContain("list");
  expect(asked.length).toBeLessThan(40);
});
