import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "../../../../..");
const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: repository, encoding: "utf8" })
  .split("\n")
  .filter((path) => [".ts", ".mjs", ".css", ".html", ".py", ".sh"].includes(extname(path)))
  // The configuration of the chart for Kubernetes, unchanged.
  .filter((path) => !path.startsWith("test/support/zero-to-jupyterhub/"));

it("no source, test or script is longer than 400 lines", () => {
  const long = files.filter((path) => readFileSync(resolve(repository, path), "utf8").split("\n").length > 401);
  expect(long).toEqual([]);
});

it("no folder holds more than 20 files of code", () => {
  const sizes = Map.groupBy(files, (path) => dirname(path));
  const full = [...sizes].filter(([, { length }]) => length > 20).map(([folder]) => folder);
  expect(full).toEqual([]);
});
