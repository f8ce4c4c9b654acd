import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { OwnCommand } from "../../../src/ide/server/own-command.ts";

let root: string;
let lines: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "waiide-command-"));
  lines = [];
});
afterEach(() => rmSync(root, { recursive: true }));

function commandFor(program: string): OwnCommand {
  const logger = pino({}, { write: (line: string) => lines.push(line) });
  return new OwnCommand({ folder: join(root, "a folder", "bin"), program, logger });
}

function programThatSays(name: string, text: string): string {
  const file = join(root, name);
  writeFileSync(file, `console.log(${JSON.stringify(text)}, ...process.argv.slice(2))`);
  return file;
}

it("the command runs this program with its arguments; “code” too, and nothing else", async () => {
  const command = commandFor(programThatSays("it's $HOME.cjs", "first"));
  await command.write();
  const { WAIIDE_COMMAND_FOLDER: folder = "" } = command.environment;
  const run = () => execFileSync("waiide", ["share", "two words"], { env: { PATH: `/usr/bin:/bin:${folder}` } });
  expect(String(run())).toBe("first share two words\n");
  expect(readdirSync(folder)).toEqual(["code", "waiide"]);
  const code = execFileSync("code", ["-g", "a file:3"], { env: { PATH: folder } });
  expect(String(code)).toBe("first code -g a file:3\n");
  expect(statSync(folder).mode & 0o777).toBe(0o700);

  // After an upgrade it is the new one.
  await commandFor(programThatSays("new.cjs", "second")).write();
  expect(String(run())).toBe("second share two words\n");
  expect(lines).toEqual([]);
});

it("where it cannot be written, nothing but a warning comes of it", async () => {
  mkdirSync(join(root, "a folder"));
  writeFileSync(join(root, "a folder", "bin"), "");
  await commandFor("/none").write();
  expect(lines).toEqual([expect.stringContaining("may not find “waiide” and “code”")]);
});
