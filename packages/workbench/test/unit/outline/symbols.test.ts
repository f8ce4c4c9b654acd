import { expect, it } from "vitest";
import { type FilePart, markdownParts, pythonParts } from "../../../src/outline/symbols.ts";

const shape = (parts: readonly FilePart[]): unknown[] =>
  parts.map(({ name, line, lastLine, children }) => [name, line, lastLine, ...shape(children)]);

it("headings, but not those in a block of code", () => {
  const text = "# One\ntext\n```sh\n# no heading\n```\n## Two ##\n### Three\n## Four\n# Five\n#no\n";
  expect(shape(markdownParts(text))).toEqual([
    ["One", 1, 8, ["Two", 6, 7, ["Three", 7, 7]], ["Four", 8, 8]],
    ["Five", 9, 11],
  ]);
});

it("classes and functions, by their indentation", () => {
  const text =
    "class A:\n    def f(self):\n        def g(): pass\n    async def h(self):\n        pass\n\ndef i():\n\treturn 1";
  expect(shape(pythonParts(text))).toEqual([
    ["A", 1, 6, ["f", 2, 3, ["g", 3, 3]], ["h", 4, 6]],
    ["i", 7, 8],
  ]);
});
