import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GuestClient } from "../../packages/gateway/test/support/guest-client.ts";
import { freePort, ideReady, type RunningGateway, startGateway } from "../support/gateway.ts";
import { settingsOfOwners } from "../support/ide-settings.ts";
import { newPage, screenshot } from "../support/page/browser.ts";
import type { ExtensionPage } from "../support/page/extension.ts";
import { guestWorkbenchVisible, typeIntoFile } from "../support/page/guest-workbench.ts";
import { openOwnerWindow } from "../support/page/owner-window.ts";
import { patience } from "../support/patience.ts";
import { auditOf, comeIn, createShare, listShares, share } from "../support/sharing.ts";

const token = "the-owners-own-token-of-this-gateway";
/** RULES R17. */
const evil = "[x](command:workbench.action.terminal.new)";

let browser: Browser;
let gateway: RunningGateway;
let page: Page;
let ui: ExtensionPage;

beforeAll(async () => {
  // The last test starts the gateway again on this port, so no other program may get it in between.
  const port = String(await freePort());
  ({ browser, gateway, page, ui } = await openOwnerWindow({
    arguments: ["--port", port, "--auth", "token", "--token", token],
    settings: settingsOfOwners,
    files: { "model.py": "one = 1\ntwo = 2\nthree = 3\n", "notes/plan.md": "# Plan\n" },
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

    await ui.showShares();
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

    await ui.showShares();
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

    await ui.showShares();
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

  it("R11: taking back what guests changed keeps the owner's edits, or asks first", async () => {
    const inNotes = (name: string) => join(gateway.workspace, "notes", name);
    const before = "one\ntwo\nthree\nfour\nfive\n";
    await Promise.all(["both.txt", "same.txt"].map((name) => writeFile(inNotes(name), before)));
    const { url } = await createShare(gateway, "notes", "--permission", "Full Access");
    const session = await (await new GuestClient(gateway.url, url).enter("Bob")).session();
    const base = createHash("sha256").update(before).digest("hex");
    const theirs = { base, content: before.replace("two", "TWO by Bob"), encoding: "utf8" } as const;
    for (const path of ["notes/both.txt", "notes/same.txt"])
      expect(await session.ask("write", { path, ...theirs })).not.toHaveProperty("code");
    await writeFile(inNotes("both.txt"), theirs.content.replace("five", "five by the owner"));
    const mixture = theirs.content.replace("by Bob", "by Bob and the owner");
    await writeFile(inNotes("same.txt"), mixture);

    await ui.showShares();
    await ui.clickFor(ui.viewRow("Changed by guests"), ui.viewRow(/both\.txt.*you changed it since/));
    const diff = page.locator(".monaco-diff-editor");
    await ui.clickFor(ui.viewRow("both.txt"), diff.getByText("TWO by Bob").first());
    await screenshot(page, "extension-sides");
    expect(await diff.getByText("five by the owner").count()).toBe(0);
    await ui.rowButton("both.txt", "Restore What It Was");
    await ui.dialog().getByText("Other changes to the file stay.").waitFor();
    await ui.answerDialog("Restore both.txt?", "Restore");
    const mine = before.replace("five", "five by the owner");
    await expect.poll(() => readFile(inNotes("both.txt"), "utf8"), patience).toBe(mine);

    await ui.rowButton("same.txt", "Restore What It Was");
    await ui.answerDialog("Restore same.txt?", "Restore");
    await ui.dialog().getByText("Guests and others changed the same lines.").waitFor();
    await screenshot(page, "extension-mixed");
    expect(await readFile(inNotes("same.txt"), "utf8")).toBe(mixture);
    await ui.answerDialog("Guests' changes to same.txt cannot be taken back alone.", "Restore All of It");
    await expect.poll(() => readFile(inNotes("same.txt"), "utf8"), patience).toBe(before);
    session.socket.close();
  });

  it("a share made elsewhere is notified, and can be revoked from there", async () => {
    const notice = ui.notification("A share of a folder (View Only) was created outside this window");
    // A message under the mouse stays.
    await Promise.all([notice.hover(), createShare(gateway, "notes")]);
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
    await Promise.all([
      ui.notification("Revoked 2 shares and disconnected 1 guest.").waitFor(),
      guest.getByText("has stopped sharing “notes”").waitFor(),
      ui.dialog().getByRole("button", { name: "Revoke All" }).click(),
    ]);
    expect(await listShares(gateway)).toEqual([]);
  });

  it("a share can get another expiry, a lower level, fewer guests and a new link", async () => {
    const { url } = await createShare(gateway, "notes", "--permission", "Full Access");
    await guest.goto(url);
    await comeIn(guest, "Bob");
    await guestWorkbenchVisible(guest);
    await ui.showShares();
    await ui.viewRow(/notes.*Full Access · (24 hours|23 hours \d+ minutes) left/).waitFor();
    // It was not made in this window, which says so.
    await ui.rowMenu("notes", "Copy Link");
    await ui.answerDialog("The link is not known.", "Create and Copy a New Link");
    await ui.quickInput().getByPlaceholder("Link copied.").waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).not.toBe(url);
    await page.keyboard.press("Escape");
    await ui.quickInput().waitFor({ state: "hidden" });
    await ui.rowMenu("notes", "Change Expiry…");
    await ui.choice("7 days").click();
    await ui.viewRow(/notes.*Full Access · (7 days|6 days) left/).waitFor();

    await ui.rowMenu("notes", "Lower Level…");
    await ui.choice("View Only").waitFor();
    expect(await ui.choice("Full Access").count()).toBe(0);
    await ui.choice("View Only").click();
    await ui.viewRow(/notes.*View Only · (7 days|6 days) left/).waitFor();
    // His page returns by itself, with fewer rights.
    await expect
      .poll(() => listShares(gateway))
      .toMatchObject([{ level: "view", guests: [{ name: "Bob", present: true }] }]);

    await ui.rowButton(/Bob.*online/, "Remove Guest");
    await ui.answerDialog("Remove Bob?", "Remove");
    await guest.getByText("You were removed").waitFor();
    await ui.viewRow("Bob").waitFor({ state: "hidden" });

    await comeAgain(url);
    // The rows move when he appears: a click before that may miss.
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
    // A notice under the mouse stays.
    await Promise.all([ui.notification("joined").hover(), comeIn(guest, evil)]);
    await guestWorkbenchVisible(guest);
    await ui.showShares();
    await ui.viewRow(evil).first().waitFor();
    for (const place of [ui.viewRow(evil), page.locator(".notification-list-item")]) {
      expect(await place.locator("a[href]:not(.action-label), a[data-href]").count()).toBe(0);
    }
    expect(await ui.notification("](").count()).toBe(0);
    expect(await page.locator(".terminal-wrapper").count()).toBe(0);
  });
});

describe("guests who ask, and guests in the view", () => {
  let guest: Page;
  beforeEach(async () => {
    ({ page: guest } = await newPage(browser));
    await ui.showShares();
  });
  afterEach(() => guest.context().close());

  async function askToJoin(url: string, name: string): Promise<void> {
    await guest.goto(url);
    await guest.getByLabel("Your name").fill(name);
    await guest.getByRole("button", { name: "Ask to join" }).click();
    await guest.getByRole("status").filter({ hasText: "lets you in" }).waitFor();
  }

  it("by clicking: asked in a message, accepted there, and in", async () => {
    await ui.command("WAIIDE: Share Workspace");
    await ui.choice("Full Access").click();
    await ui.choice("Anyone with the link whom I accept").click();
    await ui.answerRest();
    const url = await ui.copyLink();
    const message = ui.notification("Bob (name not verified) asks to join your workspace (Full Access).");
    // A message under the mouse stays.
    await Promise.all([message.hover(), askToJoin(url, "Bob")]);
    await ui.viewRow(/Bob.*asks to join/).waitFor();
    const waiting = page.locator(".statusbar-item").filter({ hasText: "1 person asks to join" });
    await waiting.waitFor();
    await screenshot(page, "extension-request");
    await message.getByRole("button", { name: "Accept" }).click();
    await guestWorkbenchVisible(guest);
    await ui.viewRow(/Bob.*online/).waitFor();
    await waiting.waitFor({ state: "detached" });
  });

  it("declined in the view: the row goes, and the guest reads it", async () => {
    const { url, id } = await createShare(gateway, "--approve");
    await askToJoin(url, "Eve");
    await ui.command("View: Show Explorer");
    await page.locator(".statusbar-item").filter({ hasText: "1 person asks to join" }).click();
    const row = ui.viewRow(/Eve.*asks to join/).first();
    await row.hover();
    await row.getByRole("button", { name: "Decline" }).click();
    await guest.getByRole("alert").filter({ hasText: "has declined your request to join" }).waitFor();
    await row.waitFor({ state: "detached" });
    expect((await auditOf(gateway, id)).map(({ event }) => event)).toEqual(["decline", "request", "create"]);
  });

  it("from a terminal: listed, and accepted", async () => {
    const { url } = await createShare(gateway, "--approve");
    await askToJoin(url, "Carol");
    const request = JSON.parse(await share(gateway, "requests", "--json")).requests[0].request as string;
    expect(await share(gateway, "requests")).toContain("Carol");
    expect(await share(gateway, "accept", request)).toContain("1 guest accepted.");
    await guestWorkbenchVisible(guest);
    expect(await share(gateway, "requests")).toContain("Nobody is waiting.");
  });

  it("a guest is made View Only from the view, and their page says so", async () => {
    const { url, id } = await createShare(gateway, "--permission", "Full Access");
    await guest.goto(url);
    await comeIn(guest, "Bob");
    await guestWorkbenchVisible(guest);
    await typeIntoFile(guest, "model.py", "one", "# Bob again\n");
    const file = join(gateway.workspace, "model.py");
    await expect.poll(() => readFileSync(file, "utf8")).toContain("Bob again");
    const before = readFileSync(file, "utf8");

    await ui.rowMenu(/Bob.*online/, "Make View Only");
    await ui.dialog().getByText("Make Bob View Only?").waitFor();
    await screenshot(page, "extension-view-only");
    await ui.dialog().getByRole("button", { name: "Make View Only" }).click();
    await ui.viewRow(/Bob.*online.*View Only/).waitFor();
    await guest.getByText("View Only").first().waitFor();
    await screenshot(guest, "guest-made-view-only");
    await guest.locator(".editor-instance .view-line").first().click();
    await guest.keyboard.type("evil");
    await guest.getByText("This share is View Only").first().waitFor();
    expect(readFileSync(file, "utf8")).toBe(before);
    expect(await listShares(gateway)).toMatchObject([{ level: "edit", guests: [{ level: "view", present: true }] }]);
    expect((await auditOf(gateway, id)).map(({ event }) => event)).toContain("lower-guest");
  });
});

it("the window finds a restarted gateway again; if sharing is off, it says why", async () => {
  await createShare(gateway, "notes");
  await expect.poll(() => ui.statusBar().innerText()).toMatch(/Share 1/);
  await gateway.pause();
  const off = await startGateway({
    after: gateway,
    arguments: ["--auth", "token", "--token", token, "--sharing", "false"],
    settings: settingsOfOwners,
  });
  await ideReady(off);
  await page.goto(off.url);
  await ui.statusBar().click();
  // What the button says under the mouse would cover the message.
  await page.mouse.move(0, 0);
  const told = ui.notification("Sharing not available: an administrator has turned it off");
  await told.waitFor();
  await screenshot(page, "extension-off");
  await told.getByRole("button", { name: "Run Doctor" }).click();
  await page.locator(".panel .view-line").filter({ hasText: "Sharing" }).first().waitFor();
  await ui.showShares();
  await page.locator(".sidebar").getByText("Sharing not available: an administrator").first().waitFor();
  await off.pause();
  gateway = await gateway.resume();
  await page.goto(gateway.url);
  await expect.poll(() => ui.statusBar().innerText()).toMatch(/Share 1/);
});
