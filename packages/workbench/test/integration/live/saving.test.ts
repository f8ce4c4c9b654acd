import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { launchBrowser } from "../../../../../test/support/page/browser.ts";
import { patience } from "../../../../../test/support/patience.ts";
import type { GuestPage } from "../../support/guest-page.ts";
import { TwoGuests } from "../../support/two-guests.ts";

const poem = "one\ntwo\nthree\nfour\nfive\n";
const files = {
  "whole.txt": poem,
  "program.txt": poem,
  "refused.txt": poem,
  "rename.txt": poem,
};

let browser: Browser;
let guests: TwoGuests;
let ada: GuestPage;
let ben: GuestPage;

beforeAll(async () => {
  browser = await launchBrowser();
  guests = await TwoGuests.start(browser, { files, limits: { live_change: 1_000 } });
  ({ ada, ben } = guests);
});
afterAll(async () => {
  await guests[Symbol.asyncDispose]();
  await browser.close();
});

const written = ({ server }: TwoGuests) => server.network.asked.filter(({ method }) => method === "write").length;
/** Whether a tab has the dot of unsaved files. */
const hasDot = async ({ page }: GuestPage) => (await page.locator(".tab.dirty").count()) > 0;

it("no page writes the whole file, and nothing is left unsaved", async () => {
  await guests.open("whole.txt", "one");
  await ada.goTo(1);
  await ada.page.keyboard.type("a");
  await ben.page.keyboard.press("Control+End");
  await ben.page.keyboard.type("b");
  await guests.allSee("whole.txt", "aone\ntwo\nthree\nfour\nfive\nb");
  expect(written(guests)).toBe(0);
  await ada.page.keyboard.press("Control+s");
  await vi.waitFor(() => {
    expect(guests.server.network.asked.map(({ method }) => method)).toContain("live-save");
  }, patience);
  for (const guest of [ada, ben]) expect(await hasDot(guest)).toBe(false);
  // Nothing asks whether to save when the file is closed.
  await ada.closeFile("whole.txt");
  expect(await ada.page.getByRole("dialog").count()).toBe(0);
});

it("a change of the file by another program appears for everybody", async () => {
  await guests.open("program.txt", "one");
  await ada.goTo(1);
  await guests.workspace.write("program.txt", "one\ntwo\nthree\nFOUR\nfive\n");
  await ada.line("FOUR").waitFor();
  await ada.page.keyboard.type("x");
  await guests.allSee("program.txt", "xone\ntwo\nthree\nFOUR\nfive\n");
});

it("what the gateway refuses is taken back, with the reason, and can be copied", async () => {
  await guests.open("refused.txt", "one");
  await ada.goTo(1);
  const text = "too much ".repeat(200);
  await ada.page.keyboard.insertText(text);
  await ada.page
    .getByText("Your last change of refused.txt was taken back: it was too much at once.")
    .first()
    .waitFor();
  const copied = ada.page.evaluate(() => {
    const { promise, resolve } = Promise.withResolvers<string>();
    Object.assign(navigator.clipboard, { writeText: async (given: string) => resolve(given) });
    return promise;
  });
  await ada.page.getByRole("button", { name: "Copy My Text" }).click();
  const refused = await copied;
  expect(refused.length).toBeGreaterThan(1_000);
  // The browser may hand over the first letter by itself, which is not too much.
  const kept = text.slice(0, text.length - refused.length);
  expect(kept + refused).toBe(text);
  await guests.allSee("refused.txt", kept + poem);
  // The text goes on as before.
  await ada.goTo(2);
  await ada.page.keyboard.type("2");
  await guests.allSee("refused.txt", kept + poem.replace("two", "2two"));
});

it("a file that is renamed while it is typed in takes everything along", async () => {
  await guests.open("rename.txt", "one");
  await ada.goTo(1);
  await ada.page.keyboard.type("x");
  await ada.row("rename.txt").click();
  await ada.page.keyboard.press("F2");
  const input = ada.page.locator(".explorer-folders-view .monaco-inputbox input");
  await input.fill("verse.txt");
  await input.press("Enter");
  await ada.page.getByRole("tab", { name: "verse.txt" }).waitFor();
  await vi.waitFor(
    async () => expect(await guests.saved("verse.txt")).toBe("xone\ntwo\nthree\nfour\nfive\n"),
    patience,
  );
});
