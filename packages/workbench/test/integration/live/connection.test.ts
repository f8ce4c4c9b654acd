import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { launchBrowser } from "../../../../../test/support/page/browser.ts";
import { patience } from "../../../../../test/support/patience.ts";
import type { GuestPage } from "../../support/guest-page.ts";
import { TwoGuests } from "../../support/two-guests.ts";

const poem = "one\ntwo\nthree\nfour\nfive\n";
const files = { "away.txt": poem, "lost.txt": poem, "reload.txt": poem, "again.txt": poem };

let browser: Browser;
let guests: TwoGuests;
let ada: GuestPage;
let ben: GuestPage;

beforeAll(async () => {
  browser = await launchBrowser();
  guests = await TwoGuests.start(browser, { files });
  ({ ada, ben } = guests);
  ada.page.on("dialog", (dialog) => void dialog.accept());
});
afterAll(async () => {
  await guests[Symbol.asyncDispose]();
  await browser.close();
});

it("what is typed without a connection comes together afterwards, once", async () => {
  await guests.open("away.txt", "one");
  guests.server.network.drop({ refuse: true });
  for (const guest of [ada, ben]) await guest.page.getByRole("status").getByText("No connection").waitFor();
  await ada.goTo(1);
  await ada.page.keyboard.type("ada ");
  await ben.page.keyboard.press("Control+End");
  await ben.page.keyboard.type("ben");
  await guests.workspace.write("away.txt", "one\ntwo\nTHREE\nfour\nfive\n");
  guests.server.network.allow();
  await guests.allSee("away.txt", "ada one\ntwo\nTHREE\nfour\nfive\nben");
});

it("a change whose acknowledgement was lost counts once", async () => {
  await guests.open("lost.txt", "one");
  await ada.goTo(1);
  guests.server.network.mute();
  await ada.page.keyboard.type("A");
  await vi.waitFor(async () => expect(await guests.saved("lost.txt")).toBe("Aone\ntwo\nthree\nfour\nfive\n"), patience);
  await ada.page.keyboard.type("B");
  guests.server.network.drop();
  await guests.allSee("lost.txt", "ABone\ntwo\nthree\nfour\nfive\n");
});

it("what was not acknowledged survives a reload of the page, once", async () => {
  await guests.open("reload.txt", "one");
  const release = guests.server.network.hold("live-change");
  await ada.goTo(1);
  await ada.page.keyboard.type("kept ");
  await vi.waitFor(async () => expect(await ada.kept()).toContain('"outstanding"'), patience);
  await ada.page.reload();
  await ada.line("kept one").waitFor();
  release();
  await ben.line("kept one").waitFor();
  await guests.allSee("reload.txt", "kept one\ntwo\nthree\nfour\nfive\n");
});

it("a reload after the gateway had the change does not make it again", async () => {
  await guests.open("again.txt", "one");
  guests.server.network.mute();
  await ada.goTo(1);
  await ada.page.keyboard.type("k");
  await vi.waitFor(async () => expect(await ada.kept()).toContain('"outstanding"'), patience);
  await vi.waitFor(
    async () => expect(await guests.saved("again.txt")).toBe("kone\ntwo\nthree\nfour\nfive\n"),
    patience,
  );
  guests.server.network.unmute();
  await ada.page.reload();
  await ada.line("kone").waitFor();
  await ada.page.keyboard.press("Control+End");
  await ada.page.keyboard.type("!");
  await guests.allSee("again.txt", "kone\ntwo\nthree\nfour\nfive\n!");
});
