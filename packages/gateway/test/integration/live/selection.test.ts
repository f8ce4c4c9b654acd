import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { SelectionTracker } from "../../../src/workspace/selection/selection.ts";
import { type LivePage, LiveRoom } from "./harness.ts";

const text = "first\nsecond\nthird\nfourth\n";
const scope = { kind: "selection", path: "a.txt" } as const;

/** A room, a page of the whole file, and guests of a share of its second and third lines. */
async function withSelection(
  content = text,
): Promise<{ room: LiveRoom; whole: LivePage; part: () => Promise<LivePage> }> {
  const room = await LiveRoom.open({ "a.txt": content });
  const selection = SelectionTracker.create(content, { line: 2, col: 0, end_line: 3, end_col: 5 });
  if (selection === undefined) throw new Error("no selection");
  let count = 0;
  const part = () => {
    count += 1;
    return room.opened("a.txt", { share: "part", name: `Part${count}`, scope, selection });
  };
  return { room, whole: await room.opened("a.txt"), part };
}

it("R12, R24: a selection's guest has the selection, and writes in it", async () => {
  const { room, whole, part } = await withSelection();
  const guest = await part();
  expect(guest.text).toBe("second\nthird");
  expect(JSON.stringify(guest.messages)).not.toMatch(/first|fourth/);

  guest.type(0, "2: ");
  guest.type(guest.text.length, "!");
  await whole.shows("first\n2: second\nthird!\nfourth\n");
  whole.type(0, "zero\n");
  whole.type(whole.text.indexOf("third"), "3: ");
  await guest.shows("2: second\n3: third!");

  await whole.isSaved();
  await guest.isSaved();
  expect(await room.file()).toBe("zero\nfirst\n2: second\n3: third!\nfourth\n");
});

it("R12, R24: a selection's guest receives nothing of what happens outside", async () => {
  const { room, whole, part } = await withSelection();
  const guest = await part();
  const before = guest.messages.length;

  whole.type(0, "secret ");
  whole.type(whole.text.length, "secret ");
  whole.cursor([[3, 3]]);
  whole.cursor([[whole.text.length, whole.text.length]]);
  await whole.isSaved();
  await writeFile(join(room.root, "a.txt"), `${whole.text}by a program\n`);
  await whole.until(() => whole.text.endsWith("by a program\n"));
  whole.type(0, "!");
  await whole.isSaved();

  expect(guest.messages.slice(before)).toEqual([]);
  expect(guest.client?.rev).toBe(0);
  guest.type(0, "2: ");
  await guest.isSaved();
  expect(guest.client?.rev).toBe(1);
  expect(guest.text).toBe("2: second\nthird");
  expect(JSON.stringify(guest.messages)).not.toMatch(/secret|program/);
});

it("R12, R24: a crafted change outside of the selection is refused", async () => {
  const { room, whole, part } = await withSelection();
  const guest = await part();

  guest.change(1, 0, [[0, "x"], text.length]);
  guest.change(2, 0, [13, [5, "x"]]);
  guest.change(3, 0, [[26, "x"]]);

  expect(guest.reasons).toEqual(["invalid", "invalid", "invalid"]);
  expect(whole.text).toBe(text);
  await room.stop();
  expect(await room.file()).toBe(text);
});

it("R12, R24: guests of one selection share the border, others stay outside of it", async () => {
  const { whole, part } = await withSelection();
  const one = await part();
  const two = await part();

  one.type(one.text.length, " by one");
  await two.shows("second\nthird by one");
  whole.type(whole.text.indexOf("\nfourth"), " outside");
  whole.type(whole.text.indexOf("second"), "outside ");
  await whole.shows("first\noutside second\nthird by one outside\nfourth\n");
  two.type(two.text.length, " by two");
  await one.shows("second\nthird by one by two");

  expect(two.text).toBe(one.text);
  expect(whole.text).toBe("first\noutside second\nthird by one by two outside\nfourth\n");
});

it("R12, R24: deleting across the border takes only what is inside from the guest", async () => {
  const { whole, part } = await withSelection();
  const guest = await part();
  whole.type(3, "replaced", 9);

  await guest.until(() => guest.of("live-changes").length > 0);

  expect(whole.text).toBe("firreplacedond\nthird\nfourth\n");
  expect(guest.text).toBe("ond\nthird");
});

it("R12, R24: carets show in the selection as far as they are in it", async () => {
  const { whole, part } = await withSelection();
  const guest = await part();
  whole.cursor([[8, 8]], { visible: [0, 20] });
  expect((await guest.message("live-cursors")).changed).toMatchObject([{ ranges: [[2, 2]], visible: [0, 12] }]);

  whole.cursor([[1, 1]]);
  await guest.until(() => guest.of("live-cursors").at(-1)?.gone.length === 1);
  guest.cursor([[0, 6]]);
  expect((await whole.message("live-cursors")).changed).toMatchObject([{ ranges: [[6, 12]] }]);
});

it("R12, R24: the selection is found again where the live text left it", async () => {
  const { room, whole, part } = await withSelection();
  const guest = await part();
  guest.type(0, "entirely\nnew\n", guest.text.length);
  whole.type(0, "zero\nand more\n");
  await whole.isSaved();
  await guest.isSaved();
  await room.stop();
  await room.start();

  expect((await part()).text).toBe("entirely\nnew\n");
});

it("R12, R24: a selection that is nowhere any more is out of date, and not live", async () => {
  const { room, whole, part } = await withSelection();
  await writeFile(join(room.root, "a.txt"), "all\nother\nlines\n");
  await whole.shows("all\nother\nlines\n");
  await expect(part()).rejects.toThrow("not live: outdated");
});
