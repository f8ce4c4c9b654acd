import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { textHash } from "@waiide/protocol/live";
import { expect, it } from "vitest";
import type { LiveFile } from "../../../src/live/whole-saves.ts";
import { LiveRoom } from "./harness.ts";

/** Longer than any test. */
const never = 600_000;

/** A file that a window saves, and a page in it. */
async function opened() {
  const room = await LiveRoom.open({ "a.txt": "one\n" }, {}, { window: never, save: never, maxSave: never });
  const page = await room.opened("a.txt");
  const file = room.documents.get(join(room.root, "a.txt")) as LiveFile;
  file.disk.saver = { save: () => undefined };
  return { room, page, ...file };
}

it("R24: a window that is about to save has not written what stands in the file", async () => {
  const { room, page, disk } = await opened();
  await writeFile(join(room.root, "a.txt"), "one\ntwo\n");
  const look = disk.look();
  disk.windows.begin();
  await look;
  await page.shows("one\ntwo\n");
});

it("R24: what a window wrote in its turn is its own once it says so", async () => {
  const { room, page, disk, document } = await opened();
  disk.windows.begin();
  disk.windows.write();
  await writeFile(join(room.root, "a.txt"), "owner\none\n");
  const look = disk.look();
  await disk.wrote([textHash("owner\none\n")]);
  await look;
  expect(page.text).toBe("one\n");
  expect(document.disk.text.toString()).toBe("owner\none\n");
});

it("R24: the gateway does not save while it is a window's turn", async () => {
  const { room, page, disk } = await opened();
  disk.windows.begin();
  page.type(0, "bob\n");
  const saved = disk.save();
  await disk.look();
  expect(await room.file()).toBe("one\n");
  disk.windows.end();
  await saved;
  expect(await room.file()).toBe("bob\none\n");
});

it("R24: a file that ends while it is a window's turn is saved all the same", async () => {
  const { room, page, disk } = await opened();
  disk.windows.begin();
  page.type(0, "bob\n");
  await room.documents.close();
  expect(await room.file()).toBe("bob\none\n");
});
