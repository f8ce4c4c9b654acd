import { execFile } from "node:child_process";
import { chmod, chown, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { expect, it } from "vitest";
import { makeFolder } from "./harness.ts";

/** Root reads and writes everything, so refusals of the system are tested as this user; anyone but root needs no change. */
const user = { uid: 1000, gid: 1000 };

it("R9: what the system refuses the owner is refused to guests, without traces", async () => {
  const folder = await makeFolder();
  await chmod(folder, 0o755);
  const program = join(folder, "program.cjs");
  await build({
    entryPoints: [join(import.meta.dirname, "fixtures/unprivileged.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "cjs",
    logLevel: "error",
  });
  // A copy of Node that this user can run, even if the repository is private.
  await copyFile(process.execPath, join(folder, "node"));
  const root = join(folder, "root");
  await mkdir(root);
  await writeFile(join(root, "shared"), "x", { mode: 0o666 });
  await chmod(join(root, "shared"), 0o664);
  const isRoot = process.getuid?.() === 0;
  // A file of somebody else, which this user may write by his group.
  if (isRoot) await chown(join(root, "shared"), 0, user.gid);
  if (isRoot) await chown(root, user.uid, user.gid);
  const options = { cwd: root, env: {}, ...(isRoot ? user : {}) };
  const { stdout } = await promisify(execFile)(join(folder, "node"), [program, root], options);
  const { uid, outcomes, mode, left } = JSON.parse(stdout);

  expect(uid).not.toBe(0);
  if (isRoot) expect(uid).toBe(1000);
  expect(outcomes).toEqual({
    "own read locked": "DENIED",
    "own stat locked": "writable false",
    [`own write ${["locked", "x", "utf8", xVersion].join(" ")}`]: "DENIED",
    "own list closed": "DENIED",
    "own read closed/a": "DENIED",
    "own delete closed true": "DENIED",
    "own list blind": "DENIED",
    "own read blind/a": "writable true",
    "own list fixed": "done",
    "own stat fixed/a": "writable true",
    [`own write fixed/a x utf8 ${xVersion}`]: "DENIED",
    "own write fixed/new x utf8 ": "DENIED",
    "own create fixed/new folder": "DENIED",
    "own rename fixed/a a": "DENIED",
    "own rename plain fixed/plain": "DENIED",
    "own delete fixed/a": "DENIED",
    "own delete fixed true": "DENIED",
    "own stat readonly": "writable false",
    [`own write readonly x utf8 ${xVersion}`]: "DENIED",
    [`own write plain x utf8 ${xVersion}`]: "done",
    [`own write shared x utf8 ${xVersion}`]: "done",
    "system read passwd": "writable false",
    "system stat passwd": "writable false",
    "system read shadow": "DENIED",
    "system stat shadow": "writable false",
    "system create waiide-test file": "DENIED",
    "system write waiide-test x utf8 ": "DENIED",
    "system rename passwd passwd-2": "DENIED",
    "system delete passwd": "DENIED",
  });
  expect((mode ?? 0) & 0o7777).toBe(0o664);
  expect(left).not.toContain(".waiide-");
  expect(left.split("\n").sort()).toEqual([
    "",
    " 755",
    "blind 111",
    "closed 0",
    "fixed 555",
    "fixed/a 644",
    "locked 0",
    "plain 640",
    "readonly 444",
    "shared 664",
  ]);
});

/** SHA-256 of `x`. */
const xVersion = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
