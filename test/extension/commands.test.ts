import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { RunningGateway } from "../support/gateway.ts";
import { startBackend } from "../support/http/backend.ts";
import { settingsOfOwners } from "../support/ide-settings.ts";
import { newPage, screenshot } from "../support/page/browser.ts";
import type { ExtensionPage } from "../support/page/extension.ts";
import { explorerRow } from "../support/page/guest-workbench.ts";
import { openOwnerWindow } from "../support/page/owner-window.ts";
import { openByName } from "../support/page/palette.ts";
import { comeIn, listShares, share } from "../support/sharing.ts";

const token = "the-owners-own-token-of-this-gateway";

const cell = { cell_type: "code", execution_count: null, id: "a1", metadata: {}, outputs: [], source: ["1 + 1"] };
const notebook = JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 });

let browser: Browser;
let gateway: RunningGateway;
let page: Page;
let context: BrowserContext;
let ui: ExtensionPage;

beforeAll(async () => {
  ({ browser, gateway, page, context, ui } = await openOwnerWindow({
    arguments: ["--auth", "token", "--token", token, "--extensions", "/nowhere/tools.vsix"],
    settings: settingsOfOwners,
    files: {
      "model.py": "one = 1\ntwo = 2\nthree = 3\n",
      "notes/plan.md": "# Plan\n",
      ".env": "KEY=1\n",
      "book.ipynb": notebook,
    },
  }));
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
  await openByName(page, name);
  await page.locator(".tab.active").filter({ hasText: name }).waitFor();
}

it("an extension that could not be installed is named, with why and what to do", async () => {
  const notice = ui.notification("/nowhere/tools.vsix could not be installed: ENOENT");
  // VS Code takes messages off the screen, but for errors with buttons.
  await notice.locator(".codicon-error").waitFor();
  await screenshot(page, "extension-failed");
  await notice.getByRole("button", { name: "What to Do" }).click();
  await ui.dialog().getByText("waiide extensions install FILE.vsix").waitFor();
  await screenshot(page, "extension-failed-help");
  await ui.answerDialog("These extensions could not be installed.", "Cancel");
});

it("a notebook without a kernel says at its cells what is missing", async () => {
  await openFile("book.ipynb");
  const help = page.getByText("Cells cannot run here: what to do");
  await ui.clickFor(help, ui.dialog().getByText("This notebook can be read and edited, but not run."));
  await screenshot(page, "notebook-help");
  await ui.dialog().getByText("Jupyter (ms-toolsai.jupyter)").waitFor();
  await page.keyboard.press("Escape");
  await ui.dialog().waitFor({ state: "hidden" });
  // Its webview would stay behind other tabs.
  await ui.command("View: Close Editor");
  await page.locator(".tab", { hasText: "book.ipynb" }).waitFor({ state: "detached" });
});

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

it("the Share button copies a View Only link for a day, which can be changed", async () => {
  await openFile("model.py");
  await ui.statusBar().click();
  await ui.quickInput().getByPlaceholder("Link copied.").waitFor();
  await screenshot(page, "extension-link");
  await ui.choice("Nobody else can open this link").click();
  await ui.answerDialog("Start WAIIDE for other machines too", "OK");
  const [made] = await listShares(gateway);
  expect(made).toMatchObject({ level: "view", with: null, scope: { kind: "workspace", opens: "model.py" } });
  const life = Date.parse(made?.expires_at ?? "") - Date.parse(made?.created_at ?? "");
  expect(Math.abs(life - 86_400_000)).toBeLessThan(60_000);
  const first = await page.evaluate(() => navigator.clipboard.readText());
  expect(first).toContain(`/share/${made?.id}/#`);

  await ui.choice("Change…").click();
  await ui.choice("Expiry").click();
  await ui.choice("1 hour").click();
  await ui.choice("Change…").click();
  await ui.choice("Level").click();
  await ui.choice("Full Access").click();
  // Who has the first link gets no more by it.
  await ui.quickInput().getByPlaceholder("Link copied.").waitFor();
  const [other, ...rest] = await listShares(gateway);
  expect(rest).toEqual([]);
  expect(other).toMatchObject({ level: "edit", scope: { kind: "workspace", opens: "model.py" } });
  expect(other?.id).not.toBe(made?.id);
  expect(Date.parse(other?.expires_at ?? "")).toBeLessThan(Date.parse(made?.expires_at ?? "") - 80_000_000);
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain(`/share/${other?.id}/#`);

  await ui.choice("Show QR Code").click();
  await page.locator(".tab.active").filter({ hasText: "QR Code of a Link" }).waitFor();
  const code = page.frameLocator("iframe.webview.ready").frameLocator("iframe").locator("svg");
  await code.waitFor();
  await screenshot(page, "extension-qr-code");
  await page.keyboard.press("Control+w");

  await ui.showShares();
  await ui.viewRow(/^\s*Full Access\s*can edit files/).waitFor();
  await ui.viewRow(/^\s*(\d+ minutes|1 hour) left\s*until /).waitFor();
  await page.evaluate(() => navigator.clipboard.writeText(""));
  await ui.rowMenu("Workspace", "Copy Link", ui.quickInput().getByPlaceholder("Link copied."));
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(`/share/${other?.id}/#`);
  await page.keyboard.press("Escape");
  await ui.quickInput().waitFor({ state: "hidden" });
});

it("a share from the first question to its link: Back goes back, Esc cancels", async () => {
  await ui.command("WAIIDE: Share…");
  await ui.choice("Workspace").click();
  await ui.choice("View Only").waitFor();
  await screenshot(page, "extension-level");
  await ui.choice("Full Access").click();
  await ui.choice("Anyone with the link whom I accept").waitFor();
  await screenshot(page, "extension-whom");
  await ui.choice("Anyone with the link").click();
  await ui.choice("4 hours").waitFor();
  await ui.quickInput().getByRole("button", { name: "Back" }).click();
  await ui.choice("Anyone with the link").waitFor();
  await ui.quickInput().getByRole("button", { name: "Back" }).click();
  // Even after another level was chosen: pressing Enter without reading grants the lowest one.
  await expect.poll(() => ui.choice("View Only").getAttribute("class")).toContain("focused");
  await ui.choice("View Only").click();
  await ui.choice("Anyone with the link").click();
  await ui.choice("4 hours").click();
  await ui.quickInput().getByText("A note for yourself").waitFor();
  await page.keyboard.press("Escape");
  await ui.quickInput().waitFor({ state: "hidden" });
  expect(await listShares(gateway)).toEqual([]);

  await ui.command("WAIIDE: Share Workspace");
  await ui.answer("View Only", "4 hours", "for the review");
  const link = await ui.copyLink();
  const [made] = await listShares(gateway);
  expect(made).toMatchObject({ level: "view", note: "for the review", scope: { kind: "workspace" } });
  expect(link).toMatch(new RegExp(`/share/${made?.id}/#[\\w-]{22,}$`));

  await ui.command("WAIIDE: Share Workspace");
  await ui.choice("Full Access").click();
  await ui.choice("Anyone with the link").waitFor();
  await page.keyboard.press("Escape");
  await ui.quickInput().waitFor({ state: "hidden" });
  await ui.command("WAIIDE: Share Workspace");
  await expect.poll(() => ui.choice("View Only").getAttribute("class")).toContain("focused");
  await page.keyboard.press("Enter");
  await expect.poll(() => ui.choice("Anyone with the link").getAttribute("class")).toContain("focused");
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
  await ui.choice("Anyone with the link").click();
  await ui.choice("1 hour").waitFor();
  // Its life is at most a week: choosing “never” shows that, and selects nothing.
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
  await ui.quickInput().getByText("Share model.py: Level").waitFor();
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
  expect(await listShares(gateway)).toMatchObject([{ guests: [{ name: "Bob" }] }]);
  await guests.close();
});

it("where the browser opens no window, the link stays there to be copied", async () => {
  await ui.command("WAIIDE: Share Workspace");
  await ui.answer("View Only");
  // As a browser does that blocks windows: VS Code does not notice.
  await page.evaluate(() => {
    window.open = () => null;
  });
  await ui.choice("Open in Browser").click();
  await ui.choice("Open in Browser").getByText("opened").waitFor();
  const [made] = await listShares(gateway);
  await ui.quickInput().getByText(`/share/${made?.id}/#`).first().waitFor();
  await page.keyboard.press("Escape");
});

it("an app on a port: a warning, the people, and the link", async () => {
  const backend = await startBackend();
  await ui.command("WAIIDE: Share App");
  await ui.choice("A program on a port").click();
  await ui.quickInput().getByText("The port that the program listens on").waitFor();
  await page.keyboard.insertText(String(backend.port));
  await page.keyboard.press("Enter");
  await ui.answerDialog("The app runs as you", "Continue");
  await ui.choice("Anyone with the link").click();
  await ui.answerRest("1 hour");
  await screenshot(page, "extension-app-link");
  const link = await ui.copyLink();
  const [made] = await listShares(gateway);
  expect(made).toMatchObject({ level: "app", app: { port: backend.port, state: "ready" } });
  expect(link).toContain(`/share/${made?.id}/#`);
  await backend.close();
});

it("VS Code's own Share button creates a link to the open file, and copies it", async () => {
  await openFile("model.py");
  await page.locator(".part.titlebar").getByRole("button", { name: "Share..." }).click();
  await ui.choice("View Only").click();
  await ui.choice("Anyone with the link").click();
  await ui.choice("1 hour").click();
  await ui.quickInput().getByText("A note for yourself").waitFor();
  await page.keyboard.press("Enter");
  await ui.dialog().getByText("Copied text to clipboard").waitFor();
  const [made] = await listShares(gateway);
  expect(made).toMatchObject({ scope: { path: "model.py" } });
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(`/share/${made?.id}/#`);
  await ui.dialog().getByRole("button", { name: "Close", exact: true }).click();
});

// What a guest's page opens then: packages/workbench/test/integration/page/viewers.test.ts.
it("guests begin with the owner's open file, but with none that they do not see", async () => {
  await openFile("model.py");
  await ui.command("WAIIDE: Share Workspace");
  await ui.answer("View Only");
  await page.keyboard.press("Escape");
  expect(await listShares(gateway)).toMatchObject([{ scope: { kind: "workspace", opens: "model.py" } }]);
  await ui.showShares();
  const row = ui.viewRow("Workspace");
  await row.waitFor();
  expect(await row.innerText()).not.toContain("model.py");

  await openFile(".env");
  await ui.command("WAIIDE: Share Workspace");
  await ui.answer("View Only");
  await page.keyboard.press("Escape");
  expect((await listShares(gateway)).map(({ scope }) => scope)).toContainEqual({ kind: "workspace" });
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
