import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "../../../../..");
const page = readFileSync(join(repository, "CONTRIBUTING.md"), "utf8");
const [, section = ""] = /\n## Where to change what\n([\s\S]*?)\n## /.exec(page) ?? [];
const rows = section.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| ---"));

/** A path of a row, from the repository's root; names of files without a folder belong to the folder before them. */
function placesIn(row: string): string[] {
  let folder = "";
  return [...row.matchAll(/`([\w./-]+)`/g)].map(([, path = ""]) => {
    if (!path.includes("/")) return join(folder, path);
    folder = /^(packages|scripts|test|deploy)\//.test(path) ? path : join("packages/gateway/src", path);
    return folder;
  });
}

it("CONTRIBUTING answers the twenty questions, and every place that it names exists", () => {
  const answers = rows.slice(1).map(placesIn);
  expect(answers).toHaveLength(20);
  expect(answers.filter((places) => places.length === 0)).toEqual([]);
  expect(answers.flat().filter((place) => !existsSync(join(repository, place)))).toEqual([]);
});
