import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { launchBrowser, screenshot } from "../../../../../test/support/page/browser.ts";
import { patience } from "../../../../../test/support/patience.ts";
import { GuestPage } from "../../support/guest-page.ts";
import { SharedGateway } from "../../support/shared-gateway.ts";
import { makeWorkspace, type Workspace } from "../../support/workspace.ts";

const lines = (name: string) => Array.from({ length: 300 }, (_, at) => `${name} line ${at + 1}.`).join("\n");
/** Mixed line ends: not live. */
const mixed = "first line\r\nsecond line\n";

let browser: Browser;
let workspace: Workspace;
let server: SharedGateway;
let ann: GuestPage;
let ben: GuestPage;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  workspace = await makeWorkspace({ "a.txt": lines("a"), "b.txt": lines("b"), "mixed.txt": mixed });
  server = await SharedGateway.start(workspace.folder);
  ann = await GuestPage.open(browser, server);
  ben = await GuestPage.open(browser, server);
});
afterEach(async () => {
  expect([...ann.errors, ...ben.errors]).toEqual([]);
  await ann.close();
  await ben.close();
  await server.close();
  await workspace[Symbol.asyncDispose]();
});

const person = (page: Page, name: string) => page.getByRole("button", { name: new RegExp(`${name}(, in .*)?$`) });
const banner = (page: Page) => page.getByRole("complementary", { name: "Following" });
const tab = (page: Page, name: string) => page.locator(".tab.active").filter({ hasText: name });

async function open(guest: GuestPage, name: string): Promise<void> {
  await guest.row(name).dblclick();
  await tab(guest.page, name).waitFor();
}

/** Resolves when Ben's page knows that Ann is in a file. */
const annIsIn = (name: string) => person(ben.page, `Guest 1, in ${name}`).waitFor();

async function follow(): Promise<void> {
  await person(ben.page, "Guest 1").click();
  await banner(ben.page).getByText("Following Guest 1 – Esc to stop").waitFor();
}

it("a click on a person follows them through files, scrolling and selections", async () => {
  await open(ann, "a.txt");
  await annIsIn("a.txt");
  await follow();
  await tab(ben.page, "a.txt").waitFor();
  await open(ann, "b.txt");
  await tab(ben.page, "b.txt").waitFor();
  await ann.line("b line 1.").click();
  await ann.page.keyboard.press("Control+End");
  await ben.line("b line 300.").waitFor();
  await ann.page.keyboard.press("Shift+Home");
  // One mark: the live one.
  await ben.page.locator(".waiide-live-selection").first().waitFor();
  expect(await ben.page.locator(".followed-selection, .followed-line").count()).toBe(0);
  await screenshot(ben.page, "follow-light");
  await ben.page.emulateMedia({ colorScheme: "dark" });
  await ben.page.locator("body[data-theme=dark]").waitFor();
  await screenshot(ben.page, "follow-dark");

  await ben.page.keyboard.press("Escape");
  await banner(ben.page).waitFor({ state: "hidden" });
  await open(ann, "a.txt");
  await annIsIn("a.txt");
  await tab(ben.page, "b.txt").waitFor();
});

it("in a file that is not live, follow marks the selection itself", async () => {
  await open(ann, "mixed.txt");
  await annIsIn("mixed.txt");
  await follow();
  await tab(ben.page, "mixed.txt").waitFor();
  await ann.line("first line").click();
  await ann.page.keyboard.press("Shift+Home");
  await ben.page.locator(".followed-selection").first().waitFor();
  expect(await ben.page.locator(".waiide-live-selection").count()).toBe(0);
});

it.each([
  ["typing", async () => ben.page.keyboard.press("x")],
  ["scrolling", async () => ben.page.mouse.wheel(0, 300)],
  ["opening another file", async () => ben.row("b.txt").dblclick()],
  ["the button", async () => banner(ben.page).getByRole("button", { name: "Stop Following" }).click()],
  ["another click on the person", async () => person(ben.page, "Guest 1").click()],
])("%s stops it", async (_what, stop) => {
  await open(ann, "a.txt");
  await annIsIn("a.txt");
  await follow();
  await ben.line("a line 1.").waitFor();
  // Where the mouse and the keys are; neither moves anything.
  await ben.line("a line 1.").hover();
  await ben.page.locator(".editor-instance .native-edit-context, .editor-instance textarea").first().focus();
  await banner(ben.page).getByText("Following Guest 1").waitFor();
  await stop();
  await banner(ben.page).waitFor({ state: "hidden" });
});

it("“Follow Me” asks everybody, and each may decline, by keyboard too", async () => {
  const carol = await GuestPage.open(browser, server);
  await open(ann, "a.txt");
  await annIsIn("a.txt");
  await ann.page.getByRole("button", { name: "Follow Me" }).click();
  await banner(ben.page).getByText("Guest 1 asks you to follow them.").waitFor();
  await screenshot(ben.page, "follow-question");
  await banner(ben.page).getByRole("button", { name: "Decline" }).click();
  await banner(ben.page).waitFor({ state: "hidden" });
  await banner(carol.page).getByRole("button", { name: "Follow Guest 1" }).focus();
  await carol.page.keyboard.press("Enter");
  await tab(carol.page, "a.txt").waitFor();
  await banner(carol.page).getByText("Following Guest 1").waitFor();
  expect(await banner(ann.page).isVisible()).toBe(false);
  expect(await ben.page.locator(".tab").count()).toBe(0);
  // A limit is told.
  await ann.page.getByRole("button", { name: "Follow Me" }).click();
  await ann.page.getByText("You asked a moment ago.").waitFor({ state: "attached" });
  await carol.close();
});

it("it ends when the person leaves", async () => {
  await follow();
  await ann.page.goto("about:blank");
  await banner(ben.page).waitFor({ state: "hidden" });
});

it("on a phone: a tap on a person follows", async () => {
  const phone = await GuestPage.open(browser, server, { viewport: { width: 375, height: 700 }, hasTouch: true });
  await open(ann, "b.txt");
  await ann.line("b line 1.").click();
  await ann.page.keyboard.press("Control+End");
  await person(phone.page, "Guest 1, in b.txt").tap();
  await banner(phone.page).getByText("Following Guest 1").waitFor();
  await phone.line("b line 300.").waitFor();
  await screenshot(phone.page, "follow-phone");
  await expect.poll(() => phone.page.evaluate(() => document.documentElement.scrollWidth), patience).toBe(375);
  await phone.close();
});
