import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { longFiles } from "../../../../../scripts/long-test-files.ts";

it("every long test file that is started first exists", () => {
  const repository = resolve(import.meta.dirname, "../../../../..");
  expect(longFiles.filter((file) => !existsSync(resolve(repository, file)))).toEqual([]);
});
