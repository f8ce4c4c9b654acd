import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ChangeSet, textHash } from "@waiide/protocol/live";
import { expect, it } from "vitest";
import { type LiveFile, WholeSaves } from "../../../src/live/whole-saves.ts";
import { LiveRoom } from "./harness.ts";

const text = "one\ntwo\nthree\nfour\nfive\n";

/** A file that is saved only when somebody saves it, and what people do in it. */
async function opened() {
  const room = await LiveRoom.open({ "a.txt": text }, {}, "late");
  const page = await room.opened("a.txt");
  const file = room.documents.get(join(room.root, "a.txt")) as LiveFile;
  const { document, disk } = file;
  const owner = (replaced: string, insert: string) => {
    const from = document.text.toString().indexOf(replaced);
    const change = ChangeSet.of({ from, to: from + replaced.length, insert }, document.text.length);
    document.apply({ kind: "owner" }, change);
  };
  const save = async () => {
    await disk.save();
    await disk.settled();
    return room.attributed;
  };
  const guest = async (by: typeof page, replaced: string, insert: string) => {
    await by.shows(document.text.toString());
    const from = by.text.indexOf(replaced);
    by.type(from, insert, from + replaced.length);
  };
  return { room, page, file, document, disk, owner, save, guest };
}

it("R11: one save with changes of guests and of the owner tells them apart", async () => {
  const { page, owner, save, guest, room } = await opened();
  await guest(page, "two", "TWO by Bob");
  owner("four", "four by the owner");
  await guest(page, "TWO by Bob", "2 by Bob");
  owner("one", "uno");
  const [write] = await save();
  expect(String(write?.before)).toBe(text);
  expect(String(write?.after)).toBe("uno\n2 by Bob\nthree\nfour by the owner\nfive\n");
  expect(String(write?.after)).toBe(await room.file());
  expect(write?.authors).toMatchObject([{ share: "share-1", path: "a.txt" }]);
  expect(String(write?.withoutGuestsOf("share-1"))).toBe("uno\ntwo\nthree\nfour by the owner\nfive\n");
});

it("R11: guests of another share are others", async () => {
  const { page, room, save, guest } = await opened();
  const other = await room.opened("a.txt", { share: "share-2", name: "Eve" });
  await guest(page, "two", "TWO by Bob");
  await guest(other, "four", "FOUR by Eve");
  const [write] = await save();
  expect(write?.authors.map(({ share }) => share)).toEqual(["share-1", "share-2"]);
  expect(String(write?.withoutGuestsOf("share-1"))).toBe(text.replace("four", "FOUR by Eve"));
  expect(String(write?.withoutGuestsOf("share-2"))).toBe(text.replace("two", "TWO by Bob"));
});

it("R11: where the owner changed what guests wrote, or beside it, nothing is told apart", async () => {
  const { page, owner, save, guest } = await opened();
  await guest(page, "two", "TWO by Bob");
  owner("by", "from");
  const [write] = await save();
  expect(write?.withoutGuestsOf("share-1")).toBeUndefined();
});

it("R11: a save of the owner's changes alone reports no guest; the next starts there", async () => {
  const { page, owner, save, guest } = await opened();
  owner("one", "one by the owner");
  expect(await save()).toEqual([]);
  await guest(page, "two", "TWO by Bob");
  const [write] = await save();
  const before = text.replace("one", "one by the owner");
  expect(String(write?.before)).toBe(before);
  expect(String(write?.withoutGuestsOf("share-1"))).toBe(before);
});

it("R11: what a window saved before its changes arrived is told apart once they do", async () => {
  const { room, page, document, disk, owner, guest } = await opened();
  disk.saver = { save: () => undefined };
  await guest(page, "two", "TWO by Bob");
  const theirs = document.text.toString().replace("five", "five by the owner");
  await writeFile(join(room.root, "a.txt"), theirs);
  await disk.wrote([textHash(theirs)]);
  expect(room.attributed).toEqual([]);
  owner("five", "five by the owner");
  await disk.settled();
  const [write] = room.attributed;
  expect(String(write?.after)).toBe(theirs);
  expect(String(write?.withoutGuestsOf("share-1"))).toBe(text.replace("five", "five by the owner"));
});

it("R11: a guest's save of the whole file does not take the owner's typing along", async () => {
  const { file, document, owner } = await opened();
  owner("one", "one by the owner");
  const whole = new WholeSaves(file, () => undefined);
  const held = whole.content();
  const bytes = Buffer.from(document.text.toString().replace("five", "FIVE by Bob"));
  const saved = await whole.replace(held, bytes, { session: "Bob", share: "share-1" });
  expect(String(saved?.original)).toBe(text.replace("one", "one by the owner"));
  expect(saved?.before).toBe(held.version);
});
