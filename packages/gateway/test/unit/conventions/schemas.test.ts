import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";

const packages = resolve(import.meta.dirname, "../../../..");

it("every integer in a schema is a whole number", () => {
  const sources = globSync("{protocol,gateway}/src/**/*.ts", { cwd: packages });
  expect(sources.length).toBeGreaterThan(100);
  const others = sources.filter((path) => readFileSync(resolve(packages, path), "utf8").includes("Type.Integer("));
  expect(others).toEqual(["protocol/src/schema/whole-number.ts"]);
});

// Tools that make up texts for a schema take minutes for a long one, and some know no lookaround.
it("no pattern in a schema of the protocol looks ahead or back", () => {
  const sources = globSync("protocol/src/**/*.ts", { cwd: packages });
  const patterns = sources.flatMap((path) => readFileSync(resolve(packages, path), "utf8").match(/pattern: .*/g) ?? []);
  expect(patterns.length).toBeGreaterThan(5);
  expect(patterns.filter((pattern) => /\(\?<?[=!]/.test(pattern))).toEqual([]);
});
