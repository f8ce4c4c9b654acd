import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { launchBrowser } from "../../../../../test/support/page/browser.ts";
import { patience } from "../../../../../test/support/patience.ts";
import type { GuestPage } from "../../support/guest-page.ts";
import { TwoGuests } from "../../support/two-guests.ts";

const poem = "one\ntwo\nthree\nfour\nfive\n";
const files = {
  "at-once.txt": poem,
  "early.txt": poem,
  "caret.txt": poem,
  "enter.txt": poem,
  "borders.txt": poem,
  "carets.txt": poem,
  "composing.txt": poem,
  "long.txt": Array.from({ length: 200 }, (_, index) => `line ${index + 1}`).join("\n"),
  "code.ts": "let a = 1;\nlet b = 2;\n",
  "dos.txt": "a\r\nb\r\n",
  "page.html": "<p>\n",
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

it("two guests type at once: both see everything, and the file has it", async () => {
  await guests.open("at-once.txt", "one");
  await ada.goTo(1);
  await ben.page.keyboard.press("Control+End");
  await Promise.all([
    ada.page.keyboard.type("Ada was here. ", { delay: 20 }),
    ben.page.keyboard.type("Ben, too.\nreally", { delay: 20 }),
  ]);
  await guests.allSee("at-once.txt", "Ada was here. one\ntwo\nthree\nfour\nfive\nBen, too.\nreally");
});

it("what is typed before the file is live is kept", async () => {
  await ben.openFile("early.txt", "one");
  const release = guests.server.network.hold("live-open");
  await ada.openFile("early.txt", "one");
  await ada.goTo(1);
  await ada.page.keyboard.type("early ");
  await ben.page.keyboard.press("Control+End");
  await ben.page.keyboard.type("late");
  release();
  await guests.allSee("early.txt", "early one\ntwo\nthree\nfour\nfive\nlate");
});

it("a caret stays where it is when somebody inserts there, also a line", async () => {
  await guests.open("caret.txt", "one");
  await ada.goTo(2, 3);
  await ben.goTo(2, 3);
  await ben.page.keyboard.type("xy");
  await ada.line("twxyo").waitFor();
  expect(await ada.place()).toBe("Ln 2, Col 3");
  await ben.page.keyboard.press("Enter");
  await ada.line("twxy").waitFor();
  await vi.waitFor(async () => expect(await ada.shown()).toContain("twxy\no"), patience);
  expect(await ada.place()).toBe("Ln 2, Col 3");
  await ada.page.keyboard.type("A");
  await guests.allSee("caret.txt", "one\ntwAxy\no\nthree\nfour\nfive\n");
});

it("Enter at my caret leaves me on my line", async () => {
  await guests.open("enter.txt", "one");
  await ada.goTo(3);
  await ben.goTo(3);
  await ben.page.keyboard.press("Enter");
  await vi.waitFor(async () => expect(await ada.shown()).toContain("two\n\nthree"), patience);
  expect(await ada.place()).toBe("Ln 3, Col 1");
});

it("a selection does not grow by what is inserted at its borders", async () => {
  await guests.open("borders.txt", "one");
  await ada.goTo(2);
  await ada.page.keyboard.press("Shift+End");
  await ben.goTo(2);
  await ben.page.keyboard.type("<");
  await ben.page.keyboard.press("End");
  await ben.page.keyboard.type(">");
  await ada.line("<two>").waitFor();
  expect(await ada.place()).toBe("Ln 2, Col 5 (3 selected)");
});

it("the lines that somebody reads stay in place while others write above", async () => {
  await guests.open("long.txt", "line 1");
  await ada.page.keyboard.press("Control+End");
  const top = () => ada.line("line 190").evaluate((line) => Math.round(line.getBoundingClientRect().top));
  await ada.line("line 190").waitFor();
  const before = await top();
  await ben.goTo(1);
  // At once: Enter after a word that is typed can accept a suggestion instead.
  await ben.page.keyboard.insertText("a\nb\nc\n");
  await vi.waitFor(async () => expect(await ada.place()).toBe("Ln 203, Col 9"), patience);
  expect(await top()).toBe(before);
});

it("several carets type while somebody else does", async () => {
  await guests.open("carets.txt", "one");
  await ada.goTo(1);
  for (let more = 0; more < 4; more++) await ada.page.keyboard.press("Shift+Alt+ArrowDown");
  await ben.goTo(3);
  await Promise.all([
    ada.page.keyboard.type("- item ", { delay: 30 }),
    ben.page.keyboard.type("(ben) ", { delay: 30 }),
  ]);
  const text = await vi.waitFor(async () => {
    const saved = await guests.saved("carets.txt");
    expect(saved.match(/- item /g)).toHaveLength(5);
    expect(saved).toContain("(ben) ");
    return saved;
  }, patience);
  await guests.allSee("carets.txt", text);
});

it("what the editor types by itself arrives in order", async () => {
  await guests.open("code.ts", "let");
  await ada.page.keyboard.press("Control+End");
  await Promise.all([
    (async () => {
      await ada.page.keyboard.type("function f() {\nreturn [1, (2)];\n", { delay: 15 });
      await ada.page.keyboard.press("Alt+ArrowUp");
      await ada.page.keyboard.press("Control+/");
      await ada.page.keyboard.press("Tab");
      await ada.page.keyboard.press("Control+Shift+K");
    })(),
    (async () => {
      await ben.goTo(1);
      await ben.page.keyboard.type("// 😀 {(\n", { delay: 15 });
    })(),
  ]);
  await vi.waitFor(async () => expect(await ada.shown()).toBe(await ben.shown()), patience);
  await guests.allSee("code.ts", await ada.shown());
});

it("a file with CRLF keeps its line ends", async () => {
  await guests.open("dos.txt", "a");
  await ada.goTo(1);
  await ada.page.keyboard.insertText("x\ny");
  await ben.page.keyboard.press("Control+End");
  await ben.page.keyboard.insertText("end\n");
  await guests.allSee("dos.txt", "x\r\nya\r\nb\r\nend\r\n");
});

it("a character that is being composed is not broken by others' changes", async () => {
  await guests.open("composing.txt", "one");
  await ada.goTo(1);
  const input = await ada.page.context().newCDPSession(ada.page);
  await input.send("Input.imeSetComposition", { text: "に", selectionStart: 1, selectionEnd: 1 });
  await ada.line("にone").waitFor();
  await ben.goTo(1);
  await ben.page.keyboard.type("Ben ");
  await ben.line("Ben").waitFor();
  await input.send("Input.imeSetComposition", { text: "にほ", selectionStart: 2, selectionEnd: 2 });
  expect(await ada.shown()).toMatch(/^にほone/);
  await input.send("Input.insertText", { text: "日本" });
  await vi.waitFor(async () => expect(await ada.shown()).toContain("Ben"), patience);
  const text = await ada.shown();
  expect(text).toContain("日本");
  await guests.allSee("composing.txt", text);
});

it("snippets keep their placeholders while others type", async () => {
  await guests.open("page.html", "<p>");
  await ada.page.keyboard.press("Control+End");
  await ada.page.keyboard.type("<div>");
  await ben.goTo(1);
  await ben.page.keyboard.type("<!-- ben -->");
  await ada.line("<!-- ben -->").waitFor();
  await ada.page.keyboard.type("inside");
  await vi.waitFor(async () => expect(await guests.saved("page.html")).toContain("inside"), patience);
  await guests.allSee("page.html", await ada.shown());
});
