import { globSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const sources = resolve(import.meta.dirname, "../../src");

/** Assignments to prototypes, to registries of VS Code and to methods of its services, and subclasses of its services. */
const override =
  /\.prototype\.\w+ = |\b\w+Registry\.\w+ = |Object\.assign\(\w+Registry|^\s*service\.\w+ = |extends \w+Service\b/m;

it("only the folder of overrides replaces something inside VS Code", () => {
  const files = globSync("**/*.ts", { cwd: sources });
  const replacing = files.filter((path) => override.test(readFileSync(join(sources, path), "utf8")));
  expect(replacing.length).toBeGreaterThan(3);
  expect(replacing.filter((path) => !path.startsWith("overrides/"))).toEqual([]);
});

it("every override stands in the list with its reason", () => {
  const list = readFileSync(join(sources, "overrides/README.md"), "utf8");
  const listed = [...list.matchAll(/^\| `([\w-]+\.ts)` \|/gm)].map(([, name]) => name);
  expect(listed).toEqual(readdirSync(join(sources, "overrides")).filter((name) => name.endsWith(".ts")));
});
