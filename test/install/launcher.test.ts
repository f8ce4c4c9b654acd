import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  realpath,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const repository = resolve(import.meta.dirname, "../..");
const launcher = join(repository, "packages/gateway/bin/waiide");
const bundledNode = join(repository, `node_modules/node-linux-${process.arch}`);

/** Stands in for the gateway: says who it is, and stays until its standard input ends. */
const bundle = `console.log(JSON.stringify({
  pid: process.pid, parent: process.ppid, version: process.versions.node, arguments: process.argv.slice(2)
}));
process.stdin.resume();
`;

let folder: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "waiide-launcher-")));
});

afterEach(async () => {
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  await rm(folder, { recursive: true });
});

async function write(file: string, content: string, mode = 0o644): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  await chmod(file, mode);
  return file;
}

/** The launcher in a repository of its own. */
async function install({ built = true, withNode = true } = {}): Promise<string> {
  const copy = join(folder, "repository/packages/gateway/bin/waiide");
  await mkdir(dirname(copy), { recursive: true });
  await copyFile(launcher, copy);
  if (built) await write(join(folder, "repository/packages/gateway/dist/waiide.cjs"), bundle);
  if (withNode) {
    await mkdir(join(folder, "repository/node_modules"));
    await symlink(bundledNode, join(folder, "repository/node_modules", `node-linux-${process.arch}`));
  }
  return copy;
}

/** A PATH whose `node` is a program that claims to be of that version, as systems have an old one. */
async function pathWithNode(version: string | undefined): Promise<string> {
  const programs = join(folder, "programs");
  await mkdir(programs);
  for (const tool of ["sh", "dirname", "readlink", "uname"]) {
    await symlink(
      execFileSync("/bin/sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).trim(),
      join(programs, tool),
    );
  }
  if (version !== undefined) {
    const script = `#!/bin/sh
[ "$1" = -p ] || { echo "an old node was started" >&2; exit 99; }
case $2 in *split*) echo ${version.split(".")[0]} ;; *) echo ${version} ;; esac
`;
    await write(join(programs, "node"), script, 0o755);
  }
  return programs;
}

interface Greeting {
  readonly pid: number;
  readonly parent: number;
  readonly version: string;
  readonly arguments: readonly string[];
}

async function greeted(
  command: string,
  args: readonly string[],
  options: { PATH: string; cwd: string },
): Promise<Greeting> {
  const started = spawn(command, args, {
    cwd: options.cwd,
    env: { PATH: options.PATH },
    stdio: ["pipe", "pipe", "inherit"],
  });
  child = started;
  const [chunk] = await once(started.stdout, "data");
  return JSON.parse(String(chunk)) as Greeting;
}

describe("R22 the launcher", () => {
  test("becomes the gateway: no parent process remains, with any link or old Node", async () => {
    const target = await install();
    const PATH = await pathWithNode("20.1.0");
    const elsewhere = join(folder, "else where");
    await mkdir(join(elsewhere, "bin"), { recursive: true });
    await symlink(target, join(elsewhere, "first"));
    await symlink("../first", join(elsewhere, "bin/second"));
    await symlink(join(elsewhere, "bin/second"), join(folder, "waiide"));

    const greeting = await greeted("../waiide", ["--port", "9000", "a b", ""], { PATH, cwd: elsewhere });
    expect(greeting.pid).toBe(child?.pid);
    expect(greeting.parent).toBe(process.pid);
    expect(greeting.arguments).toEqual(["--port", "9000", "a b", ""]);
    expect(await readlink(`/proc/${greeting.pid}/exe`)).toBe(await realpath(join(bundledNode, "bin/node")));

    // The signal that a hub sends reaches the gateway itself.
    child?.kill("SIGTERM");
    const [, signal] = await once(child as ChildProcess, "exit");
    expect(signal).toBe("SIGTERM");
  });

  test("takes the system's Node where none was installed and that one is new enough", async () => {
    const target = await install({ withNode: false });
    const PATH = await pathWithNode(undefined);
    await symlink(process.execPath, join(PATH, "node"));
    const greeting = await greeted(target, [], { PATH, cwd: folder });
    expect(greeting.pid).toBe(child?.pid);
    expect(greeting.version).toBe(process.versions.node);
  });

  test.each([
    ["20.19.2", "the one on PATH is version 20.19.2"],
    [undefined, "there is none on PATH"],
  ])("refuses where the only Node is %s, and says what to do", async (version, said) => {
    const target = await install({ withNode: false });
    const { status, stderr } = spawnSync(target, [], { env: { PATH: await pathWithNode(version) }, encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toContain(`Node 24 or newer is needed; ${said}.`);
    expect(stderr).toContain("--omit=optional");
  });

  test("refuses where nothing was built, and says what to do", async () => {
    const target = await install({ built: false });
    const { status, stderr } = spawnSync(target, [], { encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toContain("dist/waiide.cjs is missing");
    expect(stderr).toContain("npm run setup");
  });

  test("in this repository: node_modules/.bin/waiide works from another folder", async () => {
    const { status, stdout, stderr } = spawnSync(join(repository, "node_modules/.bin/waiide"), ["--version"], {
      cwd: folder,
      env: { PATH: await pathWithNode("20.1.0") },
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

test("the built gateway is plain ASCII, which V8 keeps in one byte a character", async () => {
  const built = await readFile(join(repository, "packages/gateway/dist/gateway.cjs"), "latin1");
  expect(/[^\0-\x7f].*/.exec(built)?.[0]).toBeUndefined();
});
