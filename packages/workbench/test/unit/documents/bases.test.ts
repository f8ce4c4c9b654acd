import { expect, it } from "vitest";
import { Bases } from "../../../src/documents/bases.ts";

it("R13: a read that the editor did not take is not what its text is based on", () => {
  const bases = new Bases();
  bases.read("a", { version: "v1", text: "one\r\n" });
  bases.taken("a", "one\n");
  bases.read("a", { version: "v2", text: "two\r\n" });
  expect(bases.get("a")?.version).toBe("v1");
  bases.taken("a", "two\n");
  expect(bases.get("a")).toEqual({ version: "v2", text: "two\r\n" });
});

it("of two reads the one whose text is shown counts, whichever came last", () => {
  const bases = new Bases();
  bases.read("a", { version: "v1", text: "one" });
  bases.read("a", { version: "v2", text: "two" });
  bases.taken("a", "one");
  expect(bases.get("a")?.version).toBe("v1");
});

it("a file that is not UTF-8 is based on the newest read, without a merge", () => {
  const bases = new Bases();
  bases.read("a", { version: "v1", text: undefined });
  bases.taken("a", "ÿþ");
  expect(bases.get("a")).toEqual({ version: "v1", text: undefined });
});

it("follows renamed files and folders, and no others", () => {
  const bases = new Bases();
  for (const path of ["a", "ab", "folder/x", "folder2/x"]) bases.set(path, { version: path, text: "" });
  bases.renamed("a", "b");
  bases.renamed("folder", "moved/folder");
  expect(["a", "b", "ab", "folder/x", "moved/folder/x", "folder2/x"].map((path) => bases.get(path)?.version)).toEqual([
    undefined,
    "a",
    "ab",
    undefined,
    "folder/x",
    "folder2/x",
  ]);
});
