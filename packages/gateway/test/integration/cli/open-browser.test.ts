import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openBrowser } from "../../../src/cli/browser/open-browser.ts";

const address = "http://127.0.0.1:8070/?token=secret";

/** A folder with a program that writes down what it was started with. */
function browserIn(name = "browser", code = 0) {
  const folder = mkdtempSync(join(tmpdir(), "waiide-browser-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = join(folder, name);
  const words = join(folder, "words");
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$@" "$WAIIDE_TOKEN" > ${words}\nexit ${code}\n`);
  chmodSync(program, 0o755);
  return { folder, program, words: () => readFileSync(words, "utf8").trim().split("\n") };
}

it("the first command of BROWSER that is installed gets the address", async () => {
  const { folder, program, words } = browserIn();
  const environment = { PATH: folder, BROWSER: "no-such-browser:browser --new %s", WAIIDE_TOKEN: "secret" };
  expect(await openBrowser({ address, environment })).toBeUndefined();
  expect(words()).toEqual(["--new", address]);
  expect(await openBrowser({ address, environment: { BROWSER: program } })).toBeUndefined();
  expect(words()).toEqual([address]);
});

it("R4: a login link is on no command line: the browser gets a file that leads there", async () => {
  const { folder, program, words } = browserIn();
  const secretFile = join(folder, "data", "open.html");
  expect(await openBrowser({ address, secretFile, environment: { BROWSER: program } })).toBeUndefined();
  expect(words()).toEqual([secretFile]);
  expect(statSync(secretFile).mode & 0o777).toBe(0o600);
  expect(readFileSync(secretFile, "utf8")).toContain(`content="0;url=${address}"`);
});

it("xdg-open is used where there is a screen", async () => {
  const { folder, words } = browserIn("xdg-open");
  const platform = "linux";
  expect(await openBrowser({ address, environment: { PATH: folder, DISPLAY: ":0" }, platform })).toBeUndefined();
  expect(words()).toEqual([address]);
  expect(await openBrowser({ address, environment: { PATH: folder }, platform })).toContain("there is no screen");
  expect(await openBrowser({ address, environment: { DISPLAY: ":0" }, platform })).toContain("there is no xdg-open");
});

it("says why nothing was opened", async () => {
  const { folder, program } = browserIn("failing", 4);
  expect(await openBrowser({ address, environment: { BROWSER: program } })).toContain("ended with 4");
  const missing = join(folder, "missing");
  expect(await openBrowser({ address, environment: { BROWSER: missing } })).toContain("ENOENT");
  expect(await openBrowser({ address, environment: { PATH: folder, BROWSER: "none" } })).toContain("(none)");
  expect(existsSync(missing)).toBe(false);
});
