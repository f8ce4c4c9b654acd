import { describe, expect, test } from "vitest";
import {
  choiceFor,
  type Disk,
  type FileNow,
  hasChanged,
  type KeptText,
  wasTypedSince,
} from "../../../src/browser/keeper/kept-text.ts";

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

const unknown: Disk = { kind: "unknown" };
const missing: Disk = { kind: "missing" };
const text = (content: string): Disk => ({ kind: "text", text: content });

/** The editor shows the file. */
const saved = (content: string): FileNow => ({ editor: content, isUnsaved: false, disk: text(content) });
/** VS Code restored an unsaved state by itself. */
const restored = (editor: string, disk: Disk): FileNow => ({ editor, isUnsaved: true, disk });
const gone: FileNow = { editor: undefined, isUnsaved: false, disk: missing };

describe("offers for a kept text, where VS Code restored nothing", () => {
  test.each([
    ["nothing, where the file has it already", saved("typed\n"), "same"],
    ["nothing, where only line endings differ", saved("typed\r\n"), "same"],
    ["to restore it, where the file is as it was", saved("before\n"), "restore"],
    ["to restore it, where only its line endings changed", saved("before\r\n"), "restore"],
    ["a comparison, where the file changed", saved("other\n"), "compare"],
    ["a new file, where there is none any more", gone, "open"],
  ] as const)("%s", (_title, now, choice) => {
    expect(choiceFor(kept, now)).toBe(choice);
  });

  test("a comparison, where nobody knows what it was typed over", () => {
    expect(choiceFor({ ...kept, base: null }, saved("before\n"))).toBe("compare");
  });
});

describe("offers for a kept text, where VS Code restored a state by itself", () => {
  test.each([
    ["to restore it over an older state of a file that is as it was", restored("typ", text("before\r\n")), "restore"],
    ["a comparison with the file, where that changed", restored("typ", text("other\n")), "compare"],
    ["to restore it, where the file has it and the editor does not", restored("typ", text("typed\n")), "restore"],
    ["a comparison, where nobody knows what the file holds", restored("typ", unknown), "compare"],
    ["a new file beside an older state, where the file is gone", restored("typ", missing), "open"],
    ["nothing, where the editor has it and the file is as it was", restored("typed\n", text("before\n")), "same"],
    ["nothing, where both have it", restored("typed\n", text("typed\r\n")), "same"],
    ["a comparison, where the editor has it and the file changed", restored("typed\n", text("other\n")), "compare"],
    ["nothing, where the editor has it and the file is gone", restored("typed\n", missing), "same"],
    ["nothing, where the editor has it and the file is unknown", restored("typed\n", unknown), "same"],
  ] as const)("%s", (_title, now, choice) => {
    expect(choiceFor(kept, now)).toBe(choice);
  });

  test.each([
    ["nothing, where VS Code restored all of it", "typed\n", "same"],
    ["to restore it in an empty one", "", "restore"],
    ["a new one beside an older state, or another text of that name", "typ", "open"],
    ["a new one, where there is none", undefined, "open"],
  ] as const)("of an untitled text: %s", (_title, editor, choice) => {
    for (const base of ["", null]) {
      const untitled = { ...kept, uri: "untitled:Untitled-1", base };
      expect(choiceFor(untitled, { editor, isUnsaved: true, disk: unknown })).toBe(choice);
    }
  });
});

describe("between the question and the answer", () => {
  test.each([
    ["the file is as it was", saved("a"), saved("a"), false],
    ["only line endings changed", saved("a\n"), saved("a\r\n"), false],
    ["VS Code saved the older state that it restored", restored("typ", text("a")), saved("typ"), false],
    ["the file changed", saved("a"), saved("b"), true],
    ["the file changed below an older state", restored("typ", text("a")), restored("typ", text("b")), true],
    ["the file went", restored("typ", text("a")), restored("typ", missing), true],
    ["the file stayed unknown", restored("typ", unknown), restored("typ", unknown), false],
  ] as const)("%s", (_title, told, now, changed) => {
    expect(hasChanged(told, now)).toBe(changed);
    expect(wasTypedSince(told, now)).toBe(false);
  });

  test.each([
    ["in the file's editor", saved("a"), restored("a, and new", text("a"))],
    ["after an older state", restored("typ", text("a")), restored("type", text("a"))],
    ["in an empty new file", restored("", unknown), restored("new", unknown)],
  ] as const)("somebody typed %s", (_title, told, now) => {
    expect(wasTypedSince(told, now)).toBe(true);
  });
});
