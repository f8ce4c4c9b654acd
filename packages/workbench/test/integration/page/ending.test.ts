import { sessionClose } from "@waiide/protocol";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { launchBrowser } from "../../../../../test/support/browser.ts";
import { GuestPage } from "../../support/guest-page.ts";
import { SessionServer } from "../../support/session-server.ts";
import { makeWorkspace, type Workspace } from "../../support/workspace.ts";

let browser: Browser;
let workspace: Workspace;
let server: SessionServer;
let guest: GuestPage;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  workspace = await makeWorkspace({ "poem.txt": "one\n" });
  server = await SessionServer.start({ root: workspace.folder, level: "edit" });
  guest = await GuestPage.open(browser, server);
});
afterEach(async () => {
  await guest.close();
  await server.close();
  await workspace[Symbol.asyncDispose]();
});

const kept = () =>
  guest.page.evaluate(async () => ({
    databases: (await indexedDB.databases()).map(({ name }) => name),
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  }));

it.each([
  [sessionClose.expired, "This share has ended", "is over. Ask who sent you the link"],
  [sessionClose.revoked, "This share has ended", "alice has stopped sharing"],
  [sessionClose.removed, "You were removed", "alice has put you out of"],
  [sessionClose.login, "You are no longer in", "Open your link again"],
])(
  "R18: ended with %i: the page says why, offers what was not saved, and leaves nothing in the browser",
  async (code, title, why) => {
    const { page } = guest;
    await guest.openFile("poem.txt", "one");
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("unsaved ");
    expect((await kept()).databases).toEqual(["waiide-share-s1"]);
    server.end(code, "");
    await page.getByRole("heading", { name: title }).waitFor();
    await page.getByText(why).waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(title);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download poem.txt" }).click();
    expect((await download).suggestedFilename()).toBe("poem.txt");
    expect(await page.locator(".monaco-workbench").count()).toBe(0);
    await vi.waitFor(async () => {
      expect(await kept()).toEqual({ databases: [], local: [], session: [], caches: [], workers: 0 });
    });
  },
);

it("R20: paused after a while without anybody; Resume comes back, with what was typed", async () => {
  const { page } = guest;
  await guest.openFile("poem.txt", "one");
  server.end(sessionClose.idle, "idle");
  await page.getByRole("heading", { name: "Paused" }).waitFor();
  await workspace.write("poem.txt", "one\nand another\n");
  expect(server.guests).toBe(0);
  await page.getByRole("button", { name: "Resume" }).click();
  await guest.line("another").waitFor();
});
