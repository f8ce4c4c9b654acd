import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const module = resolve(import.meta.dirname, "../../../src/hub/exposure.ts");
const user = 1000;

/** What a process says of itself that became another user in the given way before it looked. */
async function lookAs(script: string, options: { uid?: number; gid?: number } = {}) {
  const code = `${script}
    const { exposureOf, exposureSigns } = await import(${JSON.stringify(module)});
    process.stdout.write(JSON.stringify({ uid: process.getuid(), exposed: exposureOf(exposureSigns(false)) ?? null }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code], {
    ...options,
    env: { JUPYTERHUB_API_TOKEN: "secret" },
    cwd: "/",
  });
  return JSON.parse(stdout) as { uid: number; exposed: string | null };
}

/** Loaded as root: a user without rights may not be able to read the repository. */
const loaded = `await import(${JSON.stringify(module)});`;

it("R4: the kernel hides a process that dropped root from the user's programs", async () => {
  expect(process.getuid?.(), "this test needs root").toBe(0);
  const dropped = await lookAs(`${loaded} process.setgroups([]); process.setgid(${user}); process.setuid(${user});`);
  expect(dropped).toEqual({ uid: user, exposed: null });
});

it("R4: a process of root is not hidden", async () => {
  expect((await lookAs("")).exposed).toContain("root");
});
