import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { GatewayError } from "../../../src/base/errors.ts";
import { distributions } from "../../../src/ide/install/distributions.ts";
import type { IdeServer } from "../../../src/ide/install/ide-server.ts";
import { IdeProcess, type IdeProcessConfig, type IdeTiming } from "../../../src/ide/server/process.ts";
import { ChildProcesses } from "../../../src/system/child-process.ts";
import { listProcesses } from "../../../src/system/process-tree.ts";

const mainScript = join(import.meta.dirname, "fixtures", "server-main.cjs");
const server = { mainScript, node: process.execPath, distribution: distributions.at(-1) } as IdeServer;
/** For what must come about, on a machine that may be busy. */
const patience = { timeout: 60_000, interval: 20 };
const quick: Partial<IdeTiming> = { firstWait: 20, maxWait: 40, grace: 500, startLimit: 20_000 };

let root: string;
let ide: IdeProcess | undefined;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "waiide-process-"));
  await mkdir(join(root, "workspace"));
});
afterEach(async () => {
  await ide?.close();
  await rm(root, { recursive: true, force: true });
});

interface Changes {
  readonly config?: Partial<IdeProcessConfig>;
  readonly environment?: Record<string, string>;
  readonly timing?: Partial<IdeTiming>;
  readonly inspect?: () => Promise<IdeServer | GatewayError>;
}

function create({ config, environment, timing, inspect }: Changes = {}): IdeProcess {
  ide = new IdeProcess({
    config: {
      workspace: join(root, "workspace"),
      dataFolder: join(root, "data"),
      ideListen: "unix",
      telemetry: false,
      workspaceTrust: false,
      disableFileDownloads: false,
      disableFileUploads: false,
      extensions: [],
      ...config,
    },
    inspect: inspect ?? (() => Promise.resolve(server)),
    socketPath: join(root, "ide.sock"),
    environment: { PATH: process.env.PATH ?? "", ...environment },
    children: new ChildProcesses(),
    logger: pino({ enabled: false }),
    timing: { ...quick, ...timing },
  });
  return ide;
}

function until(process: IdeProcess, state: string): Promise<void> {
  return vi.waitFor(() => expect(process.status.state).toBe(state), patience);
}

const isRunning = (pid: number) => listProcesses().some((one) => one.pid === pid && !one.ended);
const pidFrom = async (name: string) => Number(await readFile(join(root, "data", name), "utf8"));
const runs = async () => (await readFile(join(root, "data", "runs.txt"), "utf8")).trim().split("\n");

describe("starting", () => {
  test("ready once it answers, on a private socket", async () => {
    const process = create();
    process.start();
    expect(process.status).toMatchObject({ state: "starting", restarts: 0 });
    await process.whenReady();
    expect(process.status).toMatchObject({ state: "ready", phase: "ready", restarts: 0 });
    expect((await stat(join(root, "ide.sock"))).mode & 0o777).toBe(0o600);
    expect(process.status.log).toContain("Extension host agent listening");
  });

  test("on a port, with the arguments that WAIIDE is started with", async () => {
    const free = createServer();
    await once(free.listen(0, "127.0.0.1"), "listening");
    const { port } = free.address() as AddressInfo;
    free.close();
    await once(free, "close");
    const process = create({ config: { ideListen: { host: "127.0.0.1", port } } });
    process.start();
    await process.whenReady();
    expect((await runs())[0]).toContain(`--host 127.0.0.1 --port ${port} --without-connection-token`);
    expect((await runs())[0]).toMatch(/workspace$/);
  });

  test("a port of another program is named, and its answer is not taken for ours", async () => {
    const other = createServer((socket) => socket.end());
    await once(other.listen(0, "127.0.0.1"), "listening");
    const { port } = other.address() as AddressInfo;
    const process = create({ config: { ideListen: { host: "127.0.0.1", port } } });
    process.start();
    await expect(process.whenReady()).rejects.toMatchObject({ code: "IDE_PORT_BUSY", details: { port } });
    other.close();
  });

  test.each([
    ["does not exist", (folder: string) => join(folder, "nowhere")],
    ["is not a folder", (folder: string) => join(folder, "file")],
  ])("a workspace that %s is reported plainly", async (reason, name) => {
    await writeFile(join(root, "file"), "");
    const process = create({ config: { workspace: name(root) } });
    process.start();
    await until(process, "failed");
    expect(process.error).toMatchObject({ code: "WORKSPACE_MISSING", details: { reason } });
    expect(process.status.phase).toContain(reason);
  });

  test("a missing server is reported plainly; a restart checks again", async () => {
    let found: IdeServer | GatewayError = new GatewayError("IDE_MISSING", { folder: "/nowhere" });
    const process = create({ inspect: () => Promise.resolve(found) });
    process.start();
    await until(process, "failed");
    expect(process.error?.code).toBe("IDE_MISSING");
    found = server;
    await process.restart();
    await process.whenReady();
    expect(process.error).toBeUndefined();
  });
});

describe("R22 dying and restarting", () => {
  test("it restarts when it dies", async () => {
    const process = create();
    process.start();
    await process.whenReady();
    await expect(process.backend.request({ path: "/crash", method: "GET" })).rejects.toThrow();
    await until(process, "starting");
    await process.whenReady();
    expect(process.status.restarts).toBe(1);
    expect(process.status.log).toContain("The IDE server ended with exit code 4.");
  });

  test("a crash loop ends after five deaths, with its last words, until somebody asks", async () => {
    const process = create({ environment: { FAKE_CRASH: "1" } });
    process.start();
    await until(process, "failed");
    expect(await runs()).toHaveLength(5);
    expect(process.status.phase).toContain("ended 5 times within 120 s; the last time it ended with exit code 3");
    expect(process.status.log).toContain("Fatal: no luck today");
    await process.restart();
    expect(process.status.state).toBe("starting");
    await until(process, "failed");
    expect(await runs()).toHaveLength(10);
  });

  test("one that never answers is ended and counts as dead", async () => {
    const mute = join(root, "mute.cjs");
    await writeFile(mute, "setInterval(() => {}, 1000)");
    const timing = { startLimit: 300, crashes: 1 };
    const process = create({ timing, inspect: () => Promise.resolve({ ...server, mainScript: mute }) });
    process.start();
    await until(process, "failed");
    expect(process.status.log).toContain("The IDE server did not answer within 0.3 s.");
  });

  test("requests to restart at the same time start it once", async () => {
    const process = create();
    process.start();
    await process.whenReady();
    await Promise.all([process.restart(), process.restart(), process.restart()]);
    await process.whenReady();
    expect(await runs()).toHaveLength(2);
  });
});

describe("R22 ending", () => {
  test("nothing remains: no server, no shell that ignores hang-ups, no child of it", async () => {
    const process = create({ environment: { FAKE_SHELL: "1", FAKE_STUBBORN: "1" } });
    process.start();
    await process.whenReady();
    const pids = await vi.waitFor(async () => {
      const found = [await pidFrom("shell.pid"), await pidFrom("sleep.pid")];
      expect(found.every((pid) => pid > 0 && isRunning(pid))).toBe(true);
      return found;
    }, patience);
    await process.close();
    expect(pids.filter(isRunning)).toEqual([]);
    expect(process.status.state).toBe("stopped");
    expect(listProcesses().filter((one) => one.parent === globalThis.process.pid && !one.ended)).toEqual([]);
  });

  test("closing during a wait, during a start, twice, or before the start", async () => {
    const waiting = create({ environment: { FAKE_CRASH: "1" }, timing: { firstWait: 60_000 } });
    waiting.start();
    await vi.waitFor(() => expect(waiting.status.phase).toMatch(/^starting again in 60 s/), patience);
    await waiting.close();
    const starting = create();
    starting.start();
    await starting.close();
    await starting.close();
    expect(starting.status.state).toBe("stopped");
    await expect(starting.whenReady()).rejects.toMatchObject({ code: "IDE_FAILED" });
    await create().close();
  });
});

describe("extensions before the page opens", () => {
  test("missing ones are installed, installed ones skipped; a failing one stops nothing", async () => {
    await mkdir(join(root, "data", "extensions"), { recursive: true });
    const there = [{ identifier: { id: "there.Already" }, version: "2.0.0" }];
    await writeFile(join(root, "data", "extensions", "extensions.json"), JSON.stringify(there));
    const extensions = ["There.already", "broken.extension", "new.extension", join(root, "no.vsix")];
    const process = create({ config: { extensions } });
    const phases: string[] = [];
    process.on("change", () => phases.push(process.status.phase));
    process.start();
    await process.whenReady();
    const installs = (await runs()).flatMap((run) => /--install-extension (\S+)/.exec(run)?.[1] ?? []);
    expect(installs).toEqual(["broken.extension", "new.extension"]);
    expect(phases).toContain("installing extension broken.extension (1 of 3)");
    expect(phases).toContain("installing extension new.extension (2 of 3)");
    expect(process.status.log).toContain(
      "The extension broken.extension could not be installed: it ended with exit code 1: Extension 'broken.extension' not found.",
    );
    expect(process.status.failed_extensions).toEqual([
      { name: "broken.extension", reason: "it ended with exit code 1: Extension 'broken.extension' not found." },
      { name: join(root, "no.vsix"), reason: expect.stringContaining("ENOENT") },
    ]);
    expect(process.status.log.join("\n")).toMatch(/no\.vsix could not be installed: ENOENT/);
  });
});

test("R4 it gets the environment it is given, and nothing of ours", async () => {
  vi.stubEnv("JUPYTERHUB_API_TOKEN", "secret-of-the-hub");
  const process = create({ environment: { KEPT: "yes" } });
  process.start();
  await process.whenReady();
  const { body } = await process.backend.request({ path: "/", method: "GET" });
  const environment = (await body.json()) as Record<string, string>;
  expect(environment.KEPT).toBe("yes");
  expect(JSON.stringify(environment)).not.toContain("secret-of-the-hub");
  vi.unstubAllEnvs();
});
