import { describe, expect, test } from "vitest";
import { choiceFor, type KeptText } from "../../../src/browser/keeper/kept-text.ts";

const kept: KeptText = {
  place: "/ide/ /work",
  page: "one",
  uri: "vscode-remote://host/work/a.txt",
  language: "plaintext",
  text: "typed\n",
  base: "before\n",
  cells: null,
  at: 0,
};

describe("offers for a kept text", () => {
  test.each([
    ["nothing, where the editor holds it already", "typed\n", "before\n", "same"],
    ["nothing, where only line endings differ", "typed\r\n", "before\n", "same"],
    ["to restore it, where the file is as it was", "before\n", "before\n", "restore"],
    ["to restore it over an older state that VS Code restored itself", "typ", "before\r\n", "restore"],
    ["a comparison, where the file changed", "other\n", "other\n", "compare"],
    ["a comparison, where nobody knows what the file holds", "typ", undefined, "compare"],
    ["a new file, where there is none any more", undefined, undefined, "open"],
  ] as const)("%s", (_title, now, disk, choice) => {
    expect(choiceFor(kept, now, disk)).toBe(choice);
  });

  test("a comparison, where nobody knows what it was typed over", () => {
    expect(choiceFor({ ...kept, base: null }, "before\n", "before\n")).toBe("compare");
  });

  test.each([
    ["nothing, where VS Code restored all of it", "typed\n", "same"],
    ["to restore it in an empty one", "", "restore"],
    ["a new one beside an older state, or another text of that name", "typ", "open"],
    ["a new one, where there is none", undefined, "open"],
  ] as const)("of an untitled text: %s", (_title, now, choice) => {
    for (const base of ["", null]) {
      expect(choiceFor({ ...kept, uri: "untitled:Untitled-1", base }, now, undefined)).toBe(choice);
    }
  });
});
