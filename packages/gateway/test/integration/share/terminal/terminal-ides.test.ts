import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { access, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { GatewayError } from "../../../../src/base/errors.ts";
import { Ide } from "../../../../src/ide/ide.ts";
import type { TerminalIdeTiming } from "../../../../src/share/terminal/terminal-ide.ts";
import { TerminalIdes } from "../../../../src/share/terminal/terminal-ides.ts";
import { ChildProcesses } from "../../../../src/system/child-process.ts";
import { markedProcesses } from "../../../../src/system/marked-processes.ts";
import { isRunning, ownersConfig, pidFrom, quiet, runInside } from "../../../support/terminal-shares.ts";
import { ensureTmux } from "../../../support/tmux.ts";

const secrets = {
  WAIIDE_CONTROL_SOCKET: "/run/another/control.sock",
  WAIIDE_COMMAND_FOLDER: "/home/another/bin",
  JUPYTERHUB_API_TOKEN: "0123456789abcdef0123456789abcdef",
  JPY_API_TOKEN: "0123456789abcdef0123456789abcdef",
  WAIIDE_TOKEN: "fedcba9876543210fedcba9876543210",
};

/** Ways to start something that outlives its terminal; each writes its process id into a file of its name. */
const hidden = {
  setsid: "setsid sh -c 'echo $$ > setsid; exec sleep 600' &",
  nohup: "nohup sh -c 'echo $$ > nohup; exec sleep 600' > /dev/null 2>&1 &",
  daemon: "(setsid sh -c '(sleep 600 & echo $! > daemon)' &)",
  tmux: 'tmux -S "$PWD/tmux.sock" -f /dev/null new-session -d "echo \\$\\$ > tmux; sleep 600; :"',
};
const everyWay = `cd "$HOME"\n${Object.values(hidden).join("\n")}\n`;

let root: string;
let share: { id: string; root: string };
let ides: TerminalIdes;
let told: [string, number][];

beforeAll(ensureTmux, 300_000);
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "waiide-terminal-")));
  await mkdir(join(root, "project"));
  share = { id: randomUUID(), root: join(root, "project") };
  told = [];
  for (const [name, value] of Object.entries({ ...secrets, HOME: root })) vi.stubEnv(name, value);
});
afterEach(async () => {
  await ides?.close();
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});

async function create(timing: Partial<TerminalIdeTiming> = {}): Promise<TerminalIdes> {
  ides = new TerminalIdes({
    config: await ownersConfig(root),
    children: new ChildProcesses(),
    logger: quiet,
    runtimeFolder: root,
    folder: join(root, "gateway"),
    onKilled: (id, killed) => told.push([id, killed]),
    timing,
  });
  return ides;
}

const dataFolder = () => join(root, "gateway", "terminal", share.id);
const runs = async () => (await readFile(join(dataFolder(), "runs.txt"), "utf8")).trim().split("\n");
const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
const pidsOfAll = () => Promise.all(Object.keys(hidden).map((name) => pidFrom(join(root, name))));
const mark = () => `WAIIDE_SHARE=${share.id}` as const;

async function get(ide: Ide, path: string): Promise<string> {
  await ide.process.whenReady();
  const { body } = await ide.process.backend.request({ path, method: "GET" });
  return body.text();
}

describe("R16 the server of a Terminal Access share", () => {
  test("starts once, on a private socket, with its own data, in the share's root", async () => {
    const ide = (await create()).ide(share);
    expect(() => ide.requireReady()).toThrow(expect.objectContaining({ code: "IDE_STARTING" }));
    expect(ides.ide(share)).toBe(ide);
    await ide.process.whenReady();
    expect(ides.list()).toEqual([{ share: share.id, root: share.root, state: "ready" }]);
    const [socket = ""] = (await readdir(root)).filter((name) => name.endsWith(".sock"));
    // As long as the name that the folder of sockets is measured with.
    expect(socket.length).toBeLessThanOrEqual("control.sock".length);
    expect((await stat(join(root, socket))).mode & 0o777).toBe(0o600);
    const [run = ""] = await runs();
    expect(run).toContain(`--server-data-dir ${dataFolder()} `);
    expect(run).toContain(" --reconnection-grace-time 60 ");
    expect(run.endsWith(` ${share.root}`)).toBe(true);
    expect(await runs()).toHaveLength(1);
    // The owner's extensions are linked, not installed once more.
    expect(run).not.toContain("--install-extension");
    expect((await stat(dataFolder())).mode & 0o777).toBe(0o700);
  });

  test("has the mark in its environment, and no socket, token or secret of ours", async () => {
    const environment = JSON.parse(await get((await create()).ide(share), "/environment"));
    expect(environment).toMatchObject({ WAIIDE_SHARE: share.id, VSCODE_PROXY_URI: "../proxy/{{port}}/", HOME: root });
    expect(Object.keys(environment).filter((name) => name in secrets)).toEqual([]);
    for (const secret of Object.values(secrets)) expect(Object.values(environment)).not.toContain(secret);
  });

  test("two shares have two servers, and the end of one is not the other's", async () => {
    const other = { ...share, id: randomUUID() };
    const [one, two] = [(await create()).ide(share), ides.ide(other)];
    expect(one).not.toBe(two);
    await Promise.all([one.process.whenReady(), two.process.whenReady()]);
    await runInside(two, `cd "$HOME"\n${hidden.setsid}`);
    const pid = await pidFrom(join(root, "setsid"));
    expect(await ides.end(share.id)).toBeGreaterThan(0);
    expect(isRunning(pid)).toBe(true);
    expect(JSON.parse(await get(two, "/environment")).WAIIDE_SHARE).toBe(other.id);
    expect(ides.list()).toEqual([{ share: other.id, root: share.root, state: "ready" }]);
  });

  test("an id that could be another folder, or another variable, is refused", async () => {
    await create();
    for (const id of ["", "..", "a/b", "a\nb", "a\0b", "a=b", "é", "x".repeat(129)]) {
      expect(() => ides.ide({ ...share, id })).toThrow(RangeError);
      await expect(ides.end(id)).rejects.toThrow(RangeError);
    }
    expect(await isThere(join(root, "gateway"))).toBe(false);
  });
});

describe("R16 the end of a share", () => {
  test("kills everything started inside, removes its data, spares the owner's", async () => {
    const config = await ownersConfig(root);
    const owner = new Ide({
      config: { ...config, extensions: [] },
      children: new ChildProcesses(),
      logger: quiet,
      runtimeFolder: root,
    });
    try {
      owner.start();
      await runInside(owner, `cd "$HOME"\nsetsid sh -c 'echo $$ > owner.pid; exec sleep 600' &`);
      const ownersPid = await pidFrom(join(root, "owner.pid"));
      const ide = (await create()).ide(share);
      await runInside(ide, everyWay);
      const pids = await pidsOfAll();
      // A shell on its way to what it starts may be one of eight, too: only what stays counts.
      let inside: number[] = [];
      const settled = () => {
        const before = inside;
        inside = markedProcesses(mark()).map(({ pid }) => pid);
        return before.join() === inside.join() ? inside : [];
      };
      // The server, its tether, sleep three times; tmux, its shell and sleep.
      await expect.poll(settled).toHaveLength(8);
      expect(inside).toEqual(expect.arrayContaining(pids));

      const ending = ides.end(share.id);
      expect(() => ides.ide(share)).toThrow(expect.objectContaining<Partial<GatewayError>>({ code: "IDE_FAILED" }));
      expect(ides.end(share.id)).toBe(ending);
      expect(await ending).toBe(8);
      expect(told).toEqual([[share.id, 8]]);
      expect(inside.filter(isRunning)).toEqual([]);
      expect(await isThere(dataFolder())).toBe(false);
      expect((await readdir(root)).filter((name) => /^t\d+\.sock$/.test(name))).toEqual([]);
      expect(ides.list()).toEqual([]);
      expect(isRunning(ownersPid)).toBe(true);
      expect(await get(owner, "/version")).toBe("c0ffee");
      expect(await ides.end(share.id)).toBe(0);
    } finally {
      await owner.close();
      await runKill(join(root, "owner.pid"));
    }
  });

  test("while its server starts: nothing comes to life afterwards", async () => {
    (await create()).ide(share);
    await ides.end(share.id);
    expect(markedProcesses(mark())).toEqual([]);
    expect(ides.list()).toEqual([]);
  });

  test("cuts open sockets", async () => {
    const ide = (await create()).ide(share);
    await ide.process.whenReady();
    const socket = ide.process.backend.connect();
    await once(socket, "connect");
    const closed = new Promise((resolve) => socket.on("error", () => undefined).on("close", resolve));
    await ides.end(share.id);
    await closed;
  });

  test("a crashed server restarts, but not after the end of the share", async () => {
    const ide = (await create({ ide: { firstWait: 20 } })).ide(share);
    await get(ide, "/crash").catch(() => undefined);
    await expect.poll(() => ide.status()).toMatchObject({ state: "ready", restarts: 1 });
    await ides.end(share.id);
    expect(ide.status().state).toBe("stopped");
    expect(markedProcesses(mark())).toEqual([]);
  });
});

describe("R16 a server that nobody uses", () => {
  test("stops, and restarts on demand with its data; background processes continue", async () => {
    const ide = (await create({ unused: 500, look: 20 })).ide(share);
    await runInside(ide, `cd "$HOME"\n${hidden.daemon}`);
    const pid = await pidFrom(join(root, "daemon"));
    await expect.poll(() => ide.status().state).toBe("stopped");
    expect(isRunning(pid)).toBe(true);
    const again = ides.ide(share);
    expect(again).not.toBe(ide);
    await again.process.whenReady();
    expect(await runs()).toHaveLength(2);
    await ides.end(share.id);
    expect(isRunning(pid)).toBe(false);
  });

  test("a socket that is open is use", async () => {
    const ide = (await create({ unused: 500, look: 20 })).ide(share);
    await ide.process.whenReady();
    const socket = ide.process.backend.connect();
    socket.write("GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    const [head] = await once(socket, "data");
    expect(String(head)).toContain("101");
    // Much longer than it may go unused.
    const looks = performance.now() + 1500;
    await expect.poll(() => performance.now()).toBeGreaterThan(looks);
    expect(ide.status().state).toBe("ready");
    socket.destroy();
    await expect.poll(() => ide.status().state).toBe("stopped");
  });

  test("one that failed says why, and is tried again after a pause", async () => {
    // As long as it takes to look at the failure before the next attempt.
    await create({ failurePause: 5_000 });
    await rm(share.root, { recursive: true });
    const ide = ides.ide(share);
    await expect.poll(() => ide.status().state).toBe("failed");
    expect(() => ides.ide(share).requireReady()).toThrow(expect.objectContaining({ code: "IDE_FAILED" }));
    expect(ide.status().phase).toContain("does not exist");
    await mkdir(share.root);
    await expect.poll(() => ides.ide(share).status().state).toBe("ready");
  });
});

describe("R22 the gateway's own end", () => {
  test("is the end of everything inside; the data stays, as the share does", async () => {
    await runInside((await create()).ide(share), everyWay);
    const pids = await pidsOfAll();
    await ides.close();
    expect(pids.filter(isRunning)).toEqual([]);
    expect(markedProcesses(mark())).toEqual([]);
    expect(told).toEqual([[share.id, expect.any(Number)]]);
    expect(await isThere(dataFolder())).toBe(true);
    expect(() => ides.ide(share)).toThrow(expect.objectContaining({ code: "IDE_FAILED" }));
  });

  test("by force: the next start kills the rest; other gateways' shares stay untouched", async () => {
    const fixture = join(import.meta.dirname, "fixtures", "killed-gateway.ts");
    const gateway = spawn(process.execPath, [fixture, join(root, "gateway"), share.id, everyWay], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const strangers = spawn("sleep", ["600"], { env: { ...process.env, WAIIDE_SHARE: randomUUID() }, stdio: "ignore" });
    await once(gateway.stdout, "data");
    const pids = await pidsOfAll();
    gateway.kill("SIGKILL");
    await once(gateway, "exit");
    expect(pids.filter(isRunning)).toEqual(pids);

    const sweep = (await create()).endLeftovers(() => true);
    // What started now would be taken for a leftover.
    expect(() => ides.ide(share)).toThrow(expect.objectContaining({ code: "IDE_STARTING" }));
    const killed = await sweep;
    expect(killed).toBeGreaterThanOrEqual(pids.length);
    expect(told).toEqual([[share.id, killed]]);
    expect(markedProcesses(mark())).toEqual([]);
    expect(pids.filter(isRunning)).toEqual([]);
    expect(await isThere(dataFolder())).toBe(true);
    expect(isRunning(strangers.pid ?? 0)).toBe(true);
    strangers.kill();
    await once(strangers, "exit");

    expect(await ides.endLeftovers(() => false)).toBe(0);
    expect(await isThere(dataFolder())).toBe(false);
  });
});

async function runKill(file: string): Promise<void> {
  process.kill(await pidFrom(file), "SIGKILL");
}
