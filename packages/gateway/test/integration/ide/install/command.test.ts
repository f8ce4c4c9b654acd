import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../support/fake-ide.ts";
import { type FakeNpm, makeFakeNpm } from "./fake-npm.ts";

let folder: string;
let npm: FakeNpm;

beforeEach(async () => {
  folder = await temporaryFolder();
  npm = await makeFakeNpm(folder);
});

afterEach(async () => {
  await rm(folder, { recursive: true, maxRetries: 5 });
});

function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  return spawn(process.execPath, [join(import.meta.dirname, "command-line.ts"), ...args], {
    env: { ...npm.environment, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function run(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const child = start(args, environment);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { stdout, stderr, code: code as number | null };
}

describe("waiide ide install", () => {
  test("installs code-server where waiide looks for it, and says each step", async () => {
    const { stdout, stderr, code } = await run(["install"]);
    const target = join(folder, ".local/share/waiide/ide-server");
    expect(code).toBe(0);
    expect(stdout).toBe(`code-server 4.139.1 (VS Code 1.139.1) is installed in ${target}.\n`);
    expect(stderr).toContain("[4/7] Compile native modules …\n");
    expect(stderr).toMatch(/\[7\/7\] Put it in place: done \(\d+\.\d s\)\n$/);
    expect(existsSync(join(target, "product.json"))).toBe(true);

    const again = await run(["install"]);
    expect(again).toMatchObject({ code: 0, stderr: "" });
    expect(again.stdout).toContain("is installed already");
  });

  test("--to: says how to start an IDE server from there", async () => {
    const target = join(folder, "elsewhere");
    const { stdout } = await run(["install", "--to", target]);
    expect(stdout).toContain(`waiide --ide-server ${target}`);
  });

  test("a failure: exit code 1, the reason and what to do", async () => {
    const { stdout, stderr, code } = await run(["install"], { FAIL_AT: "pack", OUTPUT: "npm error code EAI_AGAIN" });
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("Download code-server 4.139.1: failed");
    expect(stderr).toContain("the npm registry cannot be reached");
    expect(stderr).toContain("HTTPS_PROXY");
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s: stops, removes what it made, exit code %d", async (signal, expected) => {
    const child = start(["install", "--to", join(folder, "place/ide")], { HANG_AT: "install" });
    const output = text(child.stdout);
    let errors = "";
    let sent = false;
    for await (const chunk of child.stderr.setEncoding("utf8")) {
      errors += String(chunk);
      if (!sent && errors.includes("Install its modules …")) sent = child.kill(signal);
    }
    const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
    expect(code).toBe(expected);
    expect(errors).toContain("Stopped.");
    expect(await output).toBe("");
    expect(await readdir(join(folder, "place"))).toEqual([]);
  });
});
