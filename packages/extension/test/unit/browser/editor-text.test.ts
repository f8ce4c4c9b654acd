import { ChangeSet, Text } from "@waiide/protocol/live";
import { expect, it } from "vitest";
import { isGuestPlace, socketAddress } from "../../../src/browser/live/address.ts";
import { changeOf, editsOf, offsetAt, placeAt, textOf, trimmedAt } from "../../../src/browser/live/editor-text.ts";
import { cssColor } from "../../../src/browser/live/shown-person.ts";

const at = (line: number, character: number) => ({ line, character });
const none = new Set<number>();

it("changes of one event are meant for the text after the ones before them", () => {
  const before = Text.of(["ab"]);
  const typed = { range: { start: at(0, 1), end: at(0, 1) }, text: "(" };
  const closed = { range: { start: at(0, 2), end: at(0, 2) }, text: ")\r\nx" };
  expect(changeOf(before, [typed, closed]).apply(before).toString()).toBe("a()\nxb");
});

it("an editor's CRLF is one line end in the live text", () => {
  const text = textOf("one\r\ntwo\n");
  expect(text.toString()).toBe("one\ntwo\n");
  expect(offsetAt(text, at(1, 1))).toBe(5);
  expect(placeAt(text, 5)).toEqual(at(1, 1));
});

it("text at the caret replaces the character behind it too, so that the caret stays", () => {
  const before = Text.of(["a😀", "b"]);
  const insert = (from: number) => ChangeSet.of({ from, insert: "x" }, before.length);
  expect(editsOf(insert(1), before, { ends: new Set([1]), starts: none })).toEqual({
    edits: [{ from: 1, to: 3, insert: "x😀" }],
    drags: false,
  });
  expect(editsOf(insert(3), before, { ends: new Set([3]), starts: none }).edits).toEqual([
    { from: 3, to: 4, insert: "x\n" },
  ]);
  expect(editsOf(insert(1), before, { ends: none, starts: none }).edits).toEqual([{ from: 1, to: 1, insert: "x" }]);
});

it("at the end of a text, and where a selection begins, carets are put back", () => {
  const before = Text.of(["ab"]);
  const change = ChangeSet.of({ from: 2, insert: "x" }, 2);
  expect(editsOf(change, before, { ends: new Set([2]), starts: none }).drags).toBe(true);
  const front = ChangeSet.of({ from: 0, insert: "x" }, 2);
  expect(editsOf(front, before, { ends: new Set([2]), starts: new Set([0]) }).drags).toBe(true);
});

it("blanks that a save removes are known where others write, and nothing else", () => {
  const before = Text.of(["a  ", "b "]);
  const trim = ChangeSet.of(
    [
      { from: 1, to: 3 },
      { from: 5, to: 6 },
    ],
    6,
  );
  expect(trimmedAt(trim, before, [3])).toEqual([{ at: 1, text: "  " }]);
  expect(trimmedAt(trim, before, [0])).toEqual([]);
  const typed = ChangeSet.of({ from: 1, to: 3, insert: "x" }, 6);
  expect(trimmedAt(typed, before, [3])).toEqual([]);
});

it("the extension finds its socket beside its own folder, with the page's proof", () => {
  const place = { scheme: "https", authority: "hub:8000", path: "/user/ide/~page-abc/ide/waiide-live" };
  expect(socketAddress(place)).toBe("wss://hub:8000/user/ide/~page-abc/api/live");
  expect(isGuestPlace(place)).toBe(false);
  expect(isGuestPlace({ path: "/user/a/share/x1/~page-abc/ide/waiide-live" })).toBe(true);
  expect(socketAddress({ ...place, scheme: "file" })).toBeUndefined();
});

it("R17: what is no plain color is none", () => {
  expect(cssColor("#2f7de1")).toBe("#2f7de1");
  expect(cssColor("red; background: url(x)")).toBe("gray");
});
