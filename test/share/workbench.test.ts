import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { ideReady, type RunningGateway, startGateway } from "../support/gateway.ts";
import { launchBrowser, newPage, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { editorLine, explorerRow, guestWorkbenchVisible, typeIntoFile } from "../support/page/guest-workbench.ts";
import { patience } from "../support/patience.ts";
import { comeIn, createShare, share } from "../support/sharing.ts";

const poem = "one\ntwo\nthree\nfour\nfive\n";

let browser: Browser;
let gateway: RunningGateway;
let owner: Page;
let page: Page;

beforeAll(async () => {
  [browser, gateway] = await Promise.all([launchBrowser(), startGateway({ files: { "poem.txt": poem, ".env": "x" } })]);
  await ideReady(gateway);
  ({ page: owner } = await newPage(browser));
  await owner.goto(gateway.url);
  await workbenchVisible(owner);
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
});
afterEach(() => page.context().close());

/** Comes in by a link and waits for the guest workbench. */
async function enter(...args: string[]): Promise<{ id: string; outside: string[]; refused: string[] }> {
  const { id, url } = await createShare(gateway, ...args);
  ({ page } = await newPage(browser));
  const outside: string[] = [];
  const refused: string[] = [];
  const origin = new URL(gateway.url).host;
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith("http") && host !== origin) outside.push(request.url());
  });
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) refused.push(message.text());
  });
  await page.goto(url);
  await comeIn(page, "Bob");
  await guestWorkbenchVisible(page);
  return { id, outside, refused };
}

/** Downloads a copy from the page that the bar opens. */
async function takeCopy(): Promise<void> {
  const opening = page.context().waitForEvent("page");
  await page.getByRole("banner").getByRole("button", { name: "Make My Own Copy" }).click();
  const copies = await opening;
  await copies.getByRole("heading", { name: "Copy “workspace”" }).waitFor();
  await screenshot(copies, "guest-copy");
  const downloading = copies.waitForEvent("download");
  await copies.getByRole("link", { name: "Download .zip" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe("workspace.zip");
  const archive = (await readFile(await download.path())).toString("latin1");
  expect([archive.includes("workspace/poem.txt"), archive.includes(".env")]).toEqual([true, false]);
  await copies.close();
}

const line = (text: string, on = page): Locator => editorLine(on, text);
const saved = () => readFile(join(gateway.workspace, "poem.txt"), "utf8");
const becomes = (text: string) => vi.waitFor(async () => expect(await saved()).toBe(text), patience);

it("View Only: views, takes a copy, changes nothing; at the end nothing is kept", async () => {
  const { id, outside, refused } = await enter("--permission", "View Only", "--copy");
  await page.getByRole("banner").getByText("View Only", { exact: true }).waitFor();
  await explorerRow(page, "poem.txt").dblclick();
  await line("one").click();
  await page.keyboard.type("x");
  await page.getByText("This share is View Only: you can view files, but not edit them.").first().waitFor();
  expect(await explorerRow(page, ".env").count()).toBe(0);
  await screenshot(page, "guest-view-only");
  await takeCopy();
  await share(gateway, "revoke", id);
  await page.getByText("has stopped sharing “workspace”").waitFor();
  await expect.poll(() => page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);
  expect([await saved(), outside, refused]).toEqual([poem, [], []]);
});

it("R13: guest and owner change one file, the owner in the real IDE: merged, both see it", async () => {
  await enter("--permission", "Full Access");
  await owner.getByRole("treeitem", { name: "poem.txt" }).dblclick();
  await line("five", owner).click();
  await typeIntoFile(page, "poem.txt", "one", "guest ");
  await becomes(`guest ${poem}`);
  await line("guest one", owner).waitFor();
  await owner.keyboard.press("Control+End");
  await owner.keyboard.type("owner\n");
  await owner.keyboard.press("Control+S");
  await line("owner").waitFor();
  await becomes(`guest ${poem}owner\n`);
  await screenshot(page, "guest-full-access");
});

it("R13: an overlap is the guest's to decide; nothing of the owner's is replaced before", async () => {
  // A file with mixed line endings is saved as a whole.
  const mixed = join(gateway.workspace, "mixed.txt");
  await writeFile(mixed, "one\r\ntwo\n");
  await enter("--permission", "Full Access");
  await explorerRow(page, "mixed.txt").dblclick();
  await page.getByRole("button", { name: /^Saved as a whole/ }).waitFor();
  await line("one").click();
  await page.keyboard.press("Control+Home");
  await page.context().setOffline(true);
  await page.keyboard.type("mine ");
  await writeFile(mixed, "theirs\r\ntwo\n");
  await page.context().setOffline(false);
  const overwrite = page.getByRole("button", { name: "Overwrite" }).first();
  await overwrite.waitFor();
  expect(await readFile(mixed, "utf8")).toBe("theirs\r\ntwo\n");
  await screenshot(page, "guest-conflict");
  await overwrite.click();
  await expect.poll(() => readFile(mixed, "utf8"), patience).toBe("mine one\ntwo\n");
});
