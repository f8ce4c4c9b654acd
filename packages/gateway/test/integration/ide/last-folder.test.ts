import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { LastFolder } from "../../../src/ide/server/last-folder.ts";

let root: string;
let lines: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "waiide-last-"));
  lines = [];
  for (const name of ["one", "two"]) mkdirSync(join(root, name));
  writeFileSync(join(root, "both.code-workspace"), "{}");
});
afterEach(() => rmSync(root, { recursive: true }));

function lastFolder(workspace = "/home/ada/work"): LastFolder {
  const logger = pino({}, { write: (line: string) => lines.push(line) });
  return new LastFolder({ file: join(root, "data", "last-folder.json"), workspace, logger });
}

it("what was opened last opens again, also after a restart", async () => {
  expect(await lastFolder().current()).toBeUndefined();
  await lastFolder().remember(`?folder=${join(root, "one")}`);
  await lastFolder().remember("");
  await lastFolder().remember("?a=b");
  expect(await lastFolder().current()).toEqual({ kind: "folder", path: join(root, "one") });
  await lastFolder().remember(`?workspace=${join(root, "both.code-workspace")}`);
  expect(await lastFolder().current()).toEqual({ kind: "workspace", path: join(root, "both.code-workspace") });
  expect(lines).toEqual([]);
});

it.each(["?folder=", "?folder=one", "?folder=/none/at/all", "?folder=%00/x"])("%s is not remembered", async (query) => {
  await lastFolder().remember(`?folder=${join(root, "two")}`);
  await lastFolder().remember(query);
  expect(await lastFolder().current()).toEqual({ kind: "folder", path: join(root, "two") });
});

it("an empty window, another workspace or a lost folder: the workspace opens", async () => {
  const folder = `?folder=${join(root, "one")}`;
  await lastFolder().remember(folder);
  expect(await lastFolder("/home/ada/other").current()).toBeUndefined();
  await lastFolder().remember("?ew=true");
  expect(await lastFolder().current()).toBeUndefined();
  await lastFolder().remember(folder);
  rmSync(join(root, "one"), { recursive: true });
  expect(await lastFolder().current()).toBeUndefined();
});

it("a damaged record opens the workspace, and a warning says so", async () => {
  await lastFolder().remember(`?folder=${join(root, "one")}`);
  writeFileSync(join(root, "data", "last-folder.json"), "{");
  expect(await lastFolder().current()).toBeUndefined();
  expect(lines).toEqual([expect.stringContaining("damaged")]);
});
