import { ChangeSet } from "@codemirror/state";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changeSize, cutsCharacter, diffToChange, toText } from "../../../src/live/index.ts";
import { Random, randomChange } from "./random-text.ts";

describe("the difference of two texts as a change", () => {
  it("leads from one to the other, without half a character", () => {
    const lines = fc.array(fc.constantFrom("", "a", "b", "😀", "😁x", "long line", "long lime"), { maxLength: 12 });
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        const [before, after] = [toText(a.join("\n")), toText(b.join("\n"))];
        const change = diffToChange(before, after);
        expect(change.apply(before).toString()).toBe(after.toString());
        expect(cutsCharacter(change, before)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it("is nothing for equal texts", () => {
    expect(diffToChange(toText("a\nb"), toText("a\nb")).empty).toBe(true);
  });

  it("leaves what stands between changes where it is", () => {
    const before = toText("first\nkept\nsecond\nalso kept\nthird\n");
    const after = toText("firSt\nkept\nnew\nsecond\nalso kept\nTHIRD\n");
    const change = diffToChange(before, after);
    expect(changeSize(change)).toEqual({ inserted: 10, deleted: 6 });
    expect(change.mapPos(before.toString().indexOf("also"))).toBe(after.toString().indexOf("also"));
  });

  it("stays small in a long text with a few changes", () => {
    const random = new Random(5);
    const before = toText(
      Array.from({ length: 5000 }, (_, line) => (line % 3 ? `line ${line} of many` : "  }")).join("\n"),
    );
    let after = before;
    for (let run = 0; run < 10; run++) {
      const at = random.below(after.length - 100);
      const change = randomChange(random, after.slice(at, at + 100));
      after = ChangeSet.of(
        { from: at, to: at + 100, insert: change.apply(after.slice(at, at + 100)) },
        after.length,
      ).apply(after);
    }
    const size = changeSize(diffToChange(before, after));
    expect(size.inserted + size.deleted).toBeLessThan(3000);
    expect(diffToChange(before, after).apply(before).eq(after)).toBe(true);
  });
});
