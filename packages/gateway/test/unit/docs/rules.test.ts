import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "../../../../..");
const read = (path: string) => readFileSync(join(repository, path), "utf8");

function filesIn(folder: string, isWanted: (path: string) => boolean): string[] {
  return readdirSync(join(repository, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return /^(node_modules|dist)$/.test(entry.name) ? [] : filesIn(path, isWanted);
    return isWanted(path) ? [path] : [];
  });
}

const isCode = (path: string) => /\.(ts|mts|mjs)$/.test(path) && !path.endsWith("docs/rules.test.ts");
const code = ["packages", "test", "scripts"].flatMap((folder) => filesIn(folder, isCode));
const isTest = (path: string) => path.endsWith(".test.ts");

/** Rules that a text cites: “RULES R5”, “R5, R16”, and tests' titles that begin with one. */
const rulesIn = (text: string) => [...text.matchAll(/(?<![\w./-])R\d{1,2}(?![\w-])/g)].map(([rule]) => rule);
const sectionsIn = (text: string) => [...text.matchAll(/DESIGN §(\d+(?:\.\d+)?)/g)].map(([, section]) => section);

const rules = [...read("docs/contributing/rules.md").matchAll(/^### (R\d+) /gm)].map(([, rule = ""]) => rule);
const sections = [...read("docs/contributing/design.md").matchAll(/^#{2,3} (\d+(?:\.\d+)?)\.? /gm)].map(
  ([, one]) => one,
);

it("every rule that the code cites is on the rules' page, in order and once", () => {
  // Numbers are kept for rules that come later.
  const numbers = rules.map((rule) => Number(rule.slice(1)));
  expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other));
  const unknown = code.flatMap((path) =>
    rulesIn(read(path))
      .filter((rule) => !rules.includes(rule))
      .map((rule) => [path, rule]),
  );
  expect(unknown).toEqual([]);
});

it("every rule is named by a test", () => {
  const named = new Set(code.filter(isTest).flatMap((path) => rulesIn(read(path))));
  expect(rules.filter((rule) => !named.has(rule))).toEqual([]);
});

it("every section of the design that the code cites is on the design's page", () => {
  const unknown = code.flatMap((path) =>
    sectionsIn(read(path))
      .filter((one) => !sections.includes(one))
      .map((one) => [path, one]),
  );
  expect(unknown).toEqual([]);
});
