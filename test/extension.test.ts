import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { launchBrowser, newPage, screenshot, workbenchVisible } from "./support/browser.ts";
import { ideReady, type RunningGateway, startGateway } from "./support/gateway.ts";
import { listShares, share } from "./support/sharing.ts";

const token = "the-owners-own-token-of-this-gateway";
const settings = JSON.stringify({ "window.dialogStyle": "custom", "workbench.startupEditor": "none" });
const evil = "[x](command:workbench.action.terminal.new)";

let browser: Browser;
let gateway: RunningGateway;
let page: Page;
let context: BrowserContext;

beforeAll(async () => {
  [browser, gateway] = await Promise.all([
    launchBrowser(),
    startGateway({
      arguments: ["--auth", "token", "--token", token, "--default-settings", settings],
      files: { "model.py": "one = 1\ntwo = 2\nthree = 3\n", "notes/plan.md": "# Plan\n", [evil]: "text\n" },
    }),
  ]);
  await ideReady(gateway);
  ({ page, context } = await newPage(browser));
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(gateway.url);
  await workbenchVisible(page);
  await statusBar().waitFor();
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
});
afterEach(async () => {
  await share(gateway, "revoke", "--all");
});

const statusBar = () => page.locator(".statusbar-item.right").filter({ hasText: /^\s*Share/ });
const quickInput = () => page.locator(".quick-input-widget").filter({ visible: true });
const rows = () => quickInput().locator(".monaco-list-row");
const row = (text: string | RegExp) => rows().filter({ hasText: text });
const dialog = () => page.getByRole("dialog").filter({ has: page.locator(".dialog-message-text") });

async function openPalette(text: string): Promise<void> {
  await page.keyboard.press("F1");
  await quickInput().waitFor();
  await page.keyboard.insertText(text);
}

async function run(command: string): Promise<void> {
  await openPalette(command);
  await row(command).first().click();
}

/** Answers the questions after the level: expiry, note. */
async function finish(level: string, expiry = "1 hour", note = ""): Promise<void> {
  await row(level).click();
  if (level === "Terminal Access") await dialog().getByRole("button", { name: "Share Terminal Access" }).click();
  await row(new RegExp(`^\\s*${expiry}`)).click();
  await quickInput().getByText("A note for yourself").waitFor();
  if (note !== "") await page.keyboard.insertText(note);
  await page.keyboard.press("Enter");
  await row("Copy Link").waitFor();
}

async function copiedLink(): Promise<string> {
  await row("Copy Link").click();
  await row("copied").waitFor();
  return page.evaluate(() => navigator.clipboard.readText());
}

it("every command is in the palette, each once, and the Share button at the bottom right", async () => {
  for (const name of ["Share Workspace", "Revoke All Shares", "Manage Shares"]) {
    await openPalette(`WAIIDE: ${name}`);
    await row(`WAIIDE: ${name}`).first().waitFor();
    expect(await row(`WAIIDE: ${name}`).count(), name).toBe(1);
    await page.keyboard.press("Escape");
  }
  await screenshot(page, "extension-status-bar");
});

it("a share from the first question to the last; the link is the gateway's", async () => {
  await run("WAIIDE: Share Workspace");
  await row("View Only").waitFor();
  await screenshot(page, "extension-level");
  await finish("View Only", "4 hours", "for the review");
  await screenshot(page, "extension-link");
  const link = await copiedLink();
  await page.keyboard.press("Escape");
  const [made] = await listShares(gateway);
  expect(made).toMatchObject({ level: "view", note: "for the review", scope: { kind: "workspace" } });
  expect(link).toMatch(new RegExp(`/share/${made?.id}/#[\\w-]{22,}$`));
  await expect.poll(() => statusBar().innerText()).toMatch(/Share 1/);
});
