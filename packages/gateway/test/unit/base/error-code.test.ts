import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { errorCodeOf, hasCode } from "../../../src/base/error-code.ts";

test("an error has the code that the system or Node gave it", async () => {
  const error = await readFile("/nowhere/at-all").catch((cause: unknown) => cause);
  expect(errorCodeOf(error)).toBe("ENOENT");
  expect(hasCode(error, "ENOENT")).toBe(true);
  expect(hasCode(error, "EACCES", "ENOENT")).toBe(true);
  expect(hasCode(error, "EACCES")).toBe(false);
  expect(hasCode(error)).toBe(false);
});

test.each([
  ["no error at all", undefined],
  ["text", "ENOENT"],
  ["an object that only looks like an error", { code: "ENOENT" }],
  ["an error without a code", new Error("ENOENT")],
  ["an error with a number as its code", Object.assign(new Error("x"), { code: 20 })],
])("%s has no code", (_what, thrown) => {
  expect(errorCodeOf(thrown)).toBeUndefined();
  expect(hasCode(thrown, "ENOENT", "undefined", "20")).toBe(false);
});
