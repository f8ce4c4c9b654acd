import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CreatedShare } from "@waiide/protocol";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ideReady, type RunningGateway, startGateway } from "../support/gateway.ts";
import { launchBrowser, newPage, openTerminal, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { ExtensionPage } from "../support/page/extension.ts";
import { guestWorkbenchVisible } from "../support/page/guest-workbench.ts";
import { patience } from "../support/patience.ts";
import { auditOf, comeIn, createShare } from "../support/sharing.ts";

const settings = { "window.dialogStyle": "custom", "terminal.integrated.gpuAcceleration": "off" };
const files = { "model.py": "one = 1\n" };

let browser: Browser;
let gateway: RunningGateway;
let owner: Page;
let guest: Page;
let guestContext: BrowserContext;
let stranger: Page;
let ui: ExtensionPage;
let shared: CreatedShare;

beforeAll(async () => {
  [browser, gateway] = await Promise.all([launchBrowser(), startGateway({ settings, files })]);
  await ideReady(gateway);
  ({ page: owner } = await newPage(browser));
  ui = new ExtensionPage(owner);
  await owner.goto(gateway.url);
  await workbenchVisible(owner);
  await ui.statusBar().waitFor();
  shared = await createShare(gateway, "--permission", "view");
  const other = await createShare(gateway, "--permission", "edit");
  ({ page: guest, context: guestContext } = await newPage(browser, { colorScheme: "dark" }));
  ({ page: stranger } = await newPage(browser));
  await enter(guest, shared, "Bob");
  await enter(stranger, other, "Eve");
  await ui.command("Notifications: Clear All Notifications");
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
});

async function enter(page: Page, share: CreatedShare, name: string): Promise<void> {
  await page.goto(share.url);
  await comeIn(page, name);
  await guestWorkbenchVisible(page);
}

const panel = (page: Page) => page.getByRole("region", { name: "Terminal of" });
const shownTo = (count: string) => owner.locator(".statusbar-item").filter({ hasText: `Terminal shown to ${count}` });

/** A row of the guest's terminal that holds the text, and nothing else. */
const row = (text: string) =>
  panel(guest)
    .locator(".xterm-rows > div")
    .filter({ hasText: new RegExp(`^${text}\\s*$`) });

async function show(): Promise<void> {
  await ui.command("WAIIDE: Share This Terminal…");
  await ui.choice("Workspace.*View Only").click();
  await ui.answerDialog("passwords and keys that programs print", "Show Terminal");
  await shownTo("1 guest").waitFor();
  await panel(guest).waitFor();
}

async function run(command: string): Promise<void> {
  await owner.bringToFront();
  // The second is a line that stays at the top.
  await owner.locator(".terminal-wrapper.active .xterm-screen").first().click();
  await owner.keyboard.type(`${command}\n`);
}

it("a guest sees what the terminal writes; guests of another share do not", async () => {
  await openTerminal(owner);
  await ui.command("WAIIDE: Share This Terminal…");
  await ui.choice("Workspace.*View Only").click();
  await ui.dialog().getByText("passwords and keys that programs print").waitFor();
  await screenshot(owner, "shown-terminal-question");
  // Without a confirmation nothing is shown.
  await owner.keyboard.press("Escape");
  await ui.dialog().waitFor({ state: "hidden" });
  expect(await shownTo("").count()).toBe(0);

  await show();
  await run("echo seen-$((6*7)); seq 1 40; printf '\\033[31mred\\033[0m and \\033[1;32mgreen\\033[0m\\n'");
  await row("red and green").waitFor();
  await owner.locator(".terminal-outer-container, .terminal-tabs-entry, .single-terminal-tab").first().waitFor();
  await expect.poll(() => owner.locator(".part.panel").innerText(), patience).toContain("shown to guests");
  await screenshot(owner, "shown-terminal-owner");
  await screenshot(guest, "shown-terminal-guest-dark");
  await guest.emulateMedia({ colorScheme: "light" });
  await guest.locator("body[data-theme=light]").waitFor();
  await screenshot(guest, "shown-terminal-guest-light");
  expect(await panel(stranger).count()).toBe(0);
  expect(await stranger.getByRole("button", { name: "Terminal", exact: true }).isVisible()).toBe(false);
});

it("a guest who comes later sees the last part of it", async () => {
  const { page: late, context } = await newPage(browser);
  await enter(late, shared, "Carol");
  await panel(late).locator(".xterm-rows").getByText("red and green").waitFor();
  await shownTo("2 guests").waitFor();
  await context.close();
  await shownTo("1 guest").waitFor();
});

it("what a guest types in it reaches no shell", async () => {
  await guest.bringToFront();
  await panel(guest).locator(".xterm-screen").click();
  await guest.keyboard.type("touch typed-by-the-guest\n");
  await run("echo 'still '$((1+1))");
  await row("still 2").waitFor();
  expect(existsSync(join(gateway.workspace, "typed-by-the-guest"))).toBe(false);
  // The browser keeps its keys: the terminal traps nobody's focus.
  await guest.bringToFront();
  await panel(guest).locator(".xterm-helper-textarea").focus();
  await guest.keyboard.press("Shift+Tab");
  await expect.poll(() => guest.evaluate(() => document.activeElement?.textContent ?? "")).toBe("Hide Terminal");
});

it("escape sequences set no title, open no link and write to no clipboard", async () => {
  await guestContext.grantPermissions(["clipboard-read", "clipboard-write"]);
  await guest.bringToFront();
  await guest.evaluate(() => navigator.clipboard.writeText("the guest's own"));
  const title = await guest.title();
  const evil = [
    "\u001b]0;evil title\u0007",
    "\u001b]8;;https://evil.example/\u0007a link\u001b]8;;\u0007\n",
    `\u001b]52;c;${btoa("evil clipboard")}\u0007`,
    "the end\n",
  ].join("");
  await writeFile(join(gateway.workspace, "evil.txt"), evil);
  await run("cat evil.txt");
  await row("the end").waitFor();
  await guest.bringToFront();
  const opened: string[] = [];
  guestContext.on("page", (page) => opened.push(page.url()));
  guest.on("dialog", (dialog) => void dialog.dismiss().then(() => opened.push(dialog.message())));
  // Another element above the rows takes the clicks.
  await row("a link").click({ force: true });
  await row("a link").click({ modifiers: ["Control"], force: true });
  expect(await panel(guest).locator("a").count()).toBe(0);
  expect(opened).toEqual([]);
  expect(await guest.title()).toBe(title);
  expect(await guest.evaluate(() => navigator.clipboard.readText())).toBe("the guest's own");
});

it("a click in the status bar stops it, and the audit has both", async () => {
  await owner.bringToFront();
  await shownTo("1 guest").click();
  await panel(guest).waitFor({ state: "hidden" });
  await shownTo("").waitFor({ state: "detached" });
  await expect.poll(() => owner.locator(".part.panel").innerText(), patience).not.toContain("shown to guests");
  await run("echo after");
  const events = (await auditOf(gateway, shared.id)).map(({ event }) => event);
  expect(events.filter((event) => event.endsWith("-terminal"))).toEqual(["stop-terminal", "show-terminal"]);
});

it("it ends with the terminal", async () => {
  await show();
  await run("exit");
  await panel(guest).waitFor({ state: "hidden" });
});

it("it ends with the owner's page", async () => {
  await openTerminal(owner);
  await show();
  await owner.reload();
  await panel(guest).waitFor({ state: "hidden" });
  await workbenchVisible(owner);
  await ui.statusBar().waitFor();
  expect(await shownTo("").count()).toBe(0);
});
