import { chmod, link } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { pictureOf } from "../workspace/harness.ts";
import { LiveRoom } from "./harness.ts";

const files = { "a.txt": "one\ntwo\n", ".bashrc": "alias\n", "sub/b.txt": "b\n" };

it("R24: a View Only change is refused, and the files stay as they were", async () => {
  const room = await LiveRoom.open(files);
  const before = pictureOf(room.root);
  const page = await room.opened("a.txt", { level: "view" });
  expect(page.of("live-opened")).toMatchObject([{ writable: false, read_only: "level" }]);

  page.change(1, 0, [[0, "x"], 8]);

  expect(page.reasons).toEqual(["level"]);
  expect(room.documents.get(join(room.root, "a.txt"))?.document.text.toString()).toBe("one\ntwo\n");
  await room.stop();
  expect(pictureOf(room.root)).toEqual(before);
});

it.each([
  ["revoked", "ended"],
  ["expired", "ended"],
  ["removed", "ended"],
] as const)("R24: between two keystrokes the share is %s: the second is refused", async (state, reason) => {
  const room = await LiveRoom.open(files);
  const page = await room.opened("a.txt");
  const other = await room.opened("a.txt", { name: "Eve" });
  page.type(0, "1");
  await page.until(() => page.client?.unacknowledged === false);

  page.actor = { kind: "guest", level: "edit", scope: { kind: "workspace" }, state };
  page.change(2, 1, [[0, "2"], 9]);
  expect(page.reasons).toEqual([reason]);

  // The first was acknowledged, and is saved; the guest hears no more of the file.
  other.type(0, "3");
  await other.isSaved();
  expect(await room.file()).toBe("31one\ntwo\n");
  expect(page.of("live-closed")).toMatchObject([{ reason: "ended" }]);
  expect(page.of("live-changes")).toHaveLength(1);
});

it("R24: a level that is lowered counts for the next change", async () => {
  const room = await LiveRoom.open(files);
  const page = await room.opened("a.txt");
  page.type(0, "1");
  page.actor = { kind: "guest", level: "view", scope: { kind: "workspace" }, state: "live" };
  page.type(0, "2");

  expect(page.reasons).toEqual(["level"]);
  expect(page.text).toBe("1one\ntwo\n");
  room.documents.get(join(room.root, "a.txt"))?.document.checkRights();
  expect(await page.message("live-rights")).toMatchObject({ writable: false, read_only: "level" });
});

it("R24: a file that leaves the scope is closed without another word", async () => {
  const room = await LiveRoom.open(files);
  const page = await room.opened("a.txt");
  const other = await room.opened("a.txt", { name: "Eve" });
  page.actor = { kind: "guest", level: "edit", scope: { kind: "folder", path: "sub" }, state: "live" };

  other.type(0, "secret");
  await other.isSaved();

  expect(page.of("live-closed")).toMatchObject([{ reason: "rights" }]);
  expect(page.of("live-changes")).toEqual([]);
  page.change(1, 0, [[0, "x"], 8]);
  expect(await room.file()).toBe("secretone\ntwo\n");
});

it("R10, R24: hidden files and those outside of the scope are missing", async () => {
  const room = await LiveRoom.open({ ...files, ".env": "KEY=1\n" });
  await expect(room.opened(".env")).rejects.toThrow("not live: missing");
  await expect(room.opened("a.txt", { scope: { kind: "folder", path: "sub" } })).rejects.toThrow("not live: missing");
  await expect(room.opened("../a.txt")).rejects.toThrow("not live: missing");
});

it("R11, R24: a protected file is read together, and refused", async () => {
  const room = await LiveRoom.open({ ".vscode/tasks.json": "{}\n" });
  const page = await room.opened(".vscode/tasks.json");
  expect(page.of("live-opened")).toMatchObject([{ writable: false, read_only: "protected" }]);

  page.change(1, 0, [[0, "x"], 3]);

  expect(page.reasons).toEqual(["protected"]);
  expect(await room.file(".vscode/tasks.json")).toBe("{}\n");
});

it("R11, R24: a file that becomes a program is written no more", async () => {
  const room = await LiveRoom.open(files);
  const page = await room.opened("a.txt");
  await chmod(join(room.root, "a.txt"), 0o755);
  await page.message("live-rights");

  page.change(1, 0, [[0, "x"], 8]);

  expect(page.of("live-rights")).toMatchObject([{ writable: false, read_only: "protected" }]);
  expect(page.reasons).toEqual(["protected"]);
});

it("R11, R24: a second name made meanwhile keeps its text", async () => {
  const room = await LiveRoom.open(files);
  const page = await room.opened("a.txt");
  page.type(0, "x");
  await link(join(room.root, "a.txt"), join(room.root, "second.txt"));

  expect(await page.message("live-save-failed")).toMatchObject({ message: expect.stringContaining("hard link") });
  await page.until(() => page.of("live-rights").length > 0);
  page.change(2, 1, [[0, "y"], 9]);

  expect(page.reasons).toEqual(["locked"]);
  expect(await room.file()).toBe(files["a.txt"]);
  expect(await room.file("second.txt")).toBe(files["a.txt"]);
});

it("R11, R24: a hard-linked file is not live", async () => {
  const room = await LiveRoom.open(files);
  await link(join(room.root, "a.txt"), join(room.root, "second.txt"));
  await expect(room.opened("a.txt")).rejects.toThrow("not live: linked");
});

it("R11, R24: text of guests is not saved where it became protected meanwhile", async () => {
  const room = await LiveRoom.open({ "hooks/a.txt": "one\n" });
  const page = await room.opened("hooks/a.txt");
  page.type(0, "x");
  await chmod(join(room.root, "hooks/a.txt"), 0o755);

  await page.message("live-save-failed");

  expect(await room.file("hooks/a.txt")).toBe("one\n");
});

it("R24: two shares of two folders have one text of one file, and no names of each other", async () => {
  const room = await LiveRoom.open(files);
  const bob = await room.opened("a.txt", { name: "Bob", share: "share-1" });
  const eve = await room.opened("a.txt", { name: "Eve", share: "share-2" });

  bob.type(0, "x");
  bob.cursor([[1, 1]]);
  await eve.shows("xone\ntwo\n");

  const { changed } = await eve.message("live-cursors");
  expect(changed).toMatchObject([{ name: "a guest of another share", ranges: [[1, 1]] }]);
  expect(changed[0]?.person).toMatch(/^other-/);
  expect(JSON.stringify(eve.messages)).not.toContain("Bob");
});

it("R24: a link leads to the text of its file", async () => {
  const room = await LiveRoom.open({ ...files, "link.txt": "-> a.txt" });
  const page = await room.opened("a.txt");
  const other = await room.opened("link.txt", { name: "Eve" });
  page.type(0, "x");
  await other.shows("xone\ntwo\n");
  await page.isSaved();
  expect(pictureOf(room.root)["link.txt"]).toBe("link a.txt");
});

it("R24: the audit has one line for each author of a save", async () => {
  const room = await LiveRoom.open(files);
  const pages = [await room.opened("a.txt"), await room.opened("a.txt", { name: "Eve", share: "share-2" })];
  for (const page of pages) for (const letter of "abc") page.type(0, letter);
  await Promise.all(pages.map((page) => page.isSaved()));

  const authors = room.writes.flatMap((write) =>
    write.authors.map(({ who, share, path }) => `${who} ${share} ${path}`),
  );
  expect(new Set(authors)).toEqual(new Set(["Bob (Bob-share-1) share-1 a.txt", "Eve (Eve-share-2) share-2 a.txt"]));
  for (const write of room.writes) expect(new Set(write.authors.map(({ who }) => who)).size).toBe(write.authors.length);
  expect(room.writes[0]).toMatchObject({ original: Buffer.from("one\ntwo\n") });
});
