import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { keeperChannel } from "@waiide/protocol";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { freePort, ideReady, type RunningGateway, startGateway } from "../support/gateway.ts";
import { launchBrowser, newPage, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { explorerRow } from "../support/page/guest-workbench.ts";
import { runCommand } from "../support/page/palette.ts";
import { patience } from "../support/patience.ts";

let browser: Browser;
let gateway: RunningGateway;
let page: Page;
let context: BrowserContext;

const cell = { cell_type: "code", execution_count: null, metadata: {}, outputs: [], source: ["1"] };
const files = {
  "notes.md": "first line\n",
  "draft.txt": "first line\n",
  "book.ipynb": JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 }),
};

/** One server, which tests kill and start again, and one window, which each test leaves with an IDE that works. */
beforeAll(async () => {
  [browser, gateway] = await Promise.all([
    launchBrowser(),
    startGateway({
      arguments: ["--port", String(await freePort())],
      files,
      // A draft stays unsaved, as one does whose saving takes longer than the time until VS Code backs it up.
      settings: { "[plaintext]": { "files.autoSave": "off" } },
    }),
  ]);
  await ideReady(gateway);
  await open();
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
});

/** Opens the IDE in a browser that keeps nothing yet. */
async function open(): Promise<void> {
  ({ page, context } = await newPage(browser));
  await page.goto(gateway.url);
  await started();
}

/** Waits also for the extension that keeps unsaved text, which VS Code starts some seconds after the page is there. */
async function started(): Promise<void> {
  await workbenchVisible(page);
  const settings = await page.locator("script[data-settings]").getAttribute("data-settings");
  const channel = keeperChannel((JSON.parse(settings ?? "") as { page: string }).page);
  await vi.waitFor(async () => expect(await page.evaluate(answers, channel)).toBe(true), patience);
}

/** Runs in the page. @returns whether anything answers there within a second */
function answers(name: string): Promise<boolean> {
  const channel = new BroadcastChannel(name);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  channel.addEventListener("message", () => resolve(true));
  channel.postMessage({ kind: "keep" });
  setTimeout(() => resolve(false), 1_000);
  return promise.finally(() => channel.close());
}

/** The gateway is killed, as by a machine that runs out of memory. */
async function kill(): Promise<void> {
  process.kill(gateway.pid, "SIGKILL");
  await gateway.exited;
}

function bar(text: string | RegExp): Locator {
  // VS Code's own alerts, for screen readers, stand elsewhere.
  return page.locator(".monaco-workbench > [role=alert]").filter({ hasText: text });
}

/** Marks this load of the page, to see whether it was loaded again. */
async function mark(): Promise<() => Promise<boolean>> {
  await page.evaluate(() => {
    document.documentElement.dataset.before = "yes";
  });
  return () => page.evaluate(() => document.documentElement.dataset.before !== "yes").catch(() => false);
}

async function openFile(name: string): Promise<void> {
  await explorerRow(page, name).dblclick();
  await page.locator(`.monaco-editor[data-uri$='${name}'] .view-line`).first().click();
  await page.keyboard.press("Control+End");
}

const content = (name: string) => readFile(join(gateway.workspace, name), "utf8");

/** Unsaved texts that VS Code keeps at the server, in its own files. */
async function backups(): Promise<string[]> {
  const folder = join(gateway.home, ".WAIIDE-server/data/User/Backups");
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const all = entries.filter((entry) => entry.isFile()).map(({ name, parentPath }) => join(parentPath, name));
  return Promise.all(all.map((path) => readFile(path, "utf8").catch(() => "")));
}

function notification(text: string): Locator {
  return page.locator(".notification-list-item").filter({ hasText: text });
}

describe("with nothing unsaved", () => {
  it("a silent server is reported within seconds, and the bar goes when it is back", async () => {
    const loadedAgain = await mark();
    process.kill(gateway.pid, "SIGSTOP");
    try {
      await bar("Connection to the server lost. Reconnecting…").waitFor();
    } finally {
      process.kill(gateway.pid, "SIGCONT");
    }
    await bar(/./).waitFor({ state: "detached" });
    expect(await loadedAgain()).toBe(false);
  });

  it("a cut network is reported at once, and the page continues when it is back", async () => {
    const loadedAgain = await mark();
    await context.setOffline(true);
    await bar("Connection to the server lost. Reconnecting…").waitFor();
    await context.setOffline(false);
    await bar(/./).waitFor({ state: "detached" });
    expect(await loadedAgain()).toBe(false);
  });

  it("a killed server is reported at once; a page with nothing unsaved reloads", async () => {
    const loadedAgain = await mark();
    await kill();
    await bar("Connection to the server lost. Reconnecting…").waitFor();
    await screenshot(page, "connection-lost");
    gateway = await gateway.resume();
    await expect.poll(loadedAgain, patience).toBe(true);
    await started();
    expect(await bar(/server/).count()).toBe(0);
  });

  it("a normal stop is announced at once, and the page returns with the server", async () => {
    const loadedAgain = await mark();
    await gateway.pause();
    await bar("Server stopped.").waitFor();
    await bar("Start WAIIDE again").waitFor();
    await screenshot(page, "server-stopped");
    gateway = await gateway.resume();
    await expect.poll(loadedAgain, patience).toBe(true);
    await started();
  });
});

describe("with unsaved text", () => {
  /** Reloads by the bar's button, without a question of the browser. */
  async function reload(): Promise<void> {
    const loadedAgain = await mark();
    await bar("The server was restarted").getByRole("button", { name: "Reload" }).click();
    await expect.poll(loadedAgain, patience).toBe(true);
    await workbenchVisible(page);
  }

  it("typed text that is not saved keeps the page from loading itself again", async () => {
    await openFile("notes.md");
    const loadedAgain = await mark();
    await kill();
    await bar("Connection to the server lost").waitFor();
    await bar("Your unsaved text is kept in this browser.").waitFor();
    await page.keyboard.type("typed meanwhile");
    gateway = await gateway.resume();
    await bar("The server was restarted. Reload this page to continue.").waitFor();
    await screenshot(page, "server-restarted");
    expect(await loadedAgain()).toBe(false);
    expect(await content("notes.md")).toBe("first line\n");
  });

  it("it is offered after the reload, and restored", async () => {
    await reload();
    const offered = notification("notes.md: your unsaved text is kept in this browser.");
    // VS Code takes messages off the screen, but for errors with buttons.
    await offered.locator(".codicon-error").waitFor();
    await screenshot(page, "kept-text");
    expect(await content("notes.md")).toBe("first line\n");
    await offered.getByRole("button", { name: "Restore" }).click();
    await expect.poll(() => content("notes.md"), patience).toBe("first line\ntyped meanwhile");
  });

  it("if the file changed meanwhile, both are shown side by side, and neither is lost", async () => {
    await openFile("draft.txt");
    await page.keyboard.type("an older state");
    await expect.poll(backups, patience).toContainEqual(expect.stringContaining("an older state"));
    await kill();
    await bar("kept in this browser").waitFor();
    await page.keyboard.type(", and more");
    await writeFile(join(gateway.workspace, "draft.txt"), "changed elsewhere\n");
    gateway = await gateway.resume();
    await reload();
    // VS Code restores by itself what it backed up at the server.
    const editor = page.locator(".monaco-editor[data-uri$='draft.txt'] .view-lines");
    await editor.getByText("an older state").waitFor();
    await notification("The file has changed meanwhile.").getByRole("button", { name: "Compare" }).click();
    const [left, right] = ["original", "modified"].map((side) => page.locator(`.monaco-diff-editor .editor.${side}`));
    await left?.getByText("an older state, and more").waitFor();
    await right?.getByText("changed elsewhere").waitFor();
    await screenshot(page, "kept-text-compare");
    expect(await content("draft.txt")).toBe("changed elsewhere\n");
    await notification("your unsaved text is on the left").getByRole("button", { name: "Use What I Typed" }).click();
    await page.locator(".tab.active.dirty").filter({ hasText: "draft.txt" }).waitFor();
    await editor.getByText("an older state, and more").click();
    await page.keyboard.press("Control+S");
    await expect.poll(() => content("draft.txt"), patience).toBe("first line\nan older state, and more");
  });

  it("a notebook that was edited while the server was away comes back, too", async () => {
    await explorerRow(page, "book.ipynb").dblclick();
    const editor = page.locator(".notebookOverlay .cell.code .monaco-editor").first();
    await editor.click();
    await kill();
    await bar("kept in this browser").waitFor();
    await editor.click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type(" + 41");
    gateway = await gateway.resume();
    await reload();
    await notification("book.ipynb: your unsaved text").getByRole("button", { name: "Restore" }).click();
    await expect.poll(() => content("book.ipynb"), patience).toContain("1 + 41");
  });

  it("an untitled text is offered after the reload and opened by a click", async () => {
    await context.close();
    await open();
    await runCommand(page, "New Untitled Text File");
    await page.locator(".tab.active").filter({ hasText: "Untitled-1" }).waitFor();
    await page.locator(".editor-instance .monaco-editor").first().click();
    await kill();
    await bar("kept in this browser").waitFor();
    await page.keyboard.type("only in this window");
    const line = page.locator(".editor-instance .view-line").filter({ hasText: "only in this window" });
    await line.waitFor();
    gateway = await gateway.resume();
    await reload();
    const offered = notification("your unsaved text is kept in this browser.");
    await offered.waitFor();
    await screenshot(page, "kept-text-untitled");
    await offered.getByRole("button", { name: /^(Open as New File|Restore)$/ }).click();
    await line.waitFor();
    await page.locator(".tab.active.dirty").filter({ hasText: "Untitled-" }).waitFor();
  });
});
