import { afterEach, describe, expect, it } from "vitest";
import { type MergeBudget, Merger } from "../../../../src/workspace/documents/merger.ts";

const budget: MergeBudget = { size: 1_000_000, time: 20_000, share: 60_000, window: 60_000 };
let merger: Merger;
const setUp = (changed: Partial<MergeBudget> = {}) => {
  merger = new Merger({ ...budget, ...changed });
  return merger;
};
afterEach(() => merger.close());

/** Two texts that have next to nothing in common, which takes a comparison the longest. */
const lines = (from: number) => Array.from({ length: 4_000 }, (_, index) => `line ${from + index * 7}`).join("\n");

describe("R14: merges run in a separate thread, on a budget", () => {
  it("merges as before", async () => {
    expect(await setUp().merge("s", "1\n2\n3\n", "one\n2\n3\n", "1\n2\nthree\n")).toBe("one\n2\nthree\n");
    expect(await merger.merge("s", "1\n2\n3\n", "x\n2\n3\n", "y\n2\n3\n")).toBeUndefined();
  });

  it("eight merges of 4,000 lines leave this thread free", async () => {
    setUp();
    let turns = 0;
    const counting = setInterval(() => {
      turns += 1;
    });
    await Promise.all(
      Array.from({ length: 8 }, (_, number) => merger.merge("s", lines(0), lines(number + 1), lines(number + 20))),
    );
    clearInterval(counting);
    // In this thread each of them would be one turn.
    expect(turns).toBeGreaterThan(8);
  });

  it("a share that used its budget up gets conflicts; another one's changes are merged", async () => {
    setUp({ share: 0 });
    expect(await merger.merge("flood", "1\n2\n3", "x\n2\n3", "1\n2\ny")).toBeUndefined();
    setUp({ share: 1 });
    await merger.merge("flood", lines(0), lines(1), lines(2));
    expect(await merger.merge("flood", "1\n2\n3", "x\n2\n3", "1\n2\ny")).toBeUndefined();
    expect(await merger.merge("other", "1\n2\n3", "x\n2\n3", "1\n2\ny")).toBe("x\n2\ny");
  });

  it("texts that are too large, and slow merges, are conflicts; the next one is merged", async () => {
    setUp({ size: 10, time: 1 });
    expect(await merger.merge("s", "1\n2\n3", "x\n2\n3", "1\n2\n3\n4\n5")).toBeUndefined();
    expect(await merger.merge("s", "1", "2", "1")).toBeUndefined();
    setUp();
    expect(await merger.merge("s", "1\n2\n3", "x\n2\n3", "1\n2\ny")).toBe("x\n2\ny");
  });
});
