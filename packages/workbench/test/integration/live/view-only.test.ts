import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser } from "../../../../../test/support/page/browser.ts";
import { TwoGuests } from "../../support/two-guests.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

it("a View Only page is never unsaved and has no save error while others type", async () => {
  await using guests = await TwoGuests.start(browser, { share: { permission: "view" } });
  await guests.open("poem.txt", "one");
  const { ada, ben, workspace } = guests;
  await workspace.write("poem.txt", "one\nTWO\nthree\nfour\nfive\n");
  for (const guest of [ada, ben]) await guest.line("TWO").waitFor();
  await ada.page.keyboard.press("Control+s");
  await ada.page.keyboard.type("x");
  await ada.page.locator(".monaco-editor-overlaymessage").getByText("View Only").waitFor();
  expect(await ada.page.locator(".tab.dirty").count()).toBe(0);
  expect(await ada.page.locator(".notification-toast").count()).toBe(0);
  expect(await guests.saved("poem.txt")).toBe("one\nTWO\nthree\nfour\nfive\n");
});
