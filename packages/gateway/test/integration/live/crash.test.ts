import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type LivePage, LiveRoom } from "./harness.ts";

const text = "one\ntwo\nthree\n";

function journalOf(room: LiveRoom): string {
  const [name = ""] = readdirSync(room.journals).filter((one) => one.endsWith(".log"));
  return join(room.journals, name);
}

async function back(room: LiveRoom, page: LivePage, name?: string): Promise<LivePage> {
  const again = room.page(name === undefined ? {} : { name });
  again.client = page.client;
  await again.open("a.txt", page.client?.reopen());
  return again;
}

it("R24: what was acknowledged survives a kill, and is saved at the next start", async () => {
  const room = await LiveRoom.open({ "a.txt": text }, {}, "late");
  const page = await room.opened("a.txt");
  for (const letter of "typed") page.type(page.text.length, letter);
  await page.until(() => page.client?.unacknowledged === false);
  await room.kill();
  expect(await room.file()).toBe(text);

  await room.documents.recover();

  expect(await room.file()).toBe(`${text}typed`);
  expect(room.writes).toMatchObject([{ authors: [{ who: "Bob (Bob-share-1)", path: "a.txt" }] }]);
});

it("R24: pages that come back after a kill go on where they were", async () => {
  const room = await LiveRoom.open({ "a.txt": text });
  const names = Array.from({ length: 30 }, (_, index) => `Guest${index}`);
  const pages = await Promise.all(names.map((name) => room.opened("a.txt", { name })));
  for (const [index, page] of pages.entries()) page.type(0, `${index};`);
  // Half of them never hear that their last change arrived.
  for (const page of pages.slice(15)) page.isCut = true;
  for (const [index, page] of pages.entries()) page.type(0, `${index}!`);
  await room.kill();
  await room.documents.recover();

  const again = await Promise.all(pages.map((page, index) => back(room, page, names[index])));
  await Promise.all(
    again.map((page) => page.until(() => page.client?.unacknowledged === false && page.client.rev === 60)),
  );

  expect(new Set(again.map((page) => page.text)).size).toBe(1);
  for (const index of names.keys()) {
    expect(again[0]?.text.split(`${index};`).length, `${index}`).toBeGreaterThan(1);
    expect(again[0]?.text.match(new RegExp(`(?<!\\d)${index}!`, "g"))).toHaveLength(1);
  }
  await again[0]?.isSaved();
  expect(await room.file()).toBe(again[0]?.text);
});

it("R24: a kill at any byte of the journal loses at most the change that was cut off", async () => {
  const room = await LiveRoom.open({ "a.txt": text }, {}, "late");
  const page = await room.opened("a.txt");
  for (const [index, letter] of [..."typed"].entries()) {
    page.change(index + 1, index, [text.length + index, [0, letter]]);
  }
  const journal = journalOf(room);
  const whole = readFileSync(journal);
  const header = whole.indexOf("\n") + 1;
  const texts = new Set<string>();
  const sizes = Array.from({ length: Math.ceil((whole.length - header) / 31) }, (_, index) => header + index * 31);
  for (const size of [...sizes, whole.length]) {
    await room.kill();
    writeFileSync(journal, whole.subarray(0, size));
    await writeFile(join(room.root, "a.txt"), text);
    await room.documents.recover();
    texts.add(await room.file());
  }
  truncateSync(journal, 0);

  expect([...texts].map((one) => one.slice(text.length)).every((one) => "typed".startsWith(one))).toBe(true);
  expect(texts.size).toBe(6);
});

it("R24: the disk that changed while no gateway ran is merged", async () => {
  const room = await LiveRoom.open({ "a.txt": text }, {}, "late");
  const page = await room.opened("a.txt");
  page.type(page.text.length, "typed");
  await room.kill();
  await writeFile(join(room.root, "a.txt"), text.replace("one", "ONE"));

  await room.documents.recover();

  expect(await room.file()).toBe("ONE\ntwo\nthree\ntyped");
  const again = await back(room, page);
  expect(again.text).toBe("ONE\ntwo\nthree\ntyped");
});

it("R24: after a stop everything is saved, and pages go on", async () => {
  const room = await LiveRoom.open({ "a.txt": text });
  const page = await room.opened("a.txt");
  page.type(0, "typed ");
  await room.stop();
  expect(await room.file()).toBe(`typed ${text}`);
  await room.start();
  await room.documents.recover();

  const again = await back(room, page);

  expect(again.of("live-opened")).toMatchObject([{ since: [], rev: 1, saved: 1 }]);
});

it("R24: journals are the owner's alone", async () => {
  const room = await LiveRoom.open({ "a.txt": text });
  await room.opened("a.txt");
  expect(statSync(journalOf(room)).mode & 0o777).toBe(0o600);
  expect(statSync(room.journals).mode & 0o777).toBe(0o700);
});

it("R24: a journal that cannot be understood is put aside, not overwritten", async () => {
  const room = await LiveRoom.open({ "a.txt": text });
  const page = await room.opened("a.txt");
  page.type(0, "x");
  const journal = journalOf(room);
  await room.kill();
  writeFileSync(journal, "no journal\n");

  await room.documents.recover();
  const again = await room.opened("a.txt");

  expect(again.text).toBe(text);
  expect(readFileSync(`${journal}.unreadable`, "utf8")).toBe("no journal\n");
});
