import { describe, expect, it } from "vitest";
import { type Anchor, anchorAt, findAnchors } from "../../../../src/share/comments/anchor.ts";

const text = ["def first():", "    return 1", "", "def second():", "    return 2", "", "last = 3"];

function made(line: number, end = line, lines: readonly string[] = text): Anchor {
  const anchor = anchorAt(lines, line, end);
  if (anchor === undefined) throw new Error("no such lines");
  return anchor;
}

function found(lines: readonly string[], anchor: Anchor): string {
  const [{ line, end, lost } = anchor] = findAnchors(lines, [anchor]);
  return `${line}-${end}${lost ? " lost" : ""}`;
}

describe("an anchor of a comment", () => {
  it.each([
    [0, 1],
    [3, 2],
    [7, 8],
  ])("lines %i to %i are none of the file's", (line, end) => {
    expect(anchorAt(text, line, end)).toBeUndefined();
  });

  it("stays where nothing has changed", () => {
    expect(found(text, made(4, 5))).toBe("4-5");
  });

  it("moves with lines that are put in or taken out above", () => {
    expect(found(["# new", "# newer", ...text], made(4))).toBe("6-6");
    expect(found(text.slice(2), made(4))).toBe("2-2");
  });

  it("of equal lines, finds the one with the same neighbors", () => {
    const twice = ["a", "return", "b", "c", "return", "d"];
    expect(found(["new", ...twice], made(5, 5, twice))).toBe("6-6");
    expect(found(twice.slice(3), made(5, 5, twice))).toBe("2-2");
  });

  it("finds a line that was written anew between the same neighbors", () => {
    expect(found(["# new", ...text.with(3, "def other():")], made(4))).toBe("5-5");
  });

  it("finds a blank line by its neighbors, and not by itself", () => {
    expect(found(["# new", "", ...text], made(3))).toBe("5-5");
    expect(found(["", "x"], made(3))).toMatch(/lost$/);
  });

  it("is lost where its line is gone, although a short one like it stands elsewhere", () => {
    const braces = ["if (a) {", "  one();", "}", "two();"];
    expect(found(["two();", "three();", "}"], made(3, 3, braces))).toMatch(/lost$/);
    expect(found([], made(3, 3, braces))).toMatch(/lost$/);
  });

  it("is found again once its line is back", () => {
    const [lost = made(4)] = findAnchors(["x", "y"], [made(4)]);
    expect(lost).toMatchObject({ lost: true, lines: ["def second():"] });
    expect(found(["# new", ...text], lost)).toBe("5-5");
  });

  it("a very long line is recognized by its beginning", () => {
    const long = ["x".repeat(10_000), "y"];
    const anchor = made(1, 1, long);
    expect(JSON.stringify(anchor).length).toBeLessThan(1_000);
    expect(found(["new", ...long], anchor)).toBe("2-2");
  });
});
