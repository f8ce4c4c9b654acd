import { sessionClose } from "@waiide/protocol";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { launchBrowser } from "../../../../../test/support/page/browser.ts";
import { patience } from "../../../../../test/support/patience.ts";
import { GuestPage } from "../../support/guest-page.ts";
import { SharedGateway } from "../../support/shared-gateway.ts";
import { makeWorkspace, type Workspace } from "../../support/workspace.ts";

let browser: Browser;
let workspace: Workspace;
let server: SharedGateway;
let guest: GuestPage;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  workspace = await makeWorkspace({ "poem.txt": "one\n" });
  server = await SharedGateway.start(workspace.folder, { permission: "edit" });
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
  [sessionClose.expired, "This share has ended", "has expired. Ask the person who sent it"],
  [sessionClose.revoked, "This share has ended", "alice has stopped sharing"],
  [sessionClose.administrator, "This share has ended", "An administrator has stopped sharing"],
  [sessionClose.removed, "You were removed", "alice has removed you from"],
  [sessionClose.login, "You are no longer in this share", "Open your link again"],
])("R18: ended with %i: the page says why, offers unsaved text, and keeps nothing", async (code, title, why) => {
  const { page } = guest;
  await guest.openFile("poem.txt", "one");
  // Saved by itself before the end, it would not be offered.
  server.network.hold("live-change");
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("unsaved ");
  expect((await kept()).databases).toEqual([`waiide-share-${server.id}`]);
  server.network.end(code, "");
  await page.getByRole("heading", { name: title }).waitFor();
  await page.getByText(why).waitFor();
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(title);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download poem.txt" }).click();
  expect((await download).suggestedFilename()).toBe("poem.txt");
  expect(await page.locator(".monaco-workbench").count()).toBe(0);
  await expect.poll(kept).toEqual({ databases: [], local: [], session: [], caches: [], workers: 0 });
});

/** Runs in the page: its session is closed in the moment in which something that it notes is noted. */
function endAfterNextNote(code: number): void {
  const sockets: WebSocket[] = [];
  window.WebSocket = class extends WebSocket {
    constructor(...given: ConstructorParameters<typeof WebSocket>) {
      super(...given);
      sockets.push(this);
    }
  };
  const original = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (...given) {
    const transaction = original.apply(this, given);
    // Before VS Code hears of it: it would abort what is done.
    transaction.addEventListener("complete", () => {
      if (performance.getEntriesByName("waiide/workbench").length === 0) return;
      for (const socket of sockets) socket.dispatchEvent(new CloseEvent("close", { code }));
    });
    return transaction;
  };
}

it("R18: ended while the browser stores something: nothing is shown and nothing is kept", async () => {
  const { page } = guest;
  await page.addInitScript(endAfterNextNote, sessionClose.revoked);
  await page.goto(server.url);
  await page.getByRole("heading", { name: "This share has ended" }).waitFor();
  expect(await page.locator(".monaco-workbench").count()).toBe(0);
  await vi.waitFor(async () => expect((await kept()).databases).toEqual([]), patience);
});

it.each(["stat", "list"] as const)(
  "R18: ended while the workbench starts and waits for %s: as later",
  async (method) => {
    const { page } = guest;
    await page.goto("about:blank");
    // What the page before asked has arrived by then.
    await expect.poll(() => server.network.sessions).toBe(0);
    const goOn = server.network.hold(method);
    server.network.asked.length = 0;
    await page.goto(server.url);
    await vi.waitFor(() => expect(server.network.asked.map((asked) => asked.method)).toContain(method), patience);
    server.network.end(sessionClose.revoked, "");
    await page.getByRole("heading", { name: "This share has ended" }).waitFor();
    goOn();
    expect(await page.locator(".monaco-workbench").count()).toBe(0);
    await vi.waitFor(async () => expect((await kept()).databases).toEqual([]), patience);
  },
);

it("a link reopened in its tab keeps a guest in, or lets them join again", async () => {
  const { page } = guest;
  await page.evaluate(() => {
    location.hash = "#secret";
  });
  await page.waitForURL(server.url);
  await guest.openFile("poem.txt", "one");
  server.network.end(sessionClose.removed, "");
  await page.getByRole("heading", { name: "You were removed" }).waitFor();
  await page.evaluate(() => {
    location.hash = "#secret";
  });
  await guest.row("poem.txt").waitFor();
  expect(page.url()).toBe(server.url);
});

it("R20: paused after a while without anybody; Resume comes back, with what was typed", async () => {
  const { page } = guest;
  await guest.openFile("poem.txt", "one");
  server.network.end(sessionClose.idle, "idle");
  await page.getByRole("heading", { name: "Paused" }).waitFor();
  await workspace.write("poem.txt", "one\nand another\n");
  await expect.poll(() => server.network.sessions).toBe(0);
  await page.getByRole("button", { name: "Resume" }).click();
  await guest.line("another").waitFor();
});
