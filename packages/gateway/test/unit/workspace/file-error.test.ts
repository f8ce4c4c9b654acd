import { getSystemErrorMap } from "node:util";
import { expect, it } from "vitest";
import { fileErrorOf } from "../../../src/workspace/file-error.ts";

const failure = (code: string, syscall = "open") =>
  Object.assign(new Error(`${code}: /home/alice/secret`), { code, syscall, path: "/home/alice/secret" });

it.each([
  ["EACCES", "open", "DENIED", "You may not read this"],
  ["EACCES", "scandir", "DENIED", "You may not read this"],
  ["EPERM", "unlink", "DENIED", "You may not change this"],
  ["EACCES", "mkdir", "DENIED", "You may not change this"],
  ["EROFS", "open", "DENIED", "read-only"],
  ["ENOSPC", "write", "NO_SPACE", "no space left"],
  ["EDQUOT", "write", "NO_SPACE", "quota"],
  ["ENAMETOOLONG", "open", "INVALID", "name is too long"],
  ["EIO", "read", "FAILED", "disk reported a fault"],
  ["ENOENT", "open", "NOT_FOUND", "no such file"],
])("%s of %s has a sentence", (errno, syscall, code, words) => {
  const error = fileErrorOf(failure(errno, syscall));
  expect([error.code, error.message]).toEqual([code, expect.stringContaining(words)]);
});

it("R10: no failure of the system names a path", () => {
  for (const [code] of getSystemErrorMap().values()) expect(fileErrorOf(failure(code)).message).not.toContain("/home");
});

it("a failure to open for writing has its own text", () => {
  expect(fileErrorOf(failure("EACCES"), "change").message).toContain("You may not change this");
});
