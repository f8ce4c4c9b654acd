import { mkdirSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { freePort, type RunningGateway, startGateway } from "../support/gateway.ts";
import { launchBrowser, newPage } from "../support/page/browser.ts";
import { explorerRow, guestWorkbenchVisible } from "../support/page/guest-workbench.ts";
import { openByName, quickInput } from "../support/page/palette.ts";
import { comeIn, createShare } from "../support/sharing.ts";

let browser: Browser;
let gateway: RunningGateway;
let page: Page;
/** What the page asked for, in order. */
const asked: string[] = [];

/** A picture of one red pixel. */
const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";

/** 80 modules of 1,000 files, and one folder of 20,000. */
function plantLargeTree(root: string): void {
  const plant = (folder: string, count: number) => {
    mkdirSync(join(root, folder), { recursive: true });
    for (let number = 0; number < count; number++) {
      writeFileSync(join(root, folder, `part-${String(number).padStart(5, "0")}.txt`), "");
    }
  };
  for (let module = 0; module < 80; module++) plant(`modules/module-${module}/source`, 1_000);
  plant("records", 20_000);
  writeFileSync(join(root, "modules/module-57/source/thimble.py"), "needle = 1\n");
  // 30 MB of text, bytes that are none, and a picture.
  const lines = Array.from({ length: 1_000_000 }, (_, number) => `line ${number + 1} of a long log file`);
  writeFileSync(join(root, "long.log"), lines.join("\n"));
  writeFileSync(join(root, "weights.bin"), Buffer.alloc(1_000_000, "\0\x01\xff"));
  writeFileSync(join(root, "dot.png"), Buffer.from(dot, "base64"));
}

beforeAll(async () => {
  const port = await freePort();
  // A slow machine finds the same, later.
  const limits = ["--share-limits", JSON.stringify({ search_time: 120, searches: 20 })];
  const address = ["--port", String(port), "--public-url", `http://127.0.0.1:${port}`, ...limits];
  [browser, gateway] = await Promise.all([launchBrowser(), startGateway({ arguments: address })]);
  plantLargeTree(gateway.workspace);
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

it("opens a folder of 20,000 files, and shows a new one without another listing", async () => {
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
  await quickInput(page).locator("input.input").fill("thimble");
  await quickInput(page).locator(".monaco-list-row", { hasText: "thimble.py" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Shift+F");
  await page.keyboard.type("needle");
  await page.locator(".search-view .monaco-list-row", { hasText: "needle = 1" }).waitFor();
  expect(asked).not.toContain("list");
  expect(asked.length).toBeLessThan(40);
});

it("shows a text of 30 MB, says what bytes are no text, and shows a picture", async () => {
  await openByName(page, "long.log");
  await page.locator(".view-line", { hasText: "line 9 of a long log file" }).waitFor();
  await openByName(page, "weights.bin");
  await page.getByText("weights.bin is a binary file, which cannot be shown here.").waitFor();
  await page.getByRole("link", { name: "Download" }).waitFor();
  await openByName(page, "dot.png");
  await page.getByText("1 × 1, 69 bytes").waitFor();
});
