import { describe, expect, it } from "vitest";
import { type ArchiveEntry, planOf } from "../../../src/copies/archive/entry-rules.ts";
import { CopyRefusal } from "../../../src/copies/refusal.ts";

const limits = { entries: 100, size: 1_000 };
const file = (name: string, more: Partial<ArchiveEntry> = {}): ArchiveEntry => ({
  ...{ name, size: 1, mode: 0o100644, isEncrypted: false },
  ...more,
});
const plan = (...entries: ArchiveEntry[]) => planOf(entries, "tides", limits);

describe("R29: what of an archive becomes a file", () => {
  it("files with their folders; programs stay programs, and no other right is kept", () => {
    const made = plan(
      file("tides/", { mode: 0o040755 }),
      file("tides/a/b.py"),
      file("tides/run", { mode: 0o106777 }),
      file("tides/plain", { mode: 0 }),
    );
    expect(made.files.map(({ path, isProgram }) => [path, isProgram])).toEqual([
      ["a/b.py", false],
      ["run", true],
      ["plain", false],
    ]);
    expect(made.folders).toEqual(["a"]);
    expect(made.size).toBe(3);
  });

  it("links are left out and named", () => {
    expect(plan(file("tides/a"), file("tides/l", { mode: 0o120777 })).leftOut).toEqual(["l"]);
  });

  it("names of all languages, and those that only resemble git's", () => {
    const names = [
      "tides/.gitignore",
      "tides/.github/x.yml",
      "tides/héllo 世界.md",
      "tides/می‌خواهم.txt",
      "tides/a.git/x",
    ];
    expect(plan(...names.map((name) => file(name))).files).toHaveLength(names.length);
  });

  it.each([
    ["outside", "other/a"],
    ["absolute", "/etc/passwd"],
    ["above", "tides/../a"],
    ["above, at the end", "tides/a/.."],
    ["here", "tides/./a"],
    ["an empty segment", "tides//a"],
    ["backslash", "tides/a\\..\\b"],
    ["newline", "tides/a\nb"],
    ["NUL", "tides/a\0b"],
    ["bidi", "tides/a\u202egpj.exe"],
    ["undecodable", "tides/a\ufffd"],
    ["half a character", "tides/a\ud800"],
    ["a long name", `tides/${"a".repeat(256)}`],
    ["300 bytes in few characters", `tides/${"世".repeat(100)}`],
    ["a long path", `tides/${"a/".repeat(2_000)}b`],
    ["git", "tides/.git/config"],
    ["git's hooks", "tides/sub/.git/hooks/post-checkout"],
    ["git in another case", "tides/.GIT/config"],
    ["git for Windows", "tides/git~1/config"],
    ["git with dots", "tides/.git. ./config"],
    ["git with a joiner", "tides/.g\u200dit/config"],
    ["a file in place of the folder", "tides"],
  ])("nothing of one with a name that is %s", (_what, name) => {
    expect(() => plan(file("tides/ok"), file(name))).toThrow(CopyRefusal);
  });

  it.each([
    ["a FIFO", 0o010644],
    ["a device", 0o020644],
    ["a disk", 0o060644],
    ["a socket", 0o140644],
  ])("nothing of one with %s", (_what, mode) => {
    expect(() => plan(file("tides/a", { mode }))).toThrow(CopyRefusal);
  });

  it("nothing of one with duplicates, case twins, or a file that is a folder", () => {
    expect(() => plan(file("tides/a"), file("tides/a"))).toThrow(/twice/);
    expect(() => plan(file("tides/a"), file("tides/A"))).toThrow(/twice/);
    expect(() => plan(file("tides/é"), file("tides/e\u0301"))).toThrow(/twice/);
    expect(() => plan(file("tides/a"), file("tides/a/b"))).toThrow(/twice/);
  });

  it("nothing of one with too many or too large files, or an encrypted one", () => {
    expect(() => plan(...Array.from({ length: 101 }, (_, at) => file(`tides/${at}`)))).toThrow(/more than 100 files/);
    expect(() => plan(file("tides/a", { size: 600 }), file("tides/b", { size: 600 }))).toThrow(/MB/);
    expect(() => plan(file("tides/a", { isEncrypted: true }))).toThrow(/encrypted/);
  });
});
