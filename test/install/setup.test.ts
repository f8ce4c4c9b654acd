import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, watch } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findProgram } from "../../packages/gateway/src/system/programs.ts";
import { workbenchBundle } from "../../scripts/product/bundles.ts";
import { processesBelow } from "../support/processes.ts";

/** Stands in for npm: installs one package, as npm does with its own lock file last. */
const npm = `#!/bin/sh
echo "npm $1" >> "$CALLS"
if [ "$FAIL" = npm ]; then rm -rf node_modules; mkdir node_modules; echo "npm error code $CODE" >&2; exit 1; fi
mkdir -p node_modules/thing
echo '{}' > node_modules/thing/package.json
if [ "$HANG" = npm ]; then echo $$ > "$CALLS.new"; mv "$CALLS.new" "$CALLS.hanging"; exec sleep 600; fi
cp package-lock.json node_modules/.package-lock.json
`;

const build = `import { appendFileSync, mkdirSync } from "node:fs";
appendFileSync(process.env.CALLS, "build\\n");
mkdirSync("packages/gateway/dist", { recursive: true });
if (process.env.FAIL === "build") { console.error("unexpected token"); process.exit(1); }
`;

const buildExtension = `import { appendFileSync } from "node:fs";
appendFileSync(process.env.CALLS, "build extension\\n");
`;

const buildWorkbench = `import { appendFileSync } from "node:fs";
appendFileSync(process.env.CALLS, "build workbench\\n");
`;

const launcher = `#!/bin/sh
echo "waiide $*" >> "$CALLS"
if [ "$1" = ide ]; then
  if [ "$FAIL" = ide ]; then echo "a C compiler is missing" >&2; exit 1; fi
  mkdir -p "$HOME/.local/share/waiide/ide-server/.compressed"
  touch "$HOME/.local/share/waiide/ide-server/product.json" "$HOME/.local/share/waiide/ide-server/.compressed/manifest.json"
  exit 0
fi
trap 'echo stopped' TERM
trap 'echo interrupted; exit 7' INT
echo "started in $PWD with lifecycle=$npm_lifecycle_event PATH=$PATH"
while :; do sleep 0.05; done
`;

const repository = resolve(import.meta.dirname, "../..");
let folder: string;
let environment: NodeJS.ProcessEnv;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "waiide-setup-")));
  await cp(join(repository, "scripts"), join(folder, "scripts"), { recursive: true });
  await write("package.json", '{ "type": "module" }');
  const lock = { packages: { "": {}, "node_modules/thing": { version: "1.0.0" } } };
  await write("package-lock.json", JSON.stringify(lock));
  for (const name of ["extension", "gateway", "protocol", "workbench"]) {
    await write(`packages/${name}/package.json`, "{}");
    await write(`packages/${name}/src/index.ts`, "export {};");
  }
  await write("packages/gateway/build.mjs", build);
  await write("packages/extension/build.mjs", buildExtension);
  for (const name of ["package.nls.json", "l10n/bundle.l10n.json", "media/shares.svg"]) {
    await write(`packages/extension/${name}`, "");
  }
  await write("packages/workbench/build/build.ts", buildWorkbench);
  for (const name of workbenchBundle.files) await write(join("packages/workbench", name), "");
  await write("packages/gateway/warm.mjs", "");
  await write("packages/gateway/start.cjs", "");
  await write("packages/gateway/bin/waiide", launcher, 0o755);
  await write("programs/npm", npm, 0o755);
  environment = {
    PATH: `${join(folder, "programs")}:${dirname(process.execPath)}:/usr/bin:/bin`,
    HOME: join(folder, "home"),
    CALLS: join(folder, "calls"),
  };
});

afterEach(async () => {
  await rm(folder, { recursive: true, maxRetries: 5 });
});

async function write(path: string, content: string, mode = 0o644): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  await chmod(file, mode);
}

function start(script: string, more: NodeJS.ProcessEnv = {}, args: readonly string[] = []) {
  return spawn(process.execPath, ["scripts/bootstrap/run.mjs", join("scripts", script), ...args], {
    cwd: folder,
    env: { ...environment, ...more },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function setUp(more: NodeJS.ProcessEnv = {}) {
  const child = start("setup.ts", more);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { stdout, stderr, code: code as number | null };
}

/** The calls since the last call of this function. */
async function calls(): Promise<string[]> {
  const lines = (await readFile(join(folder, "calls"), "utf8").catch(() => "")).trim();
  await writeFile(join(folder, "calls"), "");
  return lines === "" ? [] : lines.split("\n");
}

/** Waits for a file to appear in the folder. */
async function contentOnceThere(name: string): Promise<string> {
  const watcher = watch(folder);
  try {
    while (!existsSync(join(folder, name))) await once(watcher, "change");
    return await readFile(join(folder, name), "utf8");
  } finally {
    watcher.close();
  }
}

const everything = ["npm ci", "build", "build extension", "build workbench", "waiide ide install"];

describe("npm run setup", () => {
  test("does everything once, and nothing a second time", async () => {
    const first = await setUp();
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining("Ready.") });
    expect(first.stderr).toMatch(/Install dependencies \(npm ci\): done \(\d+ s\)/);
    expect(await calls()).toEqual(everything);
    expect(await setUp()).toMatchObject({ code: 0, stderr: "" });
    expect(await calls()).toEqual([]);
  });

  test.each([
    ["ENOTFOUND", "registry cannot be reached", "HTTPS_PROXY"],
    ["ENOSPC", "disk is full", "Free about 3 GB"],
    ["EACCES", "may not be written", "this user's"],
  ])("npm fails with %s: said with what to do, and the next try recovers", async (code, reason, advice) => {
    const failed = await setUp({ FAIL: "npm", CODE: code });
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain(reason);
    expect(failed.stderr).toContain(advice);
    expect(await calls()).toEqual(["npm ci"]);
    expect((await setUp()).code).toBe(0);
    expect(await calls()).toEqual(everything);
  });

  test("killed half-way through npm ci: the next try does it again", async () => {
    const child = start("setup.ts", { HANG: "npm" });
    const npmProcess = Number(await contentOnceThere("calls.hanging"));
    child.kill("SIGKILL");
    await once(child, "exit");
    process.kill(npmProcess, "SIGKILL");
    await calls();
    expect((await setUp()).code).toBe(0);
    expect(await calls()).toEqual(everything);
  });

  test("a failed build is repeated, and so is a failed installation of an IDE server", async () => {
    expect(await setUp({ FAIL: "build" })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("unexpected token"),
    });
    await calls();
    const failed = await setUp({ FAIL: "ide" });
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining("a C compiler is missing") });
    expect(failed.stderr).toContain("WAIIDE_SERVER_ROOT");
    expect(await calls()).toEqual(["build", "build extension", "build workbench", "waiide ide install"]);
    expect((await setUp()).code).toBe(0);
    expect(await calls()).toEqual(["build", "waiide ide install"]);
  });

  test("changed sources are built again; changed dependencies are installed again", async () => {
    await setUp();
    await calls();
    await write("packages/protocol/src/index.ts", "export const changed = true;");
    await setUp();
    expect(await calls()).toEqual(["build", "build extension", "build workbench", "waiide ide install"]);
    await write("package-lock.json", JSON.stringify({ packages: { "node_modules/thing": { version: "2.0.0" } } }));
    await setUp();
    expect(await calls()).toEqual(everything);
  });

  test("an IDE server of one's own is not replaced", async () => {
    expect((await setUp({ WAIIDE_SERVER_ROOT: "/somewhere" })).code).toBe(0);
    expect(await calls()).toEqual(["npm ci", "build", "build extension", "build workbench"]);
  });

  test("no npm", async () => {
    const failed = await setUp({ PATH: dirname(process.execPath) });
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining("npm is not on PATH") });
  });
});

describe("npm start", () => {
  test("a signal that comes as soon as waiide runs reaches it, and leaves nothing behind", async () => {
    await setUp();
    const eager = `#!/bin/sh
trap 'exit 7' TERM
kill -TERM $PPID
while :; do sleep 0.05; done
`;
    await write("packages/gateway/bin/waiide", eager, 0o755);
    // Each attempt hits the moment right after the start only by chance.
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const child = start("start.ts");
      child.stdout.resume();
      child.stderr.resume();
      const [code, signal] = await once(child, "exit");
      const left = await processesBelow(join(folder, "home"));
      for (const { pid } of left) process.kill(pid, "SIGKILL");
      expect({ code, signal, left }).toEqual({ code: 7, signal: null, left: [] });
    }
  });

  test("a signal to npm itself reaches waiide", async () => {
    await setUp();
    const { scripts } = JSON.parse(await readFile(join(repository, "package.json"), "utf8")) as { scripts: object };
    await write("package.json", JSON.stringify({ type: "module", scripts }));
    const child = spawn(findProgram("npm", process.env) ?? "npm", ["start"], {
      cwd: folder,
      env: environment,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    let output = "";
    for await (const chunk of child.stdout.setEncoding("utf8")) {
      const before = output;
      output += String(chunk);
      const isNew = (word: string) => output.includes(word) && !before.includes(word);
      if (isNew("started")) child.kill("SIGTERM");
      if (isNew("stopped")) child.kill("SIGINT");
    }
    await exited;
    expect(output).toMatch(/started in .*\nstopped\ninterrupted\n$/);
    expect(await processesBelow(join(folder, "home"))).toEqual([]);
  });

  test("starts waiide with its arguments and environment; signals and exit code pass", async () => {
    const bin = join(folder, "node_modules/.bin");
    const more = { npm_lifecycle_event: "start", INIT_CWD: "/", PATH: `${bin}:${environment.PATH}` };
    const child = start("start.ts", more, ["--port", "9000"]);
    let output = "";
    let sent = false;
    let interrupted = false;
    for await (const chunk of child.stdout.setEncoding("utf8")) {
      output += String(chunk);
      if (!sent && output.includes("started")) {
        sent = true;
        // A terminal and npm send it twice in a row, which counts once.
        child.kill("SIGTERM");
        child.kill("SIGTERM");
      }
      if (!interrupted && output.includes("stopped")) interrupted = child.kill("SIGINT");
    }
    const code = child.exitCode ?? (await once(child, "exit"))[0];
    expect(output).toBe(`started in / with lifecycle= PATH=${environment.PATH}\nstopped\ninterrupted\n`);
    expect(code).toBe(7);
    expect(await calls()).toEqual([...everything, "waiide --port 9000"]);
  });
});
