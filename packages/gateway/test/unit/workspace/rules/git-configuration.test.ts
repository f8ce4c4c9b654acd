import { expect, it, test } from "vitest";
import { parseGitConfiguration, placesIn } from "../../../../src/workspace/rules/git-configuration.ts";

it("R11: git's configuration is read as git reads it", () => {
  const text = [
    "\ufeff# a comment",
    "[core] bare = false ; inline",
    '\thooksPath = "a; b" # not in quotes',
    '[Filter "X y"]',
    "  clean = python \\",
    "clean.py",
    "\tRequired",
    "[include]path=~/more\r",
    "no section = here",
  ].join("\n");
  expect(parseGitConfiguration(text)).toEqual([
    { name: "core.bare", value: "false" },
    { name: "core.hookspath", value: "a; b" },
    { name: "filter.X y.clean", value: "python clean.py" },
    { name: "filter.X y.required", value: "" },
    { name: "include.path", value: "~/more" },
  ]);
});

test.each([
  ["core.hookspath", "gates", ["gates"]],
  ["core.fsmonitor", "tools/watch --fast", ["tools/watch --fast", "tools/watch"]],
  ["alias.x", "!sh -c './run.sh && (cat a/b; c.py)'", ["./run.sh", "a/b", "c.py"]],
  ["filter.lfs.clean", "git-lfs clean -- %f", []],
  ["remote.origin.url", "../other", []],
  ["remote.origin.uploadpack", "./pack", ["./pack"]],
  ["branch.main.merge", "refs/heads/main", []],
  ["user.email", "a@example.org", []],
  ["http.proxy", "http://proxy.example:8080/x", []],
])("R11: %s = %s names %j", (name, value, places) => expect(placesIn({ name, value })).toEqual(places));
