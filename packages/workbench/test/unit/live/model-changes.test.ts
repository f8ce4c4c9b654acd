import { Range } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/core/range";
import { Selection } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/core/selection";
import { ChangeSet, toText } from "@waiide/protocol/live";
import { expect, it } from "vitest";
import { moved } from "../../../src/live/kept-view.ts";
import { changeOf, editsOf } from "../../../src/live/model-changes.ts";

it("changes of one event count one after the other", () => {
  const before = toText("ab\ncd");
  const events = [
    { range: new Range(1, 2, 1, 2), text: "(" },
    { range: new Range(1, 3, 1, 3), text: ")" },
    { range: new Range(1, 3, 1, 3), text: "\r\n\t" },
  ];
  expect(changeOf(events, before).apply(before).toString()).toBe("a(\n\t)b\ncd");
});

it("a change becomes edits of lines and columns, and the same change again", () => {
  const before = toText("one\ntwo\nthree");
  const change = ChangeSet.of(
    [
      { from: 0, insert: "x\n" },
      { from: 4, to: 9, insert: "y" },
    ],
    before.length,
  );
  const edits = editsOf(change, before);
  expect(edits.map(({ range }) => String(range))).toEqual(["[1,1 -> 1,1]", "[2,1 -> 3,2]"]);
  // The editor reports several edits from the last to the first.
  const events = edits.map(({ range, text }) => ({ range, text: text ?? "" })).reverse();
  expect(changeOf(events, before).toJSON()).toEqual(change.toJSON());
});

it("a caret stays before what others insert at it, a selection inside its borders", () => {
  const before = toText("one two");
  const change = ChangeSet.of(
    [
      { from: 4, insert: "<" },
      { from: 7, insert: ">" },
    ],
    before.length,
  );
  const texts = { before, after: change.apply(before) };
  const of = (selection: Selection) => String(moved(selection, change, texts));
  expect(of(new Selection(1, 5, 1, 5))).toBe("[1,5 -> 1,5]");
  expect(of(new Selection(1, 5, 1, 8))).toBe("[1,6 -> 1,9]");
  // From its end to its beginning, as it was.
  expect(moved(new Selection(1, 8, 1, 5), change, texts).getPosition().column).toBe(6);
});
