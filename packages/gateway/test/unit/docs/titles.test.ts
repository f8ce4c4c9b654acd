import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../../../../..");

/** What fits on a line of a report. */
const maxLength = 80;

/** Rules in front of a title (“R9, R10: …”), which say what it proves and do not count. */
const rules = /^R\d+(?:, R\d+)*:? /;

const folders = ["test", ...readdirSync(join(root, "packages")).map((name) => join("packages", name, "test"))];

const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts") && !name.includes("node_modules"))
    .map((name) => join(folder, name)),
);

/** `it`, `describe.each(…)` and their like: the name in front of all calls and properties. */
function calledName(expression: ts.Expression): string {
  if (ts.isCallExpression(expression) || ts.isPropertyAccessExpression(expression)) {
    return calledName(expression.expression);
  }
  if (ts.isTaggedTemplateExpression(expression)) return calledName(expression.tag);
  return ts.isIdentifier(expression) ? expression.text : "";
}

/** Titles of tests and their groups; what a template fills in stays as it is written. */
function titlesIn(text: string): string[] {
  const titles: string[] = [];
  const source = ts.createSourceFile("file.ts", text, ts.ScriptTarget.Latest);
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ["it", "test", "describe"].includes(calledName(node.expression))) {
      const [title] = node.arguments;
      if (title !== undefined && ts.isStringLiteralLike(title)) titles.push(title.text);
      else if (title !== undefined && ts.isTemplateExpression(title)) titles.push(title.getText(source).slice(1, -1));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

const tooLong = (titles: readonly string[]) => titles.filter((title) => title.replace(rules, "").length > maxLength);

it("titles of tests have at most 80 characters, without the rules in front", () => {
  const titles = files.map((file) => [file, titlesIn(readFileSync(join(root, file), "utf8"))] as const);
  expect(titles.flatMap(([file, all]) => tooLong(all).map((title) => `${file}: ${title}`))).toEqual([]);
  expect(titles.flatMap(([, all]) => all).length).toBeGreaterThan(1_000);
}, 60_000);

it("finds titles of tests, groups and tables, and those that are too long", () => {
  const long = "a".repeat(81);
  const text = `describe("group", () => { it("R1, R22: ${"b".repeat(80)}", f); it.each([[1]])("${long}", f); test.skipIf(x)(\`\${y} c\`, f); other("${long}"); });`;
  expect(titlesIn(text)).toEqual(["group", `R1, R22: ${"b".repeat(80)}`, long, `\${y} c`]);
  expect(tooLong(titlesIn(text))).toEqual([long]);
});
