import type { Browser } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";
import { launchBrowser } from "../../../../../test/support/page/browser.ts";
import type { GuestPage } from "../../support/guest-page.ts";
import { TwoGuests } from "../../support/two-guests.ts";

const poem = "one\ntwo\nthree\nfour\nfive\n";
const files = {
  "redo.txt": poem,
  "inside.txt": poem,
  "program.txt": poem,
  "steps.txt": poem,
  "menu.txt": poem,
  "mixed.txt": "a\r\nb\nc\n",
};

let browser: Browser;
let guests: TwoGuests;
let ada: GuestPage;
let ben: GuestPage;

beforeAll(async () => {
  browser = await launchBrowser();
  guests = await TwoGuests.start(browser, { files });
  ({ ada, ben } = guests);
});
afterAll(async () => {
  await guests[Symbol.asyncDispose]();
  await browser.close();
});

it("undo takes back only what this guest typed, and redo brings it again", async () => {
  await guests.open("redo.txt", "one");
  await ada.goTo(1);
  await ada.page.keyboard.type("ADA");
  await ben.line("ADAone").waitFor();
  await ben.goTo(3);
  await ben.page.keyboard.type("BEN");
  await ada.line("BENthree").waitFor();
  await ada.page.keyboard.press("Control+z");
  await guests.allSee("redo.txt", "one\ntwo\nBENthree\nfour\nfive\n");
  await ben.goTo(1);
  await ben.page.keyboard.type("0\n");
  await ada.line("0").waitFor();
  await ada.page.keyboard.press("Control+y");
  await guests.allSee("redo.txt", "0\nADAone\ntwo\nBENthree\nfour\nfive\n");
});

it("undo leaves what others put inside this guest's text", async () => {
  await guests.open("inside.txt", "one");
  await ada.goTo(1);
  await ada.page.keyboard.type("mine");
  await ben.line("mineone").waitFor();
  await ben.goTo(1, 3);
  await ben.page.keyboard.type("BEN");
  await ada.line("miBENneone").waitFor();
  await ada.page.keyboard.press("Control+z");
  await guests.allSee("inside.txt", "BENone\ntwo\nthree\nfour\nfive\n");
});

it("undo does not take back what another program wrote", async () => {
  await guests.open("program.txt", "one");
  await ada.goTo(1);
  await ada.page.keyboard.type("x");
  await guests.allSee("program.txt", "xone\ntwo\nthree\nfour\nfive\n");
  await guests.workspace.write("program.txt", "xone\ntwo\nthree\nfour\nFIVE\n");
  await ada.line("FIVE").waitFor();
  await ada.page.keyboard.press("Control+z");
  await guests.allSee("program.txt", "one\ntwo\nthree\nfour\nFIVE\n");
});

it("undo goes in the same steps as everywhere in the editor", async () => {
  await guests.open("steps.txt", "one");
  await ada.goTo(1);
  await ada.page.keyboard.type("two words");
  await ada.page.keyboard.press("ArrowDown");
  await ada.page.keyboard.press("Home");
  await ada.page.keyboard.type("x");
  await ada.page.keyboard.press("Control+z");
  await ada.line("two wordsone").waitFor();
  await guests.allSee("steps.txt", "two wordsone\ntwo\nthree\nfour\nfive\n");
  await ada.page.keyboard.press("Control+z");
  await ada.page.keyboard.press("Control+z");
  await guests.allSee("steps.txt", "one\ntwo\nthree\nfour\nfive\n");
});

it("Undo in the palette is the same, whatever has the focus", async () => {
  await guests.open("menu.txt", "one");
  await ada.goTo(1);
  await ada.page.keyboard.type("A");
  await ada.page.keyboard.press("Control+End");
  await ada.page.keyboard.type("Z");
  await ben.line("Z").waitFor();
  await ben.goTo(3);
  await ben.page.keyboard.type("BEN");
  await ada.line("BENthree").waitFor();
  await ada.page.keyboard.press("F1");
  await ada.page.locator(".quick-input-widget input.input").fill(">Undo");
  await ada.page.locator(".quick-input-list .monaco-list-row", { hasText: /^Undo/ }).first().click();
  await guests.allSee("menu.txt", "Aone\ntwo\nBENthree\nfour\nfive\n");
});

it("the editor's own undo is there in files that are not live", async () => {
  await ada.openFile("mixed.txt", "a");
  await ada.page.getByRole("button", { name: /Saved as a whole, as the file has mixed line endings/ }).waitFor();
  await ada.goTo(2);
  await ada.page.keyboard.type("x");
  await ada.line("xb").waitFor();
  await ada.page.keyboard.press("Control+z");
  await ada.line("xb").waitFor({ state: "detached" });
});
