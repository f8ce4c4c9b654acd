import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GuestClient } from "../../packages/gateway/test/support/guest-client.ts";
import { freePort, ideReady, type RunningGateway, startGateway } from "../support/gateway.ts";
import { launchBrowser, newPage, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { ExtensionPage } from "../support/page/extension.ts";
import { explorerRow, guestWorkbenchVisible, typeIntoFile } from "../support/page/guest-workbench.ts";
import { patience } from "../support/patience.ts";
import { comeIn, createShare, listShares, share } from "../support/sharing.ts";

const token = "the-owners-own-token-of-this-gateway";
const settings = JSON.stringify({ "window.dialogStyle": "custom", "window.menuStyle": "custom" });
/** RULES R17. */
const evil = "[x](command:workbench.action.terminal.new)";

let browser: Browser;
let gateway: RunningGateway;
let page: Page;
let context: BrowserContext;
let ui: ExtensionPage;

beforeAll(async () => {
  // It is started again on the same port, which nobody else may get in between.
  const port = String(await freePort());
  [browser, gateway] = await Promise.all([
    launchBrowser(),
    startGateway({
      arguments: ["--port", port, "--auth", "token", "--token", token, "--default-settings", settings],
      files: { "model.py": "one = 1\ntwo = 2\nthree = 3\n", "notes/plan.md": "# Plan\n" },
    }),
  ]);
  await ideReady(gateway);
  ({ page, context } = await newPage(browser));
  ui = new ExtensionPage(page);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(gateway.url);
  await workbenchVisible(page);
  await ui.statusBar().waitFor();
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
});
afterEach(async () => {
  await share(gateway, "revoke", "--all");
  await ui.command("Notifications: Clear All Notifications");
  await expect.poll(() => ui.statusBar().innerText()).toMatch(/Share\s*$/);
});

async function openFile(name: string): Promise<void> {
  await ui.command("View: Show Explorer");
  await explorerRow(page, name).dblclick();
  await page.locator(".tab.active").filter({ hasText: name }).waitFor();
}

it("every command is in the palette once, and only where it applies", async () => {
  await openFile("model.py");
  await page.locator(".editor-instance .view-line").first().click();
  await page.keyboard.press("Control+A");
  const names = ["Share Workspace", "Share Current File", "Share Selection", "Revoke All Shares", "Manage Shares"];
  for (const name of names) {
    const found = await ui.palette(`WAIIDE: ${name}`);
    await found.first().waitFor();
    expect(await found.count(), name).toBe(1);
    await page.keyboard.press("Escape");
  }
});

it("menus: file, folder and, if something is selected, the selection", async () => {
  await openFile("model.py");
  const line = page.locator(".editor-instance .view-line").first();
  await line.click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Shift+F10");
  await ui.menuItem("Share Current File").waitFor();
  expect(await ui.menuItem("Share Selection").count()).toBe(0);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+F10");
  await ui.chooseInMenu("Share Selection");
  await ui.answer("View Only");
  await page.keyboard.press("Escape");
  expect(await listShares(gateway)).toMatchObject([
    { scope: { kind: "selection", path: "model.py", line: 1, col: 0, end_line: 1 } },
  ]);

  await explorerRow(page, "model.py").click({ button: "right" });
  await ui.menuItem("Share Current File").waitFor();
  expect(await ui.menuItem("Share Folder").count()).toBe(0);
  await page.keyboard.press("Escape");
  await explorerRow(page, "notes").click({ button: "right" });
  await ui.chooseInMenu("Share Folder");
  await ui.answer("Full Access", "Never");
  await page.keyboard.press("Escape");
  expect(await listShares(gateway)).toContainEqual(
    expect.objectContaining({ scope: { kind: "folder", path: "notes" }, level: "edit", expires_at: null }),
  );
});

it("a share from the button to its link: Back goes back, Esc cancels", async () => {
  await ui.statusBar().click();
  await screenshot(page, "extension-what");
  await ui.choice("Workspace").click();
  await ui.choice("View Only").waitFor();
  await screenshot(page, "extension-level");
  await ui.choice("Full Access").click();
  await ui.choice("4 hours").waitFor();
  await screenshot(page, "extension-expiry");
  await ui.quickInput().getByRole("button", { name: "Back" }).click();
  // Also after another level was chosen: who presses Enter without reading gives the least.
  await expect.poll(() => ui.choice("View Only").getAttribute("class")).toContain("focused");
  await ui.choice("View Only").click();
  await ui.choice("4 hours").click();
  await ui.quickInput().getByText("A note for yourself").waitFor();
  await page.keyboard.press("Escape");
  await ui.quickInput().waitFor({ state: "hidden" });
  expect(await listShares(gateway)).toEqual([]);

  await ui.command("WAIIDE: Share Workspace");
  await ui.answer("View Only", "4 hours", "for the review");
  await screenshot(page, "extension-link");
  const link = await ui.copyLink();
  const [made] = await listShares(gateway);
  expect(made).toMatchObject({ level: "view", note: "for the review", scope: { kind: "workspace" } });
  expect(link).toMatch(new RegExp(`/share/${made?.id}/#[\\w-]{22,}$`));

  await ui.command("WAIIDE: Share Workspace");
  await ui.choice("Full Access").click();
  await ui.choice("4 hours").waitFor();
  await page.keyboard.press("Escape");
  await ui.quickInput().waitFor({ state: "hidden" });
  await ui.command("WAIIDE: Share Workspace");
  await expect.poll(() => ui.choice("View Only").getAttribute("class")).toContain("focused");
  await page.keyboard.press("Enter");
  await expect.poll(() => ui.choice("4 hours").getAttribute("class")).toContain("focused");
  await page.keyboard.press("Escape");
});

it("Terminal Access asks for confirmation, and without it for the level again", async () => {
  await ui.command("WAIIDE: Share Workspace");
  await ui.choice("Terminal Access").click();
  await ui.dialog().getByText("can run commands as you").waitFor();
  await screenshot(page, "extension-terminal");
  await page.keyboard.press("Escape");
  await ui.choice("Terminal Access").waitFor();
  expect(await listShares(gateway)).toEqual([]);
  await ui.choice("Terminal Access").click();
  await ui.dialog().getByRole("button", { name: "Share Terminal Access" }).click();
  await ui.choice("1 hour").waitFor();
  // It may live for a week at most: never says so and chooses nothing.
  await ui.choice("Never").click();
  await ui.quickInput().getByText("at most 7 days").first().waitFor();
  await ui.answerRest();
  await page.keyboard.press("Escape");
  expect(await listShares(gateway)).toMatchObject([{ level: "terminal" }]);
});

it("unsaved files are saved first: guests see what the owner sees", async () => {
  await openFile("model.py");
  await page.locator(".editor-instance .view-line").first().click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("zero = 0\n");
  await ui.command("WAIIDE: Share Current File");
  await ui.answer("View Only");
  await page.keyboard.press("Escape");
  expect(readFileSync(join(gateway.workspace, "model.py"), "utf8")).toMatch(/^zero = 0\n/);
});

it("by mail: subject, text, and the exact link, which lets a guest in", async () => {
  const asked: string[] = [];
  const devtools = await context.newCDPSession(page);
  await devtools.send("Page.enable");
  for (const event of ["Page.frameRequestedNavigation", "Page.windowOpen"] as const) {
    devtools.on(event, ({ url }) => asked.push(url));
  }
  await ui.command("WAIIDE: Share Workspace");
  await ui.answer("View Only");
  await ui.choice("Share via Email").click();
  await expect.poll(() => asked.find((url) => url.startsWith("mailto:"))).toBeTruthy();
  const mail = new URLSearchParams(asked.find((url) => url.startsWith("mailto:"))?.replace(/^mailto:\?/, ""));
  expect(mail.get("subject")).toContain("shares a workspace with you");
  const link =
    mail
      .get("body")
      ?.split("\r\n")
      .find((line) => line.startsWith("http")) ?? "";
  expect(link).toBe(await ui.copyLink());
  await devtools.detach();
  const { page: guest, context: guests } = await newPage(browser);
  await guest.goto(link);
  await comeIn(guest, "Bob");
  await guestWorkbenchVisible(guest);
  await guests.close();
});

it("where the browser opens no window, the link stays there to be copied", async () => {
  await ui.command("WAIIDE: Share Workspace");
  await ui.answer("View Only");
  // What a browser does that blocks it; VS Code is not told.
  await page.evaluate(() => {
    window.open = () => null;
  });
  await ui.choice("Open in Browser").click();
  await ui.choice("Open in Browser").getByText("opened").waitFor();
  const [made] = await listShares(gateway);
  await ui.quickInput().getByText(`/share/${made?.id}/#`).first().waitFor();
  await page.keyboard.press("Escape");
});

it("VS Code's own Share button creates a link to the open file, and copies it", async () => {
  await openFile("model.py");
  await page.locator(".part.titlebar").getByRole("button", { name: "Share..." }).click();
  await ui.choice("View Only").click();
  await ui.choice("1 hour").click();
  await ui.quickInput().getByText("A note for yourself").waitFor();
  await page.keyboard.press("Enter");
  await ui.dialog().getByText("Copied text to clipboard").waitFor();
  const [made] = await listShares(gateway);
  expect(made).toMatchObject({ scope: { path: "model.py" } });
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(`/share/${made?.id}/#`);
  await ui.dialog().getByRole("button", { name: "Close", exact: true }).click();
});

it("guests begin with the owner's open file, or else with the README", async () => {
  await writeFile(join(gateway.workspace, "README.md"), "# What this is about\n");
  await openFile("model.py");
  await ui.command("WAIIDE: Share Workspace");
  await ui.answer("View Only");
  const link = await ui.copyLink();
  expect(await listShares(gateway)).toMatchObject([{ scope: { kind: "workspace", opens: "model.py" } }]);
  await page.keyboard.press("Control+Alt+h");
  const row = ui.viewRow("Workspace");
  await row.waitFor();
  expect(await row.innerText()).not.toContain("model.py");
  const guest = await newPage(browser);
  await guest.page.goto(link);
  await comeIn(guest.page, "Bob");
  await guestWorkbenchVisible(guest.page);
  await guest.page.locator(".tab.active").filter({ hasText: "model.py" }).waitFor();
  await screenshot(guest.page, "extension-first-file");
  await guest.context.close();

  await writeFile(join(gateway.workspace, ".env"), "KEY=1\n");
  await openFile(".env");
  await ui.command("WAIIDE: Share Workspace");
  await ui.answer("View Only");
  const other = await newPage(browser);
  await other.page.goto(await ui.copyLink());
  const made = await listShares(gateway);
  expect(made.map(({ scope }) => scope)).toContainEqual({ kind: "workspace" });
  await comeIn(other.page, "Bob");
  await guestWorkbenchVisible(other.page);
  await other.page.locator(".tab.active").filter({ hasText: "README.md" }).waitFor();
  await other.context.close();
  await page.keyboard.press("Control+w");
});

it("starts after the IDE has, and VS Code says how long that took", async () => {
  await ui.command("Developer: Show Running Extensions");
  const row = page.locator(".runtime-extensions-editor .monaco-list-row").filter({ hasText: "WAIIDE" }).first();
  await row.getByText(/^Activation: \d+ms/).waitFor();
  console.log((await row.innerText()).replace(/\s+/g, " "));
  await page.keyboard.press("Escape");
  await row.waitFor({ state: "detached" });
});

describe("with a guest", () => {
  let guest: Page;
  beforeEach(async () => {
    ({ page: guest } = await newPage(browser));
  });
  afterEach(() => guest.context().close());

  it("shared by clicking, opened elsewhere, seen here, revoked, thrown out", async () => {
    await ui.command("WAIIDE: Share Workspace");
    await ui.answer("Full Access");
    await guest.goto(await ui.copyLink());
    // Both are awaited at once: a notice goes after ten seconds, and a slow page may take longer.
    await Promise.all([ui.notification("Bob joined your workspace (Full Access).").waitFor(), comeIn(guest, "Bob")]);
    await guestWorkbenchVisible(guest);
    await expect.poll(() => ui.statusBar().innerText()).toMatch(/Share 1\s+1/);
    await typeIntoFile(guest, "model.py", "one", "# by Bob\n");
    const file = join(gateway.workspace, "model.py");
    await expect.poll(() => readFileSync(file, "utf8")).toContain("by Bob");

    await page.keyboard.press("Control+Alt+h");
    await ui.viewRow("Bob").first().waitFor();
    await ui.clickFor(ui.viewRow("Changed by guests"), ui.viewRow("model.py"));
    await screenshot(page, "extension-shares");
    await ui.clickFor(ui.viewRow("model.py"), page.locator(".monaco-diff-editor .line-insert").first());
    await screenshot(page, "extension-diff");

    await ui.rowButton("Workspace", "Revoke Share");
    await ui.dialog().getByText("This immediately blocks all recipients.").waitFor();
    await screenshot(page, "extension-revoke");
    await ui.dialog().getByRole("button", { name: "Revoke", exact: true }).click();
    await guest.getByText("has stopped sharing “workspace”").waitFor();
    expect(await listShares(gateway)).toEqual([]);
    await page.getByText("Nothing is shared.").first().waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.press("Control+w");
  });

  it("what guests deleted is restored byte by byte, in latin-1 too", async () => {
    const latin1 = Buffer.from("na\xEFve caf\xE9\n", "latin1");
    const file = join(gateway.workspace, "notes", "deleted.txt");
    await writeFile(file, latin1);
    const { url } = await createShare(gateway, "notes", "--permission", "Full Access");
    const session = await (await new GuestClient(gateway.url, url).enter("Bob")).session();
    const path = "notes/deleted.txt";
    expect(await session.ask("delete", { path, recursive: false })).not.toHaveProperty("code");

    await page.keyboard.press("Control+Alt+h");
    await ui.clickFor(ui.viewRow("Changed by guests"), ui.viewRow("deleted.txt"));
    await ui.rowButton("deleted.txt", "Restore What It Was");
    await ui.answerDialog("Restore deleted.txt?", "Restore");
    await expect.poll(() => readFile(file).catch(() => undefined)).toEqual(latin1);
    session.socket.close();
  });

  it("R11: what guests changed, renamed or recreated is restored byte by byte", async () => {
    const binary = Buffer.from([0, 0xff, 0xfe, 0x80, 0x0d, 0x0a]);
    const latin1 = Buffer.from("na\xEFve caf\xE9\r\n", "latin1");
    const inNotes = (name: string) => join(gateway.workspace, "notes", name);
    await writeFile(inNotes("changed.bin"), binary);
    await writeFile(inNotes("old-name.bin"), binary);
    await writeFile(inNotes("anew.txt"), latin1);
    const { url } = await createShare(gateway, "notes", "--permission", "Full Access");
    const session = await (await new GuestClient(gateway.url, url).enter("Bob")).session();
    const ask = async (...asked: Parameters<typeof session.ask>) =>
      expect(await session.ask(...asked)).toEqual(expect.not.objectContaining({ code: expect.any(String) }));
    const other = { content: Buffer.from([1, 0, 0xff]).toString("base64"), encoding: "base64" } as const;
    const base = createHash("sha256").update(binary).digest("hex");
    await ask("write", { path: "notes/changed.bin", base, ...other });
    await ask("rename", { from: "notes/old-name.bin", to: "notes/new-name.bin" });
    await ask("write", { path: "notes/new-name.bin", base, ...other });
    await ask("delete", { path: "notes/anew.txt" });
    await ask("write", { path: "notes/anew.txt", base: null, content: "new\n", encoding: "utf8" });

    await page.keyboard.press("Control+Alt+h");
    await ui.clickFor(ui.viewRow("Changed by guests"), ui.viewRow("changed.bin"));
    await ui.viewRow("Changed by guests").hover();
    expect(await ui.viewRow("Changed by guests").getByRole("button").count()).toBe(0);
    for (const [row, name, before] of [
      ["changed.bin", "changed.bin", binary],
      ["renamed from", "new-name.bin", binary],
      [/anew\.txt\s*changed/, "anew.txt", latin1],
    ] as const) {
      expect(await readFile(inNotes(name))).not.toEqual(before);
      await ui.rowButton(row, "Restore What It Was");
      await ui.answerDialog(`Restore ${name}?`, "Restore");
      await expect.poll(() => readFile(inNotes(name)), patience).toEqual(before);
    }
    await expect(readFile(inNotes("old-name.bin"))).rejects.toThrow("ENOENT");
    session.socket.close();
  });

  it("a share made elsewhere is notified, and can be revoked from there", async () => {
    await createShare(gateway, "notes");
    const notice = ui.notification("A share of a folder (View Only) was created outside this window");
    await notice.getByRole("button", { name: "Revoke" }).click();
    await ui.dialog().getByRole("button", { name: "Revoke", exact: true }).click();
    await expect.poll(() => listShares(gateway)).toEqual([]);
    const { url } = await createShare(gateway, "notes");
    await createShare(gateway, "model.py");
    await guest.goto(url);
    await comeIn(guest, "Bob");
    await guestWorkbenchVisible(guest);
    await ui.command("WAIIDE: Revoke All Shares");
    await ui.dialog().getByText("This immediately blocks all recipients.").waitFor();
    await ui.dialog().getByRole("button", { name: "Revoke All" }).click();
    await guest.getByText("has stopped sharing “notes”").waitFor();
    await ui.notification("Revoked 2 shares and disconnected 1 guest.").waitFor();
    expect(await listShares(gateway)).toEqual([]);
  });

  it("a share can get another expiry, a lower level, fewer guests and a new link", async () => {
    const { url } = await createShare(gateway, "notes", "--permission", "Full Access");
    await guest.goto(url);
    await comeIn(guest, "Bob");
    await guestWorkbenchVisible(guest);
    await page.keyboard.press("Control+Alt+h");
    await ui.viewRow(/notes.*Full Access · (24 hours|23 hours \d+ minutes) left/).waitFor();
    await ui.rowMenu("notes", "Change Expiry…");
    await ui.choice("7 days").click();
    await ui.viewRow(/notes.*Full Access · (7 days|6 days) left/).waitFor();

    await ui.rowMenu("notes", "Lower Level…");
    await ui.choice("View Only").waitFor();
    expect(await ui.choice("Full Access").count()).toBe(0);
    await ui.choice("View Only").click();
    await ui.viewRow(/notes.*View Only · (7 days|6 days) left/).waitFor();
    // His page comes back by itself, with less.
    await expect
      .poll(() => listShares(gateway))
      .toMatchObject([{ level: "view", guests: [{ name: "Bob", present: true }] }]);

    await ui.rowButton(/Bob.*online/, "Remove Guest");
    await ui.answerDialog("Remove Bob?", "Remove");
    await guest.getByText("You were removed").waitFor();
    await ui.viewRow("Bob").waitFor({ state: "hidden" });

    await comeAgain(url);
    // The rows move when he is shown: a click before that may meet none.
    await ui.viewRow(/Bob.*online/).waitFor();
    await ui.rowButton("notes", "New Link…");
    await ui.choice("Revoke them").click();
    await ui.choice("Copy Link").waitFor();
    const link = await ui.copyLink();
    expect(link).not.toBe(url);
    await guest.getByText("You were removed").waitFor();
    await comeAgain(link);
  });

  /** The page that says why is at the same address. */
  async function comeAgain(link: string): Promise<void> {
    await guest.goto("about:blank");
    await guest.goto(link);
    await comeIn(guest, "Bob");
    await guestWorkbenchVisible(guest);
  }

  it("R17: links and commands in names and notes are plain text, and open nothing", async () => {
    await writeFile(join(gateway.workspace, evil), "text\n");
    const { url } = await createShare(gateway, evil, "--note", evil);
    await guest.goto(url);
    // Under the mouse the notice stays.
    await Promise.all([ui.notification("joined").hover(), comeIn(guest, evil)]);
    await guestWorkbenchVisible(guest);
    await page.keyboard.press("Control+Alt+h");
    await ui.viewRow(evil).first().waitFor();
    for (const place of [ui.viewRow(evil), page.locator(".notification-list-item")]) {
      expect(await place.locator("a[href]:not(.action-label), a[data-href]").count()).toBe(0);
    }
    expect(await ui.notification("](").count()).toBe(0);
    expect(await page.locator(".terminal-wrapper").count()).toBe(0);
  });
});

it("the window finds a restarted gateway again; if sharing is off, it says why", async () => {
  await createShare(gateway, "notes");
  await expect.poll(() => ui.statusBar().innerText()).toMatch(/Share 1/);
  await gateway.pause();
  const off = await startGateway({
    after: gateway,
    arguments: ["--auth", "token", "--token", token, "--default-settings", settings, "--sharing", "false"],
  });
  await ideReady(off);
  await page.goto(off.url);
  await ui.statusBar().click();
  const told = ui.notification("Sharing not available: an administrator has turned it off");
  await told.waitFor();
  await screenshot(page, "extension-off");
  await told.getByRole("button", { name: "Run Doctor" }).click();
  await page.locator(".panel .view-line").filter({ hasText: "Sharing" }).first().waitFor();
  await page.keyboard.press("Control+Alt+h");
  await page.locator(".sidebar").getByText("Sharing not available: an administrator").first().waitFor();
  await off.pause();
  gateway = await gateway.resume();
  await page.goto(gateway.url);
  await expect.poll(() => ui.statusBar().innerText()).toMatch(/Share 1/);
});
