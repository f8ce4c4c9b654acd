import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { errorCodeOf } from "../../../src/base/error-code.ts";
import { bytesOf } from "../../../src/workspace/documents/content.ts";
import { History } from "../../../src/workspace/documents/history.ts";
import { lineEndingOf } from "../../../src/workspace/documents/line-ending.ts";
import { FileError, fileErrorOf } from "../../../src/workspace/file-error.ts";
import { Allowance } from "../../../src/workspace/limits.ts";
import { folderArguments, patternArguments } from "../../../src/workspace/search/arguments.ts";
import { matchesOf } from "../../../src/workspace/search/matches.ts";
import { FileNames } from "../../../src/workspace/tree/file-names.ts";

test("R10: no message of the system reaches a guest", () => {
  const error = Object.assign(new Error("EACCES: permission denied, open '/home/alice/secret'"), { code: "EACCES" });
  expect(fileErrorOf(error)).toMatchObject({ code: "DENIED", message: expect.not.stringContaining("alice") });
  expect(fileErrorOf(new Error("/home/alice"))).toMatchObject({
    code: "FAILED",
    message: expect.not.stringContaining("alice"),
  });
  expect(fileErrorOf("text").code).toBe("FAILED");
  const own = new FileError("CONFLICT", "x", { version: "v" });
  expect(fileErrorOf(own)).toBe(own);
  expect(errorCodeOf("text")).toBeUndefined();
});

describe("R13: the history is bounded", () => {
  it("the oldest goes first, and nothing too large is kept", () => {
    const history = new History(400);
    const content = Buffer.alloc(100);
    for (const version of ["1", "2", "3", "4"]) history.keep("a", version, content);
    expect(history.find("a", "1")).toBe(content);
    history.keep("a", "5", content);
    expect(["1", "2", "3", "4", "5"].filter((version) => history.find("a", version) !== undefined)).toEqual([
      ...["1", "3", "4", "5"],
    ]);
    history.keep("a", "large", Buffer.alloc(101));
    expect(history.find("a", "large")).toBeUndefined();
    expect(history.find("b", "1")).toBeUndefined();
  });
});

test.each([
  ["", "none"],
  ["a", "none"],
  ["a\nb\n", "\n"],
  ["a\r\nb\r\n", "\r\n"],
  ["a\r\nb\n", "mixed"],
  ["a\rb", "mixed"],
])("lines of %j end with %j", (text, ending) => expect(lineEndingOf(text)).toBe(ending));

test("base64 comes back as it was", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(bytesOf(Buffer.from(bytes).toString("base64"), "base64").equals(Buffer.from(bytes))).toBe(true);
    }),
  );
});

test("an allowance is given back", () => {
  const allowance = new Allowance(1);
  expect([allowance.take(), allowance.take()]).toEqual([true, false]);
  allowance.give();
  expect(allowance.take()).toBe(true);
});

describe("R14: arguments of ripgrep", () => {
  it("the pattern is never taken for an option", () => {
    for (const pattern of ["--pre=x", "-e", "-f/etc/passwd"]) {
      expect(patternArguments({ pattern }).slice(-2)).toEqual(["-e", pattern]);
    }
    expect(folderArguments([], ["--pre=x"], ["-x"]).filter((argument) => argument.includes("x"))).toEqual([
      "--glob=--pre=x",
      "--glob=!-x",
    ]);
  });

  it("hidden files have the last word", () => {
    expect(folderArguments([".env*", "a/b", "{odd}"], [".env"]).slice(-3)).toEqual([
      ...["--glob=.env", "--iglob=!**/.env*", "--iglob=!**/a/b"],
    ]);
  });

  it("positions are those of the text, whatever its bytes", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.string({ unit: "binary", minLength: 1 }),
        fc.string(),
        (before, word, after) => {
          const [start, found, end] = [before, word, after].map((text) =>
            text.replace(/[\r\n\ufeff]/g, "").toWellFormed(),
          );
          const bytes = Buffer.from(`${start}${found}${end}\r\n`);
          const from = Buffer.byteLength(start ?? "");
          const places = [{ start: from, end: from + Buffer.byteLength(found ?? "") }];
          const [match] = matchesOf({ path: "a", line: 1, offset: 0, bytes, places }, 10);
          expect(match?.text.slice(match.start, match.end)).toBe(found);
        },
      ),
    );
  });
});

test("file names are ranked", () => {
  const rank = (pattern: string, paths: string[]) => {
    const names = new FileNames(pattern);
    for (const path of paths) names.add(path);
    return names.ranked();
  };
  expect(rank("gw", ["src/gateway/window.ts", "src/gateway.ts", "gw.md", "x.ts"])[0]).toBe("gw.md");
  expect(rank("guestworkspace", ["guest-workspace.ts", "g/u/e/s/t/workspace"])[0]).toBe("guest-workspace.ts");
  expect(rank("é", ["É.txt", "e.txt"])).toEqual(["É.txt"]);
  expect(rank("", ["b", "a"])).toEqual(["a", "b"]);
  expect(rank("ts ro", ["tsro", "rots"])).toEqual(["tsro"]);
});
