import fc from "fast-check";
import { expect, test } from "vitest";
import { replacedPart } from "../../../src/guest-changes/text-change.ts";

const applied = (before: string, after: string) => {
  const change = replacedPart(before, after);
  return change === undefined ? before : before.slice(0, change.start) + change.text + before.slice(change.end);
};

test("the replaced part makes one text of the other, and is no longer than need be", () => {
  expect(replacedPart("a\nb\nc\n", "a\nX\nc\n")).toEqual({ start: 2, end: 3, text: "X" });
  expect(replacedPart("same", "same")).toBeUndefined();
  const texts = fc.string({ unit: fc.constantFrom("a", "b", "\r", "\n", "😀", "\ud83d") });
  fc.assert(fc.property(texts, texts, (before, after) => applied(before, after) === after));
});

test("it never begins or ends inside a pair or a line ending", () => {
  expect(replacedPart("a\r\nb", "a\r\r\nb")).toEqual({ start: 1, end: 3, text: "\r\r\n" });
  expect(replacedPart("😀", "😁")).toEqual({ start: 0, end: 2, text: "😁" });
});
