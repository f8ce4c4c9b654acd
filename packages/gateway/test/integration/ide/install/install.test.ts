import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, watch } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { create } from "tar";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GatewayError } from "../../../../src/base/errors.ts";
import { inspectIdeServer } from "../../../../src/ide/install/ide-server.ts";
import { type InstallOptions, installIdeServer } from "../../../../src/ide/install/install.ts";
import { codeServerProduct, machines, makeIde, ownMachine, temporaryFolder, write } from "../../../support/fake-ide.ts";
import { type FakeNpm, makeFakeNpm } from "./fake-npm.ts";

let folder: string;
/** Nothing else is in it, so that leftovers are seen. */
let place: string;
let target: string;
let npm: FakeNpm;

beforeEach(async () => {
  folder = await temporaryFolder();
  place = join(folder, "place");
  target = join(place, "ide-server");
  npm = await makeFakeNpm(folder);
});

afterEach(async () => {
  await rm(folder, { recursive: true, maxRetries: 5 });
});

function install(options: Partial<InstallOptions> = {}) {
  return installIdeServer({ from: "npm", to: target, environment: npm.environment, ...options });
}

async function failure(options: Partial<InstallOptions> = {}): Promise<GatewayError> {
  const error = await install(options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GatewayError)) throw new Error(`expected a failure, got ${String(error)}`);
  expect(error.code).toBe("INSTALL_FAILED");
  return error;
}

async function placeHolds(...names: string[]): Promise<void> {
  expect(existsSync(place) ? (await readdir(place)).sort() : []).toEqual(names);
}

async function callsOfNpm(): Promise<string[]> {
  return (await readFile(npm.calls, "utf8")).trim().split("\n");
}

describe("from npm", () => {
  test("brings, completes and compresses the server, and leaves nothing else", async () => {
    const steps: string[] = [];
    const { ideServer, outcome } = await install({
      onProgress: ({ index, total, step }) => steps.push(`${index}/${total} ${step}`),
    });
    expect(outcome).toBe("installed");
    expect(ideServer).toMatchObject({ folder: target, release: "4.139.1" });
    await placeHolds("ide-server");
    expect(await readFile(join(target, "LICENSE"), "utf8")).toBe("MIT");
    expect(existsSync(join(target, ".compressed/out/vs/code/browser/workbench/workbench.js.br"))).toBe(true);
    expect([...new Set(steps)]).toEqual([
      "1/7 Check what is needed",
      "2/7 Download code-server 4.139.1",
      "3/7 Install its modules",
      "4/7 Compile native modules",
      "5/7 Check that it runs here",
      "6/7 Compress what browsers fetch",
      "7/7 Put it in place",
    ]);
  });

  test("npm runs under our Node with its headers, without another project's settings", async () => {
    await install();
    for (const call of await callsOfNpm()) expect(call).toContain(`| ${process.version} |`);
    const headers = join(process.execPath, "../../include/node/node.h");
    if (existsSync(headers)) expect((await callsOfNpm()).at(-1)).toMatch(/nodedir=\/.* prefix=$/);
    expect((await callsOfNpm()).map((call) => call.split(" ")[0])).toEqual(["pack", "install", "install", "rebuild"]);
  });

  test("the second time it reports an installed server, and does nothing", async () => {
    await install();
    const before = await stat(target);
    const calls = await callsOfNpm();
    const steps: string[] = [];
    expect((await install({ onProgress: ({ step }) => steps.push(step) })).outcome).toBe("present");
    expect((await stat(target)).ino).toBe(before.ino);
    expect(await callsOfNpm()).toEqual(calls);
    expect(steps).toEqual([]);
  });

  test("--force installs it again", async () => {
    await install();
    const before = await stat(target);
    expect((await install({ force: true })).outcome).toBe("installed");
    expect((await stat(target)).ino).not.toBe(before.ino);
    await placeHolds("ide-server");
  });

  test("another release is replaced", async () => {
    await makeIde(target, { product: { ...codeServerProduct, codeServerVersion: "4.100.0" } });
    expect((await install()).outcome).toBe("installed");
    expect(await inspectIdeServer(target)).toMatchObject({ release: "4.139.1" });
    await placeHolds("ide-server");
  });

  test("compression that is missing is made up for, without npm", async () => {
    await install();
    await rm(join(target, ".compressed"), { recursive: true });
    expect((await install()).outcome).toBe("present");
    expect(existsSync(join(target, ".compressed/manifest.json"))).toBe(true);
  });
});

describe("failures name the step, the reason and what to do, and leave nothing behind", () => {
  test.each([
    ["pack", "npm error code ENOTFOUND", "Download code-server 4.139.1", "registry cannot be reached", "HTTPS_PROXY"],
    ["pack", "npm error code ENOSPC", "Download code-server 4.139.1", "disk is full", "Free 1.5 GB"],
    [
      "install",
      "npm error code ECONNREFUSED",
      "Install its modules",
      "registry cannot be reached",
      "Check the network",
    ],
    ["install", "npm error code EACCES", "Install its modules", "may not be written", "--to"],
    ["rebuild", "gyp ERR! build error", "Compile native modules", "does not compile", "build-essential"],
  ])("npm %s: %s", async (command, output, step, reason, advice) => {
    const error = await failure({ environment: { ...npm.environment, FAIL_AT: command, OUTPUT: output } });
    expect(error.details.step).toBe(step);
    expect(error.message).toContain(reason);
    expect(error.action).toContain(advice);
    await placeHolds();
    // And the next try, with the cause gone, succeeds.
    expect((await install()).outcome).toBe("installed");
  });

  test("what was installed before stays", async () => {
    await makeIde(target, { product: { ...codeServerProduct, codeServerVersion: "4.100.0" } });
    await failure({ environment: { ...npm.environment, FAIL_AT: "rebuild", OUTPUT: "gyp ERR!" } });
    expect(await inspectIdeServer(target)).toMatchObject({ release: "4.100.0" });
    await placeHolds("ide-server");
  });

  test("no compiler: said before anything is fetched, with the package to install", async () => {
    const programs = join(folder, "programs");
    const error = await failure({ environment: { ...npm.environment, PATH: programs } });
    expect(error.message).toContain("a C compiler, a C++ compiler, make, Python 3");
    expect(error.action).toContain("apt-get install -y build-essential python3");
    expect(existsSync(npm.calls)).toBe(false);
  });

  test("no npm", async () => {
    const error = await failure({ environment: { ...npm.environment, PATH: npm.tools } });
    expect(error.message).toContain("npm is neither on PATH nor beside Node");
  });

  test("a module that compiles to nothing", async () => {
    const error = await failure({ environment: { ...npm.environment, MODULES: join(folder, "programs") } });
    expect(error.details.step).not.toBe("Put it in place");
    await placeHolds();
  });

  test("a native module that cannot be loaded", async () => {
    const broken = join(folder, "modules/@vscode/spdlog/index.js");
    await writeFile(broken, "throw new Error('compiled against a different Node.js version');");
    const error = await failure();
    expect(error.details.step).toBe("Check that it runs here");
    expect(error.message).toContain("compiled against a different Node.js version");
    await placeHolds();
  });

  test("a folder that holds something else is never replaced", async () => {
    await write(join(target, "thesis.tex"), "years of work");
    const error = await failure();
    expect(error.message).toContain("is not empty, and what it holds is no IDE server");
    expect(await readFile(join(target, "thesis.tex"), "utf8")).toBe("years of work");
    await placeHolds("ide-server");
  });

  test("a place that cannot be made", async () => {
    await writeFile(join(folder, "file"), "");
    const error = await failure({ to: join(folder, "file/below/ide-server") });
    expect(error.details.step).toBe("Check what is needed");
  });
});

describe("from a folder or an archive", () => {
  let source: string;

  beforeEach(async () => {
    source = join(folder, "WAIIDE");
    await makeIde(source, { product: { nameShort: "WAIIDE", version: "1.100.0", commit: "abc" } });
  });

  test("a folder is copied and compressed; the original stays as it was", async () => {
    const { ideServer } = await install({ from: source });
    expect(ideServer).toMatchObject({ folder: target, distribution: { id: "waiide" }, version: "1.100.0" });
    expect(existsSync(join(target, ".compressed/manifest.json"))).toBe(true);
    expect(existsSync(join(source, ".compressed"))).toBe(false);
    await placeHolds("ide-server");
    expect((await install({ from: source })).outcome).toBe("present");
  });

  test("another build of the same version is another server", async () => {
    await install({ from: source });
    await makeIde(source, { product: { nameShort: "WAIIDE", version: "1.100.0", commit: "def" } });
    expect((await install({ from: source })).ideServer.commit).toBe("def");
  });

  test.each(["WAIIDE.tar.gz", "WAIIDE.tgz", "WAIIDE.tar"])("%s, with a folder in it", async (name) => {
    const archive = join(folder, name);
    await create({ gzip: name !== "WAIIDE.tar", cwd: folder, file: archive }, ["WAIIDE"]);
    expect((await install({ from: archive })).ideServer.distribution.id).toBe("waiide");
    await placeHolds("ide-server");
  });

  test("an archive without a folder, and one of a code-server release", async () => {
    const bare = join(folder, "bare.tar.gz");
    await create({ gzip: true, cwd: source, file: bare }, await readdir(source));
    expect((await install({ from: bare })).ideServer.version).toBe("1.100.0");

    await makeIde(join(folder, "code-server-4.139.1-linux/lib/vscode"));
    const release = join(folder, "release.tar.gz");
    await create({ gzip: true, cwd: folder, file: release }, ["code-server-4.139.1-linux"]);
    expect((await install({ from: release })).ideServer.release).toBe("4.139.1");
    await placeHolds("ide-server");
  });

  test.runIf(process.platform === "linux")("one for another architecture is refused", async () => {
    const other = ownMachine === machines.x64 ? "arm64" : "x64";
    await makeIde(source, { machine: machines[other] });
    const error = await failure({ from: source });
    expect(error.message).toContain(`built for ${other}, but this machine is ${process.arch}`);
    await placeHolds();
  });

  test("refuses what is missing, not an archive or not a VS Code server", async () => {
    expect((await failure({ from: npm.tools })).message).toContain("it is not a VS Code server");
    expect((await failure({ from: join(folder, "none") })).message).toContain("there is no ");
    await writeFile(join(folder, "server.zip"), "PK");
    expect((await failure({ from: join(folder, "server.zip") })).message).toContain("neither a folder nor a .tar.gz");
    await writeFile(join(folder, "broken.tgz"), "not compressed");
    expect((await failure({ from: join(folder, "broken.tgz") })).details.step).toContain("Unpack");
    await placeHolds();
  });

  test("an archive that would write outside is refused", async () => {
    await write(join(folder, "escaped"), "outside");
    const archive = join(folder, "evil.tgz");
    await create({ gzip: true, cwd: source, file: archive, preservePaths: true }, ["../escaped", "product.json"]);
    await failure({ from: archive });
    await placeHolds();
  });
});

describe("interrupted", () => {
  test("stopped: npm ends, all that was made is removed", async () => {
    const stop = new AbortController();
    const hanging = appears(folder, "calls.hanging");
    const running = install({ environment: { ...npm.environment, HANG_AT: "install" }, signal: stop.signal });
    await hanging;
    const pid = Number(await readFile(`${npm.calls}.hanging`, "utf8"));
    stop.abort(new Error("stopped by the user"));
    await expect(running).rejects.toThrow("stopped by the user");
    await placeHolds();
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  test("killed: the next try removes what was left, and succeeds", async () => {
    const { pid, ended } = await hangingInstall();
    process.kill(pid, "SIGKILL");
    await ended;
    await placeHolds(`ide-server.installing-${pid}`, "ide-server.lock");
    expect((await install()).outcome).toBe("installed");
    await placeHolds("ide-server");
  });

  test("killed between the last renames: the old server is restored first", async () => {
    await makeIde(`${target}.replaced-99999999`, { product: { ...codeServerProduct, codeServerVersion: "4.100.0" } });
    await failure({ environment: { ...npm.environment, FAIL_AT: "pack", OUTPUT: "npm error code ENOTFOUND" } });
    expect(await inspectIdeServer(target)).toMatchObject({ release: "4.100.0" });
    await placeHolds("ide-server");
  });

  test("two at once: the second names the first, and disturbs nothing", async () => {
    const { pid, ended } = await hangingInstall();
    const error = await failure();
    expect(error.message).toContain(`another installation into the same folder is under way (process ${pid}`);
    await placeHolds(`ide-server.installing-${pid}`, "ide-server.lock");
    process.kill(pid, "SIGKILL");
    await ended;
  });

  test("two at once in one process", async () => {
    const [one, other] = await Promise.allSettled([install(), install()]);
    expect([one.status, other.status].sort()).toEqual(["fulfilled", "rejected"]);
    await placeHolds("ide-server");
  });

  test("a silent lock of another machine does not count; a fresh one does", async () => {
    await mkdir(place);
    const lock = `${target}.lock`;
    await writeFile(lock, JSON.stringify({ pid: 1, host: `not-${hostname()}` }));
    expect((await failure()).message).toContain(`process 1 on not-${hostname()}`);
    await utimes(lock, 1e9, 1e9);
    expect((await install()).outcome).toBe("installed");
    await placeHolds("ide-server");
  });

  async function hangingInstall() {
    const hanging = appears(folder, "calls.hanging");
    const child = spawn(process.execPath, [join(import.meta.dirname, "install-once.ts"), "npm", target], {
      env: { ...npm.environment, HANG_AT: "install" },
      stdio: "ignore",
    });
    await hanging;
    return { pid: child.pid ?? 0, ended: once(child, "exit") };
  }
});

/** Resolves when a file of that name appears in the folder. */
async function appears(where: string, name: string): Promise<void> {
  const watcher = watch(where);
  try {
    for (;;) {
      if (existsSync(join(where, name))) return;
      await once(watcher, "change");
    }
  } finally {
    watcher.close();
  }
}
