import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { type LivePage, LiveRoom } from "./harness.ts";

const files = { "a.txt": "one\ntwo\n" };

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

it("R24: a change that is sent twice counts once", async () => {
  const room = await LiveRoom.open(files);
  const page = await room.opened("a.txt");
  const other = await room.opened("a.txt", { name: "Eve" });

  page.change(1, 0, [[0, "zero "], 8]);
  page.change(1, 0, [[0, "zero "], 8]);
  await other.shows("zero one\ntwo\n");

  expect(other.of("live-changes").flatMap(({ changes }) => changes)).toHaveLength(1);
  expect(page.reasons).toEqual([]);
});

it("R24: after a lost acknowledgement and a new connection a change is there once", async () => {
  const room = await LiveRoom.open(files);
  const page = await room.opened("a.txt");
  // It arrives, and the page does not hear of it.
  page.isCut = true;
  page.type(0, "zero ");
  page.isCut = false;
  page.change(1, 0, [[0, "zero "], 8]);
  await page.until(() => page.client?.unacknowledged === false);

  const again = room.page();
  again.client = page.client;
  const state = page.client?.reopen();
  page.connection.close();
  await again.open("a.txt", state);

  expect(again.text).toBe("zero one\ntwo\n");
  again.type(0, "!");
  await again.isSaved();
  expect(await room.file()).toBe("!zero one\ntwo\n");
});

it("R24: a page that comes back gets what followed, and sends what was under way", async () => {
  const room = await LiveRoom.open(files);
  const page = await room.opened("a.txt");
  const other = await room.opened("a.txt", { name: "Eve" });
  page.isCut = true;
  page.type(3, " lost");
  page.connection.close();
  other.type(0, "zero\n");
  other.type(other.text.length, "three\n");

  const again = room.page();
  again.client = page.client;
  await again.open("a.txt", page.client?.reopen());

  await other.shows("zero\none lost\ntwo\nthree\n");
  await again.shows(other.text);
  expect(again.of("live-opened")[0]).toMatchObject({ since: [{ person: "Eve-share-1" }, { person: "Eve-share-1" }] });
  expect(again.of("live-opened")[0]?.text).toBeUndefined();
});

it("the check of hashes finds a planted difference and heals it", async () => {
  const room = await LiveRoom.open(files);
  const page = await room.opened("a.txt");
  const check = (text: string) =>
    page.send({ type: "live-check", doc: page.doc, rev: page.client?.rev, hash: hashOf(text) });
  page.type(0, "zero ");
  await page.until(() => page.client?.unacknowledged === false);

  check("zero one\ntwo\n");
  expect(page.of("live-reset")).toEqual([]);
  check("zero one\ntw0\n");

  expect(await page.message("live-reset")).toMatchObject({ text: "zero one\ntwo\n", reason: "differs", seq: 1 });
  expect(room.documents.counts).toMatchObject({ healed: 1, resets: 1 });
});

it("a slow reader is sent the text again, and not every change", async () => {
  const room = await LiveRoom.open(files);
  const slow = await room.opened("a.txt", { name: "Eve" });
  const page = await room.opened("a.txt");
  slow.unread = 5 * 1024 * 1024;
  for (let count = 0; count < 50; count += 1) page.type(0, "x");
  await page.until(() => page.client?.unacknowledged === false);
  expect(slow.of("live-changes")).toEqual([]);
  slow.unread = 0;

  await slow.shows(page.text);
  expect(slow.of("live-changes")).toEqual([]);
  expect(slow.of("live-reset")).toMatchObject([{ reason: "behind" }]);
  page.type(0, "y");
  await slow.shows(page.text);
});

it("a hundred people who type at once end with one text", async () => {
  const room = await LiveRoom.open(files);
  const names = Array.from({ length: 100 }, (_, index) => `Guest${index}`);
  const pages = await Promise.all(names.map((name) => room.opened("a.txt", { name })));
  for (let round = 0; round < 5; round += 1) {
    for (const [index, page] of pages.entries())
      page.type((index * 7 + round * 3) % (page.text.length + 1), `${index},`);
    await new Promise(setImmediate);
  }
  // How many changes that makes depends on what was composed while another was under way.
  await Promise.all(pages.map((page) => page.until(() => page.client?.unacknowledged === false)));
  const rev = Math.max(...pages.map(({ client }) => client?.rev ?? 0));
  await Promise.all(pages.map((page) => page.until(() => page.client?.rev === rev)));

  expect(pages[0]?.text).toHaveLength("one\ntwo\n".length + 5 * names.map((_, index) => `${index},`).join("").length);
  expect(new Set(pages.map(({ text }) => text)).size).toBe(1);
  await pages[0]?.isSaved();
  expect(await room.file()).toBe(pages[0]?.text);
});

it.each([
  ["a revision of the future", 1, [[0, "x"], 8]],
  ["another length", 0, [[0, "x"], 7]],
  ["more than the text", 0, [[9, "x"]]],
  ["half a character", 0, [[0, "\ud83d"], 8]],
  ["a carriage return", 0, [[0, "x\r"], 8]],
  ["a line end within a line", 0, [[0, "x\ny"], 8]],
  ["a NUL", 0, [[0, "x\0"], 8]],
])("R24: one crafted change is refused, and not the session: %s", async (_, rev, change) => {
  const room = await LiveRoom.open(files);
  const page = await room.opened("a.txt");

  page.change(1, rev, change);

  expect(page.of("live-refused")).toEqual([{ type: "live-refused", doc: page.doc, seq: 1, reason: "invalid" }]);
  page.type(0, "fine ");
  await page.isSaved();
  expect(await room.file()).toBe("fine one\ntwo\n");
});

it.each([
  ["a negative length", { change: [-1, 9] }],
  ["no number", { change: [Number.NaN] }],
  ["huge numbers", { change: [1e300] }],
  ["an object", { change: { __proto__: null, length: 1 } }],
  ["another field", { change: [8], level: "owner" }],
  ["a negative revision", { change: [8], rev: -1 }],
])("R24: one malformed message is refused, and not the session: %s", async (_, crafted) => {
  const room = await LiveRoom.open(files);
  const page = await room.opened("a.txt");

  page.send({ type: "live-change", doc: page.doc, seq: 7, rev: 0, ...JSON.parse(JSON.stringify(crafted)) });

  expect(page.of("live-refused")).toMatchObject([{ seq: 7, reason: "invalid" }]);
  page.type(0, "fine ");
  await page.isSaved();
  expect(await room.file()).toBe("fine one\ntwo\n");
});

it("R24: half of a character is never cut off", async () => {
  const room = await LiveRoom.open({ "a.txt": "a😀b" });
  const page = await room.opened("a.txt");

  page.change(1, 0, [2, [1], 1]);
  page.change(2, 0, [2, [0, "x"], 2]);

  expect(page.reasons).toEqual(["invalid", "invalid"]);
  expect(await room.file()).toBe("a😀b");
});

it("R14: changes that are too many or too large are refused with the limit", async () => {
  const room = await LiveRoom.open(files, { changes: 2, change: 10 });
  const page = await room.opened("a.txt");

  page.change(1, 0, [[0, "x".repeat(11)], 8]);
  for (let seq = 2; seq <= 6; seq += 1) page.change(seq, 0, [[0, "x"], 8]);

  expect(page.reasons).toEqual(["limit", "limit", "limit"]);
  await page.until(() => page.client?.rev === 3);
  expect(page.client?.confirmed.toString()).toBe("xxxone\ntwo\n");
});

it("R14: more files or people than the limits permit are not live", async () => {
  const room = await LiveRoom.open({ ...files, "b.txt": "" }, { files: 1, participants: 1 });
  await room.opened("a.txt");
  await expect(room.opened("b.txt")).rejects.toThrow("not live: limit");
  await expect(room.opened("a.txt", { name: "Eve" })).rejects.toThrow("not live: limit");
});

it("with no live files permitted, live editing is off", async () => {
  const room = await LiveRoom.open(files, { files: 0 });
  await expect(room.opened("a.txt")).rejects.toThrow("not live: off");
});

it.each([
  ["notebook", "n.ipynb", "{}"],
  ["missing", "gone.txt", undefined],
  ["missing", "folder", null],
])("R24: not live: %s", async (reason, path, content) => {
  const room = await LiveRoom.open(content === undefined ? {} : { [path]: content });
  await expect(room.opened(path)).rejects.toThrow(`not live: ${reason}`);
});

it.each([
  ["Ada", "Eve"],
  ["Eve", "Ada"],
])("R24: what two people insert at one place has one order, also when %s comes before %s", async (...names) => {
  const room = await LiveRoom.open({ "a.txt": "[]" });
  const pages = names.map((name) => room.page({ name, client: `client-of-${name}` }));
  for (const page of pages) await page.open("a.txt");
  const [first, second] = pages as [LivePage, LivePage];
  second.isDeaf = true;
  first.type(1, names[0] ?? "");
  second.type(1, names[1] ?? "");
  await first.until(() => first.text.length === 8);

  const again = room.page({ name: names[1] ?? "" });
  again.client = second.client;
  await again.open("a.txt", second.client?.reopen());

  expect([first.text, again.text]).toEqual(["[AdaEve]", "[AdaEve]"]);
});
