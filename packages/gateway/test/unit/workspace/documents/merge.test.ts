import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { diffLines } from "../../../../src/workspace/documents/line-diff.ts";
import { mergeTexts } from "../../../../src/workspace/documents/merge.ts";

describe("R13: three ways", () => {
  test.each([
    ["both at different places", "1\n2\n3\n4\n5", "one\n2\n3\n4\n5", "1\n2\n3\n4\nfive", "one\n2\n3\n4\nfive"],
    ["lines put in", "1\n2\n3\n4", "0\n1\n2\n3\n4", "1\n2\n3\n4\n5", "0\n1\n2\n3\n4\n5"],
    ["lines taken out", "1\n2\n3\n4\n5", "2\n3\n4\n5", "1\n2\n3\n4", "2\n3\n4"],
    ["the same change", "1\n2\n3", "1\nx\n3", "1\nx\n3", "1\nx\n3"],
    ["the same change and another", "1\n2\n3\n4\n5", "1\nx\n3\n4\n5", "1\nx\n3\n4\ny", "1\nx\n3\n4\ny"],
    ["one side only", "1\n2", "1\n2", "1\n3", "1\n3"],
    ["CRLF kept", "1\r\n2\r\n3\r\n", "x\r\n2\r\n3\r\n", "1\r\n2\r\ny\r\n", "x\r\n2\r\ny\r\n"],
    ["the owner's new line endings", "1\n2\n3\n", "x\n2\n3\n", "1\r\n2\r\ny\r\n", "x\r\n2\r\ny\r\n"],
    ["the guest's new line endings", "1\n2\n3\n", "x\r\n2\r\n3\r\n", "1\n2\ny\n", "x\r\n2\r\ny\r\n"],
    ["mixed line endings as they are", "1\r\n2\n3\n4\n", "x\r\n2\n3\n4\n", "1\r\n2\n3\ny\n", "x\r\n2\n3\ny\n"],
    ["the last line's end", "1\n2\n3", "0\n2\n3", "1\n2\n3\n", "0\n2\n3\n"],
  ])("%s", (_, base, mine, theirs, merged) => {
    expect(mergeTexts(base, mine, theirs)).toBe(merged);
    expect(mergeTexts(base, theirs, mine)).toBe(merged);
  });

  test.each([
    ["one line, twice", "1\n2\n3", "1\nx\n3", "1\ny\n3"],
    ["adjacent lines", "1\n2\n3\n4", "1\nx\n3\n4", "1\n2\ny\n4"],
    ["lines put in at one place", "1\n2", "1\nx\n2", "1\ny\n2"],
    ["changed and taken out", "1\n2\n3", "1\n3", "1\nx\n3"],
    ["everything", "a", "b", "c"],
    ["an empty base", "", "a\n", "b\n"],
  ])("overlapping: %s", (_, base, mine, theirs) => {
    expect(mergeTexts(base, mine, theirs)).toBeUndefined();
    expect(mergeTexts(base, theirs, mine)).toBeUndefined();
  });

  it("texts that differ too much are not compared for long", () => {
    const many = (letter: string) => Array.from({ length: 60_000 }, (_, index) => `${letter}${index % 7}`).join("\n");
    const started = process.cpuUsage();
    expect(mergeTexts(many("a"), many("b"), many("c"))).toBeUndefined();
    // By its own bound a quarter of a second for each of two comparisons; the rest is for slow machines.
    expect(process.cpuUsage(started).user).toBeLessThan(20_000_000);
  });
});

const line = fc.constantFrom("a", "b", "c", "");
const text = fc.array(line, { minLength: 1, maxLength: 12 }).map((lines) => lines.join("\n"));

it("a difference, applied, gives the other text", () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const [old, now] = [before.split("\n"), after.split("\n")];
      const result: string[] = [];
      let position = 0;
      for (const { start, end, newStart, newEnd } of diffLines(old, now) ?? []) {
        result.push(...old.slice(position, start), ...now.slice(newStart, newEnd));
        position = end;
      }
      expect([...result, ...old.slice(position)]).toEqual(now);
    }),
  );
});

it("R13: changes in separate parts of a file are never lost", () => {
  const part = fc.array(fc.string({ unit: fc.constantFrom("x", "y"), maxLength: 2 }), { maxLength: 4 });
  fc.assert(
    fc.property(part, part, part, part, (top, newTop, bottom, newBottom) => {
      // What stands between them occurs once, so that there is one answer.
      const middle = ["=== 1", "=== 2", "=== 3"];
      const join = (...parts: string[][]) => parts.flat().join("\n");
      const merged = mergeTexts(join(top, middle, bottom), join(newTop, middle, bottom), join(top, middle, newBottom));
      expect(merged).toBe(join(newTop, middle, newBottom));
    }),
  );
});
