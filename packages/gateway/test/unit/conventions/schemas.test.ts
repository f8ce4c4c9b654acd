import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";

it("every integer in a schema is a whole number", () => {
  const packages = resolve(import.meta.dirname, "../../../..");
  const sources = globSync("{protocol,gateway}/src/**/*.ts", { cwd: packages });
  expect(sources.length).toBeGreaterThan(100);
  const others = sources.filter((path) => readFileSync(resolve(packages, path), "utf8").includes("Type.Integer("));
  expect(others).toEqual(["protocol/src/schema/whole-number.ts"]);
});
