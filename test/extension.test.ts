import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser, newPage, screenshot, workbenchVisible } from "./support/browser.ts";
import { ideReady, type RunningGateway, startGateway } from "./support/gateway.ts";
import { explorerRow, guestWorkbenchVisible, typeIntoFile } from "./support/guest-workbench.ts";
import { comeIn, createShare, listShares, share } from "./support/sharing.ts";

const token = "the-owners-own-token-of-this-gateway";
const settings = JSON.stringify({ "window.dialogStyle": "custom", "window.menuStyle": "custom" });
/** RULES R17. */
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
  await command("Notifications: Clear All Notifications");
  await expect.poll(() => statusBar().innerText()).toMatch(/Share\s*$/);
});

const statusBar = () => page.locator(".statusbar-item.right").filter({ hasText: /^\s*Share/ });
const quickInput = () => page.locator(".quick-input-widget").filter({ visible: true });
const choice = (text: string) =>
  quickInput()
    .getByRole("option", { name: new RegExp(`^(?:\\S+ icon, )?${text}`) })
    .first();
const dialog = () => page.locator(".monaco-dialog-box");
const notification = (text: string | RegExp) => page.locator(".notification-list-item").filter({ hasText: text });
const viewRow = (text: string | RegExp): Locator =>
  page.locator(".sidebar .pane-body .monaco-list-row").filter({ hasText: text });
const menuItem = (text: string) => page.locator(".monaco-menu").getByRole("menuitem", { name: text, exact: true });

/** By the keyboard: a menu takes no click in the moment in which it opens. */
async function chooseInMenu(text: string): Promise<void> {
  await menuItem(text).hover();
  await page.keyboard.press("Enter");
}

async function palette(text: string): Promise<Locator> {
  await page.keyboard.press("F1");
  await quickInput().waitFor();
  await page.keyboard.insertText(text);
  return quickInput().locator(".monaco-list-row").filter({ hasText: text });
}

async function command(name: string): Promise<void> {
  await (await palette(name)).first().click();
}

async function openFile(name: string): Promise<void> {
  await command("View: Show Explorer");
  await explorerRow(page, name).dblclick();
  await page.locator(".tab.active").filter({ hasText: name }).waitFor();
}

/** Answers the questions from the level on. */
async function answer(level: string, expiry = "1 hour", note = ""): Promise<void> {
  await choice(level).click();
  await choice(expiry).click();
  await quickInput().getByText("A note for yourself").waitFor();
  if (note !== "") await page.keyboard.insertText(note);
  await page.keyboard.press("Enter");
  await choice("Copy Link").waitFor();
}

async function copyLink(): Promise<string> {
  await choice("Copy Link").click();
  await quickInput().getByText("copied").waitFor();
  await page.keyboard.press("Escape");
  return page.evaluate(() => navigator.clipboard.readText());
}

it("every command is in the palette, once; those that need something are there when it is", async () => {
  await openFile("model.py");
  await page.locator(".editor-instance .view-line").first().click();
  await page.keyboard.press("Control+A");
  const names = ["Share Workspace", "Share Current File", "Share Selection", "Revoke All Shares", "Manage Shares"];
  for (const name of names) {
    const found = await palette(`WAIIDE: ${name}`);
    await found.first().waitFor();
    expect(await found.count(), name).toBe(1);
    await page.keyboard.press("Escape");
  }
});

it("menus: the file and, only with a selection, the selection in the editor; file and folder in the explorer", async () => {
  await openFile("model.py");
  const line = page.locator(".editor-instance .view-line").first();
  await line.click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Shift+F10");
  await menuItem("Share Current File").waitFor();
  expect(await menuItem("Share Selection").count()).toBe(0);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+F10");
  await chooseInMenu("Share Selection");
  await answer("View Only");
  await page.keyboard.press("Escape");
  expect(await listShares(gateway)).toMatchObject([
    { scope: { kind: "selection", path: "model.py", line: 1, col: 0, end_line: 1 } },
  ]);

  await explorerRow(page, "model.py").click({ button: "right" });
  await menuItem("Share Current File").waitFor();
  expect(await menuItem("Share Folder").count()).toBe(0);
  await page.keyboard.press("Escape");
  await explorerRow(page, "notes").click({ button: "right" });
  await chooseInMenu("Share Folder");
  await answer("Full Access", "Never");
  await page.keyboard.press("Escape");
  expect(await listShares(gateway)).toContainEqual(
    expect.objectContaining({ scope: { kind: "folder", path: "notes" }, level: "edit", expires_at: null }),
  );
});

it("a share from the button to its link; Back asks again, Esc leaves nothing, and the choices are remembered", async () => {
  await statusBar().click();
  await screenshot(page, "extension-what");
  await choice("Workspace").click();
  await choice("View Only").waitFor();
  await screenshot(page, "extension-level");
  await choice("Full Access").click();
  await choice("4 hours").waitFor();
  await screenshot(page, "extension-expiry");
  await quickInput().getByRole("button", { name: "Back" }).click();
  await choice("View Only").click();
  await choice("4 hours").click();
  await quickInput().getByText("A note for yourself").waitFor();
  await page.keyboard.press("Escape");
  await quickInput().waitFor({ state: "hidden" });
  expect(await listShares(gateway)).toEqual([]);

  await command("WAIIDE: Share Workspace");
  await answer("View Only", "4 hours", "for the review");
  await screenshot(page, "extension-link");
  const link = await copyLink();
  const [made] = await listShares(gateway);
  expect(made).toMatchObject({ level: "view", note: "for the review", scope: { kind: "workspace" } });
  expect(link).toMatch(new RegExp(`/share/${made?.id}/#[\\w-]{22,}$`));

  await command("WAIIDE: Share Workspace");
  await choice("View Only").click();
  await expect.poll(() => choice("4 hours").getAttribute("class")).toContain("focused");
  await page.keyboard.press("Escape");
});

it("Terminal Access asks once more, in plain words; without a yes the level is asked again", async () => {
  await command("WAIIDE: Share Workspace");
  await choice("Terminal Access").click();
  await dialog().getByText("can run anything as you").waitFor();
  await screenshot(page, "extension-terminal");
  await page.keyboard.press("Escape");
  await choice("Terminal Access").waitFor();
  expect(await listShares(gateway)).toEqual([]);
  await choice("Terminal Access").click();
  await dialog().getByRole("button", { name: "Share Terminal Access" }).click();
  await choice("1 hour").waitFor();
  // It may live for a week at most: never says so and chooses nothing.
  await choice("Never").click();
  await quickInput().getByText("at most 1 week").first().waitFor();
  await choice("1 hour").click();
  await page.keyboard.press("Enter");
  await choice("Copy Link").waitFor();
  await page.keyboard.press("Escape");
  expect(await listShares(gateway)).toMatchObject([{ level: "terminal" }]);
});

it("what is not saved is saved first: guests see what the owner sees", async () => {
  await openFile("model.py");
  await page.locator(".editor-instance .view-line").first().click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("zero = 0\n");
  await command("WAIIDE: Share Current File");
  await answer("View Only");
  await page.keyboard.press("Escape");
  expect(readFileSync(join(gateway.workspace, "model.py"), "utf8")).toMatch(/^zero = 0\n/);
});

it("by mail: subject, text, and the link exactly as it is; who opens it gets in", async () => {
  const asked: string[] = [];
  const devtools = await context.newCDPSession(page);
  await devtools.send("Page.enable");
  for (const event of ["Page.frameRequestedNavigation", "Page.windowOpen"] as const) {
    devtools.on(event, ({ url }) => asked.push(url));
  }
  await command("WAIIDE: Share Workspace");
  await answer("View Only");
  await choice("Share via Email").click();
  await expect.poll(() => asked.find((url) => url.startsWith("mailto:"))).toBeTruthy();
  const mail = new URLSearchParams(asked.find((url) => url.startsWith("mailto:"))?.replace(/^mailto:\?/, ""));
  expect(mail.get("subject")).toContain("shares a workspace with you");
  const link =
    mail
      .get("body")
      ?.split("\r\n")
      .find((line) => line.startsWith("http")) ?? "";
  expect(link).toBe(await copyLink());
  await devtools.detach();
  const { page: guest, context: guests } = await newPage(browser);
  await guest.goto(link);
  await comeIn(guest, "Bob");
  await guestWorkbenchVisible(guest);
  await guests.close();
});

describe("with a guest", () => {
  let guest: Page;
  beforeEach(async () => {
    ({ page: guest } = await newPage(browser));
  });
  afterEach(() => guest.context().close());

  it("shared by clicking, opened elsewhere, seen here, revoked, thrown out", async () => {
    await command("WAIIDE: Share Workspace");
    await answer("Full Access");
    await guest.goto(await copyLink());
    await comeIn(guest, "Bob");
    await guestWorkbenchVisible(guest);
    await notification("Bob came in: Full Access of the workspace.").waitFor();
    await expect.poll(() => statusBar().innerText()).toMatch(/Share 1\s+1/);
    await typeIntoFile(guest, "model.py", "one", "# by Bob\n");
    const file = join(gateway.workspace, "model.py");
    await expect.poll(() => readFileSync(file, "utf8")).toContain("by Bob");

    await page.keyboard.press("Control+Alt+h");
    await viewRow("Bob").first().waitFor();
    await viewRow("Changed by guests").click();
    await viewRow("model.py").waitFor();
    await screenshot(page, "extension-shares");
    await viewRow("model.py").click();
    await page.locator(".monaco-diff-editor .line-insert").first().waitFor();
    await screenshot(page, "extension-diff");

    await viewRow("Workspace").hover();
    await viewRow("Workspace").getByRole("button", { name: "Revoke Share" }).click();
    await dialog().getByText("This immediately blocks all recipients.").waitFor();
    await screenshot(page, "extension-revoke");
    await dialog().getByRole("button", { name: "Revoke", exact: true }).click();
    await guest.getByText("has stopped sharing “workspace”").waitFor();
    expect(await listShares(gateway)).toEqual([]);
    await page.getByText("Nothing is shared.").first().waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.press("Control+w");
  });

  it("a share made elsewhere is told, and can be ended from there; all of them at once, too", async () => {
    await createShare(gateway, "notes");
    const notice = notification("A share was made outside this window: View Only of a folder");
    await notice.getByRole("button", { name: "Revoke" }).click();
    await dialog().getByRole("button", { name: "Revoke", exact: true }).click();
    await expect.poll(() => listShares(gateway)).toEqual([]);
    const { url } = await createShare(gateway, "notes");
    await createShare(gateway, "model.py");
    await guest.goto(url);
    await comeIn(guest, "Bob");
    await guestWorkbenchVisible(guest);
    await command("WAIIDE: Revoke All Shares");
    await dialog().getByText("This immediately blocks all recipients.").waitFor();
    await dialog().getByRole("button", { name: "Revoke All" }).click();
    await guest.getByText("has stopped sharing “notes”").waitFor();
    await notification("Ended: 2 shares; put out: 1 guest.").waitFor();
    expect(await listShares(gateway)).toEqual([]);
  });

  it("R17: what looks like a link or command in names and notes is plain text, and opens nothing", async () => {
    const { url } = await createShare(gateway, evil, "--note", evil);
    await guest.goto(url);
    await comeIn(guest, evil);
    await guestWorkbenchVisible(guest);
    await notification("came in").waitFor();
    await page.keyboard.press("Control+Alt+h");
    await viewRow(evil).first().waitFor();
    for (const place of [viewRow(evil), page.locator(".notification-list-item")]) {
      expect(await place.locator("a[href]:not(.action-label), a[data-href]").count()).toBe(0);
    }
    expect(await notification("](").count()).toBe(0);
    expect(await page.locator(".terminal-wrapper").count()).toBe(0);
  });
});
