import { ChangeSet } from "@codemirror/state";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  changeJson,
  changeSize,
  cutsCharacter,
  insertedText,
  parseChange,
  toText,
  wholeCharacters,
} from "../../../src/live/index.ts";
import { Random, randomChange } from "./random-text.ts";

describe("a change that a stranger sends", () => {
  it("is read as it was written, also after it was moved and composed", () => {
    const random = new Random(11);
    for (let run = 0; run < 2000; run++) {
      const text = toText("one two three\nfour 😀 five\n");
      const [a, b] = [randomChange(random, text), randomChange(random, text)];
      for (const change of [a, a.map(b), a.compose(b.map(a))])
        expect(changeJson(parseChange(changeJson(change), change.length) as ChangeSet)).toEqual(changeJson(change));
    }
  });

  it.each<[string, unknown]>([
    ["no list", { 0: 3 }],
    ["nothing", null],
    ["a number that is none", [Number.NaN]],
    ["a negative length", [-1, 4]],
    ["a negative deletion", [[-1, "x"], 4]],
    ["a huge length", [2 ** 60]],
    ["a fraction", [1.5, 1.5]],
    ["a length as text", ["3"]],
    ["__proto__", JSON.parse('[{"__proto__": 3}]')],
    ["__proto__ as a length", JSON.parse('[["__proto__", "x"], 3]')],
    ["an empty part", [[], 3]],
    ["a text that is shorter", [2]],
    ["a text that is longer", [[4]]],
    ["a kept length of 0", [0, 3]],
    ["a line end within a line", [[0, "a\nb"], 3]],
    ["a carriage return", [[0, "a\r", "b"], 3]],
    ["NUL", [[0, "\0"], 3]],
    ["half a character", [[0, "\ud83d"], 3]],
    ["half a character at a line end", [[0, "\ud83d", "\ude00"], 3]],
    ["a number among the lines", [[0, "a", 1], 3]],
  ])("is refused where it has %s", (_what, json) => {
    expect(parseChange(json, 3)).toBeUndefined();
  });

  it("is refused or harmless, whatever JSON it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(20), (json, length) => {
        const change = parseChange(json, length);
        if (change)
          expect(
            change
              .apply(toText("x".repeat(length)))
              .toString()
              .isWellFormed(),
          ).toBe(true);
      }),
    );
  });

  it("is told apart where it leaves half a character", () => {
    const text = toText("a😀b");
    const change = (from: number, to: number) => ChangeSet.of({ from, to, insert: "x" }, 4);
    expect([change(1, 3), change(0, 1), change(3, 4)].map((one) => cutsCharacter(one, text))).toEqual(
      Array(3).fill(false),
    );
    expect([change(2, 2), change(1, 2), change(2, 4)].map((one) => cutsCharacter(one, text))).toEqual(
      Array(3).fill(true),
    );
  });

  it("has a size, and a text to copy", () => {
    const change = ChangeSet.of(
      [
        { from: 0, insert: "ab" },
        { from: 2, to: 5, insert: "😀" },
      ],
      9,
    );
    expect(changeSize(change)).toEqual({ inserted: 4, deleted: 3 });
    expect(insertedText(change)).toBe("ab\n😀");
  });
});

describe("a change that an editor reports in halves of a character", () => {
  it("becomes one of whole characters with the same result", () => {
    const text = toText("a😀b😀");
    for (const [from, to, insert] of [
      [2, 3, "\ude06"],
      [1, 2, "\ud83c"],
      [2, 6, "\ude06"],
    ] as const) {
      const halves = ChangeSet.of({ from, to, insert }, text.length);
      const whole = wholeCharacters(halves, text);
      expect(whole.apply(text).toString()).toBe(halves.apply(text).toString());
      expect(cutsCharacter(whole, text)).toBe(false);
      expect(parseChange(changeJson(whole), text.length)).toBeDefined();
    }
  });
});
