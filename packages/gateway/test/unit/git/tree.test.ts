import { expect, it } from "vitest";
import { gitFolders, isInnerLink, type TreeEntry } from "../../../src/git/tree.ts";

function entry(path: string): TreeEntry {
  return { mode: "100644", type: "blob", id: "0".repeat(40), size: 1, path };
}

it.each([
  ["a", "b", true],
  ["a", "./b/c", true],
  ["d/a", "../b", true],
  ["d/a", "..", true],
  ["a", "..", false],
  ["d/a", "../../b", false],
  ["a", "/etc/passwd", false],
  ["a", "b/../c", false],
  ["d/a", "../x/../../y", false],
  ["a", "b\0c", false],
])("the link %j to %j stays in its folder: %j", (path, target, inner) => {
  expect(isInnerLink(path, target)).toBe(inner);
});

it("folders that git takes for a repository are known by what they hold", () => {
  const paths = ["a/HEAD", "a/objects/x", "a/refs/y", "b/HEAD", "b/commondir", "c/HEAD", "c/objects/x", "d/refs/y"];
  expect(gitFolders(paths.map(entry)).sort()).toEqual(["a", "b"]);
  expect(gitFolders(["HEAD", "objects/x", "refs/y"].map(entry))).toContain("");
});
