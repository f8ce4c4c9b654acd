import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmod, chown, copyFile, cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "waiide-unreadable-"));
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Outcome {
  readonly uid: number;
  readonly before: readonly string[];
  readonly readable: readonly string[];
  readonly killed: number;
  readonly left: readonly unknown[];
  readonly after: readonly string[];
  readonly unjudged: readonly string[];
  readonly unjudgedWithoutLimits: readonly string[];
}

/** Runs the fixture as a user without rights, with a `sleep` that may be executed but not read. */
async function endShare(): Promise<Outcome> {
  await cp(join(import.meta.dirname, "../../../../src"), join(folder, "src"), { recursive: true });
  await copyFile(join(import.meta.dirname, "fixtures/unreadable-processes.ts"), join(folder, "run.ts"));
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  await copyFile(process.execPath, join(folder, "node"));
  await copyFile("/bin/sleep", join(folder, "sleep"));
  await chmod(join(folder, "sleep"), 0o111);
  const asRoot = process.getuid?.() === 0;
  if (asRoot) await chown(folder, 1000, 1000);
  const args = [join(folder, "run.ts"), join(folder, "src"), folder, randomUUID()];
  const { stdout } = await promisify(execFile)(join(folder, "node"), args, {
    cwd: folder,
    env: { PATH: process.env.PATH },
    ...(asRoot ? { uid: 1000, gid: 1000 } : {}),
  });
  return JSON.parse(stdout);
}

describe("R16 processes that hide their environment", () => {
  test("end with the share: execute-only, undumpable and cleared programs", async () => {
    const outcome = await endShare();
    expect(outcome.uid).toBeGreaterThan(0);
    expect(outcome.before).toEqual(["executeOnly", "undumpable", "cleared", "ownersOwn", "changed"]);
    expect(outcome.readable).toEqual([]);
    expect(outcome).toMatchObject({ killed: 3, left: [], after: ["ownersOwn", "changed"] });
    // Only a process that changed its limit leaves a doubt; without prlimit every unreadable one does.
    expect(outcome.unjudged).toEqual(["changed"]);
    expect(outcome.unjudgedWithoutLimits).toEqual(["ownersOwn", "changed"]);
  });
});
