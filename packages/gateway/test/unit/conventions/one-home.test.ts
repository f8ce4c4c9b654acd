import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const sources = resolve(import.meta.dirname, "../../../src");
const files = globSync(["**/*.ts", "../../workbench/build/*.ts"], { cwd: sources });

/** The sources with a text that only one of them may hold. */
function holding(pattern: RegExp): string[] {
  return files.filter((path) => pattern.test(readFileSync(join(sources, path), "utf8"))).sort();
}

it.each([
  ["codes of errors are read", /NodeJS\.ErrnoException|\(error as \{ code/, []],
  ["missing files are recognized", /"ESTALE"/, ["system/missing-file.ts"]],
  ["Set-Cookie is written", /stringifySetCookie|; HttpOnly/, ["http/cookies.ts"]],
  ["a process's state is read from /proc", /lastIndexOf\("\)"\)/, ["system/proc-file.ts"]],
  ["signals are sent", /process\.kill\(pid/, ["system/signals.ts"]],
  ["PATH is searched", /\.split\(delimiter\)|PATH \?\? ""\)\.split/, ["system/programs.ts"]],
  ["locks of files are taken", /\blinkSync\(|await link\([^)]*lock/i, ["system/lease.ts"]],
  ["files are compressed", /(?:brotliCompress|gzip|Gzip)(?:Sync)?\b[^;]*from "node:zlib"/, ["system/compression.ts"]],
  [
    "the oldest entry of a table goes",
    /const \[oldest[^\]]*\] = [^;]*\.keys\(\)|\.keys\(\)\.next\(\)/,
    ["base/bounded-table.ts"],
  ],
  ["ranges of files are answered", /parseRange\(/, ["http/byte-range.ts", "http/file-answer.ts"]],
  [
    "worker threads end when they are idle",
    /\.terminate\(\);\n {4}this\.#worker = undefined/,
    ["system/worker-thread.ts"],
  ],
  ["users without an entry in passwd are recognized", /userInfo\(|\(userInfo\)/, ["system/home-folder.ts"]],
])("there is one place where %s", (_what, pattern, places) => {
  expect(holding(pattern)).toEqual(places);
});
