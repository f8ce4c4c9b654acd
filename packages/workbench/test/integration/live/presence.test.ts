import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { launchBrowser } from "../../../../../test/support/page/browser.ts";
import { patience } from "../../../../../test/support/patience.ts";
import type { GuestPage } from "../../support/guest-page.ts";
import { TwoGuests } from "../../support/two-guests.ts";

const poem = "one\ntwo\nthree\nfour\nfive\n";

let browser: Browser;
let guests: TwoGuests;
let ada: GuestPage;
let ben: GuestPage;

beforeAll(async () => {
  browser = await launchBrowser();
  guests = await TwoGuests.start(browser, { files: { "carets.txt": poem, "names.txt": poem, "other.txt": poem } });
  ({ ada, ben } = guests);
});
afterAll(async () => {
  await guests[Symbol.asyncDispose]();
  await browser.close();
});

const caretIn = ({ page }: GuestPage) => page.locator(".waiide-caret");

/** The text of a line to the left of somebody's caret. */
async function placeOf(guest: GuestPage, line: string): Promise<number> {
  const caret = await caretIn(guest).first().boundingBox();
  const text = await guest.line(line).locator("span").first().boundingBox();
  if (caret === null || text === null) throw new Error("nothing to be seen");
  const width = text.width / line.length;
  return Math.round((caret.x - text.x) / width) + (caret.y >= text.y - 2 && caret.y <= text.y + 2 ? 0 : 1_000);
}

it("a guest sees the other's caret and selection, with a name when it moves", async () => {
  await guests.open("carets.txt", "one");
  await ada.goTo(1);
  await ben.goTo(3, 3);
  await vi.waitFor(async () => expect(await placeOf(ada, "three")).toBe(2), patience);
  await ada.page.locator(".waiide-caret.moved").getByText("Guest 2").waitFor();
  await ben.page.keyboard.press("Shift+End");
  await ada.page.locator(".waiide-live-selection").first().waitFor();
  await vi.waitFor(async () => expect(await placeOf(ada, "three")).toBe(5), patience);
  // It moves with the text, and behind what its person types.
  await ada.page.keyboard.type("\n");
  await ben.page.keyboard.press("ArrowRight");
  await ben.page.keyboard.type("!!");
  await ada.line("three!!").waitFor();
  await vi.waitFor(async () => expect(await placeOf(ada, "three!!")).toBe(7), patience);
  await ben.closeFile("carets.txt");
  await caretIn(ada).first().waitFor({ state: "detached" });
});

it("a name appears near the mouse, and screen readers do not hear it", async () => {
  await guests.open("names.txt", "one");
  await ben.goTo(4);
  // A caret has no width: to the browser's driver it is not visible.
  await ada.page.locator(".waiide-caret.moved").waitFor({ state: "attached" });
  await ada.page.locator(".waiide-caret:not(.moved)").waitFor({ state: "attached" });
  const { x = 0, y = 0 } = (await caretIn(ada).first().boundingBox()) ?? {};
  await ada.page.mouse.move(x + 2, y + 8);
  await ada.page.locator(".waiide-caret.pointed").getByText("Guest 2").waitFor();
  expect(await caretIn(ada).first().getAttribute("aria-hidden")).toBe("true");
});

it("the explorer and the tab say who is in a file", async () => {
  await guests.open("other.txt", "one");
  // VS Code writes badges as contents of style sheets.
  const badge = (within: Locator) =>
    within.locator(".monaco-icon-label").evaluate((label) => getComputedStyle(label, "::after").content);
  for (const place of [ada.row("other.txt"), ada.page.getByRole("tab", { name: "other.txt" })]) {
    await vi.waitFor(async () => expect(await badge(place)).toBe('"G2"'), patience);
  }
});
