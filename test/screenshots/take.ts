import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { freePort } from "../support/gateway.ts";
import { type Hub, type RunningServer, startHub } from "../support/hub/hub.ts";
import { phone } from "../support/page/accessibility.ts";
import { launchBrowser, newPage } from "../support/page/browser.ts";
import { editorLine, explorerRow, guestWorkbenchVisible } from "../support/page/guest-workbench.ts";
import { comeIn, createShare, share } from "../support/sharing.ts";
import { workspace } from "./workspace.ts";

// `npm run screenshots`: retakes the pictures of docs/sharing.md, from guests of a real share behind a real hub.

const folder = resolve(import.meta.dirname, "../../docs/images");
const look: BrowserContextOptions = {
  colorScheme: "light",
  locale: "en-GB",
  viewport: { width: 1200, height: 720 },
  deviceScaleFactor: 2,
};

interface Stage {
  readonly hub: Hub;
  readonly server: RunningServer;
  readonly browser: Browser;
}

const port = await freePort();
const config = `c.JupyterHub.public_url = "http://127.0.0.1:${port}/"`;
const hub = await startHub({ port, users: ["alice"], files: workspace, config });
const browser = await launchBrowser();
try {
  const stage = { hub, browser, server: await hub.startServer("alice", "waiide") };
  await mkdir(folder, { recursive: true });
  await viewOnly(stage);
  await fullAccess(stage);
  await onPhone(stage);
} finally {
  await browser.close();
  await hub.stop();
}

async function viewOnly({ server, browser }: Stage): Promise<void> {
  const { url } = await createShare(server, "tides", "--expires", "4h");
  const { page } = await newPage(browser, look);
  await page.goto(url);
  await page.getByLabel("Your name").fill("Bob");
  await take(page, "share-landing");
  await comeIn(page, "Bob");
  await guestWorkbenchVisible(page);
  await explorerRow(page, "model.py").dblclick();
  await editorLine(page, "def height").click();
  await page.keyboard.type("x");
  await page.getByText("This share is View Only: you can view files, but not edit them.").first().waitFor();
  await take(page, "share-view-only");
  await explorerRow(page, "tides.ipynb").dblclick();
  await page.frameLocator(".output-frame").first().locator("svg").waitFor();
  await page.frameLocator(".output-frame").last().locator("table").waitFor();
  await page
    .locator(".cell.code")
    .first()
    .click({ position: { x: 5, y: 5 } });
  await take(page, "share-notebook");
  await page.context().close();
}

async function fullAccess({ hub, server, browser }: Stage): Promise<void> {
  const { id, url } = await createShare(server, "tides", "--permission", "Full Access", "--expires", "4h");
  const [page, carol] = [await enter(browser, url, "Bob"), await enter(browser, url, "Carol")];
  for (const guest of [page, carol]) {
    await explorerRow(guest, "model.py").dblclick();
    await editorLine(guest, "CONSTITUENTS").waitFor();
  }
  await typeAtEnd(page, "N2", '\n("K1", 0.11, 23.93),');
  await editorLine(carol, "K1").waitFor();
  await page.getByText("Carol").first().waitFor();
  await take(page, "share-full-access");
  await carol.context().close();

  // Only files that are not written in together have conflicts.
  const file = join(hub.home("alice"), "workspace/tides/log.txt");
  await writeFile(file, "May 1: high water at 04:12\r\nMay 2: high water at 05:01\n");
  await explorerRow(page, "log.txt").dblclick();
  await page.getByRole("button", { name: /^Saved as a whole/ }).waitFor();
  await page.context().setOffline(true);
  await typeAtEnd(page, "May 2", ", 3.4 m");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace("05:01", "05:02"));
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Compare" }).first().click();
  await page.locator(".modified-in-monaco-diff-editor .line-insert").first().waitFor();
  await page.keyboard.press("Control+End");
  await take(page, "share-conflict");

  await page.context().setOffline(true);
  await share(server, "revoke", id);
  await page.context().setOffline(false);
  await page.getByRole("heading", { name: /^(This share has ended|You are no longer in this share)$/ }).waitFor();
  await take(page, "share-ended");
  await page.context().close();
}

async function onPhone({ server, browser }: Stage): Promise<void> {
  const { url } = await createShare(server, "tides/model.py", "--expires", "4h");
  const page = await enter(browser, url, "Carol", { ...look, ...phone });
  await editorLine(page, "CONSTITUENTS").waitFor();
  await take(page, "share-phone");
  await page.context().close();
}

async function enter(browser: Browser, url: string, name: string, options = look): Promise<Page> {
  const { page } = await newPage(browser, options);
  await page.goto(url);
  await comeIn(page, name);
  await guestWorkbenchVisible(page);
  return page;
}

async function typeAtEnd(page: Page, line: string, text: string): Promise<void> {
  await editorLine(page, line).click();
  await page.keyboard.press("End");
  await page.keyboard.type(text);
}

/** Small enough to be read with the page that shows it. */
async function take(page: Page, name: string): Promise<void> {
  // No blinking caret, and nothing under the mouse.
  await page.mouse.move(0, 0);
  const path = join(folder, `${name}.webp`);
  const image = await page.screenshot({ path, type: "webp", quality: 82, animations: "disabled" });
  console.log(`${name}: ${Math.round(image.length / 1000)} kB`);
}
