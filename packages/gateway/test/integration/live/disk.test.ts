import { appendFile, open, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { LiveRoom } from "./harness.ts";

const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`);
const text = `${lines.join("\n")}\n`;
const place = (room: LiveRoom) => join(room.root, "a.txt");

function edited(at: number, line: string): string {
  return `${lines.with(at, line).join("\n")}\n`;
}

it("R24: where nothing is unsaved, the disk wins", async () => {
  const room = await LiveRoom.open({ "a.txt": text });
  const page = await room.opened("a.txt");
  page.type(0, "typed ");
  await page.isSaved();
  await writeFile(place(room), text);

  await page.shows(text);

  expect(page.of("live-changes").at(-1)?.changes).toMatchObject([{ person: "disk" }]);
  await page.isSaved();
  expect(await room.file()).toBe(text);
});

it("R24: a program's change under typing is merged", async () => {
  const room = await LiveRoom.open({ "a.txt": text }, {}, "late");
  const page = await room.opened("a.txt");
  page.type(0, "typed ");
  await writeFile(place(room), edited(20, "by a program"));

  await page.shows(`typed ${edited(20, "by a program")}`);
  page.save();
  await page.isSaved();

  expect(await room.file()).toBe(page.text);
  expect(room.lost).toEqual([]);
  expect(page.of("live-overlap")).toEqual([]);
});

it("R24: where both changed the same lines, the text stays and the disk's lines are kept", async () => {
  const room = await LiveRoom.open({ "a.txt": text });
  const page = await room.opened("a.txt");
  const viewer = await room.opened("a.txt", { name: "Eve", level: "view" });
  page.type(0, "typed ");
  const theirs = edited(0, "by a program").replace("line 20", "twenty");
  await writeFile(place(room), theirs);

  await page.message("live-overlap");
  await viewer.message("live-overlap");
  await page.isSaved();

  expect(page.text).toBe(`typed ${text.replace("line 20", "twenty")}`);
  expect(await room.file()).toBe(page.text);
  expect(room.lost).toMatchObject([{ of: "disk", authors: [{ who: "Bob (Bob-share-1)" }] }]);
  expect(String(room.lost[0]?.bytes)).toBe(theirs);
});

it("R24: people who type while a program's change is merged lose nothing", async () => {
  const room = await LiveRoom.open({ "a.txt": text }, {}, "late");
  const page = await room.opened("a.txt");
  let program = text;
  for (let round = 0; round < 20; round += 1) {
    page.type(page.text.length, `typed ${round}\n`);
    program = program.replace(`line ${round}\n`, `program ${round}\n`);
    const disk = await room.file();
    await writeFile(place(room), disk.replace(`line ${round}\n`, `program ${round}\n`));
    await page.until(() => page.text.includes(`program ${round}\n`));
  }
  page.save();
  await page.isSaved();

  const typed = Array.from({ length: 20 }, (_, index) => `typed ${index}\n`).join("");
  expect(page.text).toBe(program + typed);
  expect(await room.file()).toBe(page.text);
});

it("R24: a file that is replaced by renaming is the same file", async () => {
  const room = await LiveRoom.open({ "a.txt": text });
  const page = await room.opened("a.txt");
  await rm(place(room));
  await writeFile(`${place(room)}.new`, edited(3, "replaced"));
  await rename(`${place(room)}.new`, place(room));

  await page.shows(edited(3, "replaced"));

  expect(page.of("live-closed")).toEqual([]);
});

it("R24: a file that is deleted while people type is closed, and their text kept", async () => {
  const room = await LiveRoom.open({ "a.txt": text });
  const page = await room.opened("a.txt");
  page.type(0, "typed ");
  await rm(place(room));

  expect(await page.message("live-closed")).toMatchObject({ reason: "deleted" });

  expect(room.lost).toMatchObject([{ of: "authors", authors: [{ name: "Bob" }] }]);
  expect(String(room.lost[0]?.bytes)).toBe(`typed ${text}`);
  expect(room.documents.places).toEqual([]);
  expect(room.documents.counts).toMatchObject({ files: 0, participants: 0 });
});

it("R24: an editor that empties a file before it writes it yields no empty text", async () => {
  const room = await LiveRoom.open({ "a.txt": text });
  const page = await room.opened("a.txt");
  const seen: string[] = [];
  await truncate(place(room), 0);
  const handle = await open(place(room), "r+");
  await handle.write(text.slice(0, 50));
  await handle.write(`${text.slice(50)}more\n`);
  await handle.close();
  await page.until(() => {
    seen.push(page.text);
    return page.text.endsWith("more\n");
  });
  expect(seen.every((one) => one.length >= text.length)).toBe(true);
});

it("R24: a file that is emptied for good is empty", async () => {
  const room = await LiveRoom.open({ "a.txt": text });
  const page = await room.opened("a.txt");
  await truncate(place(room), 0);
  await page.shows("");
});

it("R24: a file that cannot be written keeps its text, and people are told", async () => {
  const room = await LiveRoom.open({ "a.txt": text });
  const page = await room.opened("a.txt");
  await rm(join(room.root, "a.txt"));
  await writeFile(place(room), text, { mode: 0o444 });
  page.type(0, "typed ");

  expect(await page.message("live-save-failed")).toMatchObject({ message: "The file is read-only." });
  expect(await room.file()).toBe(text);
  await rm(place(room));
  await writeFile(place(room), text);

  await page.isSaved();
  expect(await room.file()).toBe(`typed ${text}`);
});

it("R24: byte order mark, CRLF, final newline and mode stay", async () => {
  const room = await LiveRoom.open({ "a.txt": "\ufeffone\r\ntwo" });
  const before = (await stat(place(room))).mode;
  const page = await room.opened("a.txt");
  expect(page.of("live-opened")).toMatchObject([{ text: "one\ntwo", eol: "\r\n" }]);
  page.type(7, "!\nthree");
  await page.isSaved();
  expect(await room.file()).toBe("\ufeffone\r\ntwo!\r\nthree");
  expect((await stat(place(room))).mode).toBe(before);
});

it("R24: a file that becomes something else is not live any more", async () => {
  const room = await LiveRoom.open({ "a.txt": text });
  const page = await room.opened("a.txt");
  await appendFile(place(room), "\0");
  expect(await page.message("live-closed")).toMatchObject({ reason: "not-live" });
  await expect(room.opened("a.txt")).rejects.toThrow("not live: binary");
  expect(await room.file()).toBe(`${text}\0`);
});

it("R24: a person who saves waits for no timer", async () => {
  const room = await LiveRoom.open({ "a.txt": text });
  const page = await room.opened("a.txt");
  page.type(0, "typed ");
  page.save();
  await page.isSaved();
  expect(await room.file()).toBe(`typed ${text}`);
  const before = page.of("live-saved").length;
  page.save();
  await page.until(() => page.of("live-saved").length > before);
});

it("R24: what was typed and taken back is saved, and writes nothing", async () => {
  const room = await LiveRoom.open({ "a.txt": text });
  const page = await room.opened("a.txt");
  page.type(0, "x");
  page.type(0, "", 1);
  await page.isSaved();
  expect(page.client?.rev).toBe(2);
  expect(room.writes.length).toBeLessThanOrEqual(2);
  expect(await room.file()).toBe(text);
});
