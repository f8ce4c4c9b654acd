import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { GuestClient } from "../../packages/gateway/test/support/guest-client.ts";
import { LiveGuest } from "../../packages/gateway/test/support/live-guest.ts";
import { freePort, ideReady, type RunningGateway, startGateway } from "../support/gateway.ts";
import { launchBrowser, newPage, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { ExtensionPage } from "../support/page/extension.ts";
import { editorLine, explorerRow, guestWorkbenchVisible } from "../support/page/guest-workbench.ts";
import { patience } from "../support/patience.ts";
import { comeIn, createShare } from "../support/sharing.ts";

const manyLines = Array.from({ length: 300 }, (_, at) => `line_${at + 1} = ${at + 1}\n`).join("");
const files = {
  "both.py": "one = 1\ntwo = 2\nthree = 3\n",
  "caret.py": "first\nsecond\nthird\n",
  "crlf.txt": "one\r\ntwo\r\n",
  "back.py": "behind = 1\n",
  "front.py": "before = 1\n",
  "alone.py": "alone = 1\n",
  "blanks.py": "def f():\n    pass\n",
  "git.py": "a = 1\nb = 2\nc = 3\n",
  "long.py": manyLines,
  // VS Code shows a file where it was scrolled to before: this one has not been opened.
  "last.py": manyLines,
  "three.py": "one = 1\ntwo = 2\nthree = 3\n",
  "mixed.txt": Array.from({ length: 300 }, (_, at) => `mixed ${at + 1}\r\n`)
    .join("")
    .concat("end\n"),
};
const settings = {
  "files.trimTrailingWhitespace": true,
  "window.dialogStyle": "custom",
  "window.autoDetectColorScheme": true,
};

let browser: Browser;
let gateway: RunningGateway;
let owner: Page;
let ui: ExtensionPage;
let bob: GuestClient;
let link: string;

beforeAll(async () => {
  [browser, gateway] = await Promise.all([
    launchBrowser(),
    startGateway({ arguments: ["--port", String(await freePort())], settings, files }),
  ]);
  await ideReady(gateway);
  ({ page: owner } = await newPage(browser));
  ui = new ExtensionPage(owner);
  await owner.goto(gateway.url);
  await workbenchVisible(owner);
  await ui.statusBar().waitFor();
  ({ url: link } = await createShare(gateway, "--permission", "edit"));
  bob = new GuestClient(gateway.url, link);
  await bob.enter("Bob");
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
});

const content = (name: string) => readFile(join(gateway.workspace, name), "utf8");

async function open(name: string, line: string): Promise<void> {
  await explorerRow(owner, name).dblclick();
  // A tab that a click opened is still a preview, and is drawn anew as it stays.
  await owner.locator(".tab.active:not(.tab-preview), .tab.active:not(.preview)").filter({ hasText: name }).waitFor();
  await editorLine(owner, line).click();
  await owner.locator(".editor-instance .monaco-editor.focused").waitFor();
}

it("R24: owner and guest write in one file, each undoes their own, and VS Code saves it", async () => {
  const guest = await LiveGuest.open(bob, "both.py");
  await open("both.py", "one = 1");
  await owner.keyboard.press("End");
  await owner.keyboard.type("  # owner");
  await guest.until(({ text }) => text.startsWith("one = 1  # owner\n"));
  guest.type(guest.text.length, "four = 4  # Bob\n");
  await editorLine(owner, "# Bob").waitFor();
  await expect.poll(() => content("both.py"), patience).toBe("one = 1  # owner\ntwo = 2\nthree = 3\nfour = 4  # Bob\n");
  await guest.isSaved();
  await screenshot(owner, "owner-live");

  await owner.keyboard.press("Control+Z");
  await expect.poll(() => content("both.py"), patience).toBe("one = 1\ntwo = 2\nthree = 3\nfour = 4  # Bob\n");
  expect(guest.text).toBe(await content("both.py"));
  expect(await ui.notification("content of the file is newer").count()).toBe(0);
});

it("R24: a guest's text at the owner's caret moves neither caret nor selection", async () => {
  const guest = await LiveGuest.open(bob, "caret.py");
  await open("caret.py", "second");
  await owner.keyboard.press("End");
  guest.type("first\nsecond".length, "\nnew");
  await editorLine(owner, "new").waitFor();
  await owner.keyboard.type("!");
  await guest.until(({ text }) => text.includes("!"));
  expect(guest.text).toBe("first\nsecond!\nnew\nthird\n");

  await owner.keyboard.press("Home");
  guest.type("first\n".length, "at ");
  await editorLine(owner, "at second!").waitFor();
  await owner.keyboard.type("?");
  await guest.until(({ text }) => text.includes("?at second!"));

  await owner.keyboard.press("Home");
  await owner.keyboard.press("Shift+End");
  guest.type("first\n?at second!".length, "more");
  guest.type("first\n".length, "less");
  await editorLine(owner, "less?at second!more").waitFor();
  await screenshot(owner, "owner-live-selection");
  await owner.keyboard.type("X");
  await guest.until(({ text }) => text.includes("X"));
  expect(guest.text).toBe("first\nlessXmore\nnew\nthird\n");
});

it("R24: at the end of a file, too", async () => {
  const guest = await LiveGuest.open(bob, "front.py");
  await open("front.py", "before");
  await owner.keyboard.press("Control+End");
  guest.type(guest.text.length, "end");
  await editorLine(owner, "end").waitFor();
  // VS Code drags the caret along there; it is put back a moment later.
  await owner.locator(".statusbar-item").filter({ hasText: "Ln 2, Col 1" }).waitFor();
  await owner.keyboard.type("mine ");
  await guest.until(({ text }) => text.includes("mine "));
  expect(guest.text).toBe("before = 1\nmine end");
});

it("R24: CRLF at the owner, LF at the guest, and CRLF in the file", async () => {
  const guest = await LiveGuest.open(bob, "crlf.txt");
  await open("crlf.txt", "one");
  await owner.keyboard.press("End");
  await owner.keyboard.type("\n1.5");
  await guest.until(({ text }) => text === "one\n1.5\ntwo\n");
  guest.type("one".length, "\nx\ny");
  await expect.poll(() => content("crlf.txt"), patience).toBe("one\r\nx\r\ny\r\n1.5\r\ntwo\r\n");
});

it("R24: a file in a background tab follows, and is saved", async () => {
  const guest = await LiveGuest.open(bob, "back.py");
  await open("back.py", "behind");
  await owner.keyboard.type("#");
  await guest.until(({ text }) => text.includes("#"));
  await open("alone.py", "alone");
  guest.type(0, "# Bob\n");
  await expect.poll(() => content("back.py"), patience).toMatch(/^# Bob\n/);
  await guest.isSaved();
  await explorerRow(owner, "back.py").dblclick();
  await editorLine(owner, "# Bob").waitFor();
});

it("R24: trailing blanks of a guest who is typing survive the owner's auto save", async () => {
  const guest = await LiveGuest.open(bob, "blanks.py");
  await open("blanks.py", "def f");
  await owner.keyboard.press("End");
  await owner.keyboard.type("  # o");
  await guest.until(({ text }) => text.includes("# o"));
  guest.type(guest.text.length - 1, "\n    ");
  await expect.poll(() => content("blanks.py"), patience).toMatch(/^def f\(\): {2}# o\n {4}pass\n\s*$/);
  await owner.keyboard.type("!");
  await expect.poll(() => content("blanks.py"), patience).toContain("# o!");
  expect(guest.text).toBe("def f():  # o!\n    pass\n    \n");
});

it("R24: what another program writes reaches both, once", async () => {
  const guest = await LiveGuest.open(bob, "git.py");
  await open("git.py", "a = 1");
  await owner.keyboard.press("End");
  await owner.keyboard.type("1");
  await expect.poll(() => content("git.py"), patience).toBe("a = 11\nb = 2\nc = 3\n");
  await guest.isSaved();
  await writeFile(join(gateway.workspace, "git.py"), "a = 11\nb = 22\nc = 3\n");
  await editorLine(owner, "b = 22").waitFor();
  await guest.until(({ text }) => text.includes("22"));
  guest.type(0, "# Bob\n");
  await expect.poll(() => content("git.py"), patience).toBe("# Bob\na = 11\nb = 22\nc = 3\n");
  await guest.isSaved();
  expect(guest.text).toBe(await content("git.py"));
  expect(await ui.notification("content of the file is newer").count()).toBe(0);
});

it("R24: a guest's save saves at the owner", async () => {
  const guest = await LiveGuest.open(bob, "both.py");
  await open("both.py", "two");
  guest.type(0, "# saved\n");
  guest.save();
  await guest.isSaved();
  expect(await content("both.py")).toMatch(/^# saved\n/);
});

const following = () => owner.locator(".statusbar-item").filter({ hasText: "Following Bob" });
const activeTab = (page: Page, name: string) => page.locator(".tab.active").filter({ hasText: name });

it("the owner follows a guest from the Sharing view, and Escape ends it", async () => {
  const guest = await LiveGuest.open(bob, "long.py");
  await guest.session.ask("presence", { path: "long.py", visible: true, input: false });
  await ui.showShares();
  await ui.rowMenu("Bob", "Follow", following());
  await activeTab(owner, "long.py").waitFor();
  const place = guest.text.indexOf("line_250");
  const rev = () => guest.client.rev;
  const look = (at: number) =>
    guest.send({
      type: "live-cursor",
      doc: guest.doc,
      rev: rev(),
      ranges: [[at, at + 8]],
      visible: [at - 60, at + 200],
    });
  look(place);
  await editorLine(owner, "line_250 =").waitFor();
  await screenshot(owner, "owner-follows");
  await guest.session.ask("presence", { path: "both.py", visible: true, input: false });
  await activeTab(owner, "both.py").waitFor();
  await owner.keyboard.press("Escape");
  await following().waitFor({ state: "hidden" });
});

it("the owner follows a guest in a file that is not live, and a click in it ends it", async () => {
  const guest = await bob.session();
  const look = (first: number, line: number) =>
    guest.ask("presence", {
      path: "mixed.txt",
      visible: true,
      input: false,
      view: { first, last: first + 20, selection: [line, 1, line, 6] },
    });
  await look(1, 1);
  await ui.command("WAIIDE: Follow a Person");
  await ui.choice("Bob").click();
  await activeTab(owner, "mixed.txt").waitFor();
  await look(240, 250);
  await editorLine(owner, "mixed 250").waitFor();
  await editorLine(owner, "mixed 250").click();
  await following().waitFor({ state: "hidden" });
});

it("a guest asks the owner to follow them, and the owner asks the guests", async () => {
  const guest = await bob.session();
  await guest.ask("presence", { path: "alone.py", visible: true, input: false });
  // A toast would go after a while.
  await ui.command("Notifications: Show Notifications");
  await guest.ask("invite", {});
  await ui.notification("Bob asks you to follow them.").getByRole("button", { name: "Follow Bob" }).click();
  await activeTab(owner, "alone.py").waitFor();
  await following().waitFor();
  await ui.command("WAIIDE: Ask Everybody to Follow Me");
  expect(await guest.message("invited")).toMatchObject({ session: "owner" });
  await ui.command("WAIIDE: Stop Following");
  await following().waitFor({ state: "hidden" });
});

async function guestPage(name: string): Promise<Page> {
  const { page } = await newPage(browser);
  await page.goto(link);
  await comeIn(page, name);
  await guestWorkbenchVisible(page);
  return page;
}

/** Types at the end of a line of the open file, and selects what was typed. */
async function typeAt(page: Page, line: string, typed: string): Promise<void> {
  await editorLine(page, line).click();
  await page.keyboard.press("End");
  await page.keyboard.type(typed);
  for (const _ of typed) await page.keyboard.press("Shift+ArrowLeft");
}

it("R24: the owner and two guests write in one file on three pages", async () => {
  const [ann, ben] = [await guestPage("Ann"), await guestPage("Ben")];
  await owner.bringToFront();
  await owner.keyboard.press("Control+Shift+E");
  await open("three.py", "one = 1");
  for (const page of [ann, ben]) {
    await page.bringToFront();
    await explorerRow(page, "three.py").dblclick();
    await editorLine(page, "one = 1").waitFor();
  }
  await Promise.all([
    typeAt(owner, "one = 1", "#owner"),
    typeAt(ann, "two = 2", "#Ann"),
    typeAt(ben, "three = 3", "#Ben"),
  ]);
  const all = "one = 1#owner\ntwo = 2#Ann\nthree = 3#Ben\n";
  await expect.poll(() => content("three.py"), patience).toBe(all);
  for (const page of [owner, ann, ben]) {
    for (const name of ["#owner", "#Ann", "#Ben"]) await editorLine(page, name).waitFor();
  }
  // Both others are in it, for each of the guests.
  const theOwner = /\(owner\), in three\.py$/;
  await ann.getByRole("button", { name: theOwner }).waitFor();
  await expect.poll(() => ann.locator(".waiide-caret").count(), patience).toBe(2);
  for (const [page, name] of [
    [owner, "owner"],
    [ann, "guest"],
  ] as const) {
    await page.bringToFront();
    await screenshot(page, `three-pages-${name}-light`);
    await page.emulateMedia({ colorScheme: "dark" });
    await screenshot(page, `three-pages-${name}-dark`);
    await page.emulateMedia({ colorScheme: "dark", forcedColors: "active" });
    await screenshot(page, `three-pages-${name}-contrast`);
    await page.emulateMedia({ colorScheme: "light", forcedColors: "none" });
  }

  // Ann follows the owner, into what the share shows.
  await ann.getByRole("button", { name: theOwner }).click();
  const banner = ann.getByRole("complementary", { name: "Following" });
  await banner.getByText(/^Following .* \(owner\) – Esc to stop$/).waitFor();
  await owner.bringToFront();
  await open("last.py", "line_1 =");
  await owner.keyboard.press("Control+End");
  await activeTab(ann, "last.py").waitFor();
  await editorLine(ann, "line_300 =").waitFor();
  await ann.locator(".waiide-caret").waitFor({ state: "attached" });
  await expect.poll(() => ann.locator(".followed-selection, .followed-line").count(), patience).toBe(0);
  await screenshot(ann, "follow-owner");
});
