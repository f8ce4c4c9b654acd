import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { dotNamesOf, foldersOf, isHomeFolder } from "../../../src/create/home-folder.ts";

const before = process.env.HOME;
let home = "";

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "waiide-extension-home-")));
  process.env.HOME = home;
});
afterEach(() => {
  process.env.HOME = before;
  rmSync(home, { recursive: true, force: true });
});

function folder(name: string, mark: string | undefined, age: number): void {
  mkdirSync(join(home, name));
  if (mark !== undefined) writeFileSync(join(home, name, mark), "");
  utimesSync(join(home, name), age, age);
}

it("R10: the home folder is known by every path that leads to it", () => {
  symlinkSync(home, join(home, "again"));
  mkdirSync(join(home, "project"));
  const places = [home, `${home}/`, join(home, "again"), join(home, "project"), join(home, "nowhere"), "/"];
  expect(places.map(isHomeFolder)).toEqual([true, true, true, false, false, false]);
});

it("R10: for a home folder projects are offered first, newest first, without dot-names", () => {
  folder("letters", undefined, 4_000);
  folder("old", "pyproject.toml", 1_000);
  folder("new", "README.md", 2_000);
  folder(".hidden", "package.json", 9_000);
  writeFileSync(join(home, "file.txt"), "");
  expect(foldersOf(home)).toEqual(["new", "old", "letters"]);
});

it("R10: dot-names are offered in order, without those that a list hides anyway", () => {
  for (const name of [".profile", ".bashrc", ".ssh", "plain"]) writeFileSync(join(home, name), "");
  expect(dotNamesOf(home, [".ssh", "*.pem"])).toEqual([".bashrc", ".profile"]);
});
