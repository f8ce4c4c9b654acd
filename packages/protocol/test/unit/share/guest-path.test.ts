import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isBelow, parseGuestPath } from "../../../src/index.ts";

describe("R9: a guest's path", () => {
  it.each([
    ["", []],
    ["a", ["a"]],
    ["a/b.txt", ["a", "b.txt"]],
    ["%2e%2e/a", ["%2e%2e", "a"]],
    ["..a/b..", ["..a", "b.."]],
    ["a b/ü/日本", ["a b", "ü", "日本"]],
    ["a\\..\\b", ["a\\..\\b"]],
    [`${"x".repeat(255)}/y`, ["x".repeat(255), "y"]],
  ])("%j is one", (path, segments) => {
    expect(parseGuestPath(path)).toEqual(segments);
  });

  it.each([
    "/",
    "/etc/passwd",
    "..",
    "../a",
    "a/..",
    "a/../b",
    "a/./b",
    ".",
    "a//b",
    "a/",
    "a\0b",
    "\ud800",
    "x".repeat(256),
    "ü".repeat(128),
    "a/".repeat(2100),
  ])("%j is none", (path) => {
    expect(parseGuestPath(path)).toBeUndefined();
  });

  it("a valid path never climbs, and reads the same again", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (path) => {
        const segments = parseGuestPath(path);
        if (segments === undefined) return;
        expect(segments).not.toContain("..");
        expect(segments.join("/")).toBe(path);
      }),
    );
  });

  it("is below a folder only by whole names", () => {
    expect(isBelow("a/b", "a")).toBe(true);
    expect(isBelow("a", "a")).toBe(true);
    expect(isBelow("ab", "a")).toBe(false);
    expect(isBelow("a", "a/b")).toBe(false);
    expect(isBelow("x", "")).toBe(true);
  });
});
