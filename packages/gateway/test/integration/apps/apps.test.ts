import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AddressGuard } from "../../../src/apps/address-guard.ts";
import { failureInterval } from "../../../src/apps/app.ts";
import { Apps, type AppsOptions } from "../../../src/apps/apps.ts";
import type { AppSettings } from "../../../src/config/settings/apps.ts";
import type { Destination } from "../../../src/proxy/destination.ts";
import { ChildProcesses } from "../../../src/system/child-process.ts";
import { findFreePort } from "../../../src/system/ports.ts";

const program = join(import.meta.dirname, "fixtures/app.ts");
const onPort = [process.execPath, program, "{port}"];
const onSocket = [process.execPath, program, "{unix_socket}"];

/** For what must happen soon, on a machine that may be busy. */
const patience = { timeout: 60_000 };

let folder: string;
let starts: string;
let log: Record<string, unknown>[];
let apps: Apps;

function open(settings: AppSettings, options: Partial<AppsOptions> = {}): Apps {
  const environment = { PATH: process.env.PATH, STARTS: starts, INHERITED: "yes" };
  const logger = pino({ level: "debug" }, { write: (line) => void log.push(JSON.parse(line)) });
  apps = new Apps({
    apps: { one: settings },
    baseUrl: "/user/alice/",
    runtimeFolder: folder,
    workspace: folder,
    environment,
    children: new ChildProcesses(),
    logger,
    ...options,
  });
  return apps;
}

function resolve(rest = "/", query = ""): Promise<Destination> {
  return apps.resolve({ name: "one", rest, query, fullPath: `/apps/one${rest}` });
}

interface Answer {
  pid: number;
  address: string;
  url: string;
  headers: Record<string, string>;
  env: Record<string, string>;
  folder: string;
}

async function get({ backend, target, requestHeaders = {} }: Destination): Promise<Answer> {
  const response = await backend.request({ method: "GET", path: target, headers: { ...requestHeaders } });
  return (await response.body.json()) as Answer;
}

function startCount(): number {
  return existsSync(starts) ? readFileSync(starts, "utf8").trimEnd().split("\n").length : 0;
}

/** Living processes that inherited this test's variable. */
function processesOf(file: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => readOrEmpty(`/proc/${name}/environ`).split("\0").includes(`STARTS=${file}`))
    .map(Number);
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "apps-"));
  starts = join(folder, "starts");
  log = [];
});

afterEach(async () => {
  vi.restoreAllMocks();
  await apps.close();
  expect(processesOf(starts)).toEqual([]);
  expect(readdirSync(folder).filter((name) => name !== "starts")).toEqual([]);
  rmSync(folder, { recursive: true });
});

describe("An app", () => {
  it("starts on demand, once for 20 requests at the same time", async () => {
    open({ command: onPort, environment: { DELAY: "300" }, title: "The one" });
    expect(apps.list()).toEqual([{ name: "one", title: "The one", url: "/user/alice/apps/one/", state: "stopped" }]);
    const requests = Array.from({ length: 20 }, () => resolve().then(get));
    await vi.waitFor(() => expect(apps.state("one")).toBe("starting"), patience);
    const answers = await Promise.all(requests);
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(1);
    expect(startCount()).toBe(1);
    expect(apps.state("one")).toBe("ready");
    await resolve();
    expect(startCount()).toBe(1);
  });

  it("gets its address, prefix, environment and headers filled in", async () => {
    open({
      command: [...onPort, "127.0.0.1", "{base_url}"],
      environment: { WHERE: "{base_url}", PORT: "{port}", SOCKET: "<{unix_socket}>", BRACES: "{{port}}" },
      request_headers: { "X-Base": "{base_url}", "X-Port": "{port}" },
    });
    const destination = await resolve("//a/%2e%2e/@b", "?q=%20");
    expect(destination).toMatchObject({
      target: "//a/%2e%2e/@b?q=%20",
      prefix: "/user/alice/apps/one/",
      prefixStripped: true,
    });
    const { address, url, env, headers, folder: workingFolder } = await get(destination);
    expect(Number(address)).toBeGreaterThan(0);
    expect(url).toBe("//a/%2e%2e/@b?q=%20");
    expect(env).toMatchObject({
      WHERE: "/user/alice/apps/one/",
      PORT: address,
      SOCKET: "<>",
      BRACES: "{port}",
      INHERITED: "yes",
    });
    expect(headers).toMatchObject({ "x-base": "/user/alice/apps/one/", "x-port": address });
    expect(workingFolder).toBe(folder);
  });

  it("R4 inherits nothing but the environment it is given", async () => {
    vi.stubEnv("JUPYTERHUB_API_TOKEN", "secret");
    open({ command: onPort });
    const { env } = await get(await resolve());
    vi.unstubAllEnvs();
    expect(
      Object.keys(env)
        .filter((name) => !["PWD", "OLDPWD", "_", "SHLVL"].includes(name))
        .sort(),
    ).toEqual(["INHERITED", "PATH", "STARTS"]);
  });

  it("keeps the prefix with absolute_url", async () => {
    open({ command: onPort, absolute_url: true, mappath: { "/": "/start" } });
    expect((await get(await resolve("/x//%41", "?y"))).url).toBe("/user/alice/apps/one/x//%41?y");
    expect((await get(await resolve("/", "?y"))).url).toBe("/user/alice/apps/one/start?y");
  });

  it("maps paths with mappath", async () => {
    open({ command: onPort, mappath: { "/": "/index.html" } });
    expect((await get(await resolve("/", "?y"))).url).toBe("/index.html?y");
    expect((await get(await resolve("/other"))).url).toBe("/other");
  });

  it("listens on a private unix socket, chosen or implied", async () => {
    open({ command: onSocket });
    const implied = await get(await resolve());
    expect(implied.address).toMatch(new RegExp(`^${folder}/app-\\d+\\.sock$`));
    expect(existsSync(implied.address)).toBe(true);
    await apps.close();
    expect(existsSync(implied.address)).toBe(false);
    open({ command: [...onSocket, "{port}"], unix_socket: true });
    const chosen = await get(await resolve());
    expect(chosen.address).toMatch(/\.sock$/);
    expect(chosen.address).not.toBe(implied.address);
  });

  it("listens on a fixed port, and on ::1 only", async () => {
    const port = await findFreePort();
    open({ command: [...onPort, "::1"], port });
    expect((await get(await resolve())).address).toBe(String(port));
  });

  it("R8 is never the gateway itself", async () => {
    const port = await findFreePort();
    open({ command: onPort, port }, { guard: new AddressGuard({ ownPort: () => port }) });
    await expect(resolve()).rejects.toMatchObject({ code: "PORT_REFUSED" });
    expect(startCount()).toBe(0);
    expect(apps.state("one")).toBe("failed");
  });

  it("may be somebody else's program, by port or socket", async () => {
    const server = createServer((request, response) => response.end(JSON.stringify({ url: request.url }))).listen(
      0,
      "127.0.0.1",
    );
    await once(server, "listening");
    open({ port: (server.address() as AddressInfo).port });
    expect((await get(await resolve("/x"))).url).toBe("/x");
    expect(apps.state("one")).toBe("ready");
    await apps.close();
    await new Promise((done) => server.close(done));
    const socket = join(folder, "own.sock");
    const other = createServer((request, response) => response.end(JSON.stringify({ url: request.url }))).listen(
      socket,
    );
    await once(other, "listening");
    open({ unix_socket: socket });
    expect((await get(await resolve("/y"))).url).toBe("/y");
    await apps.close();
    await new Promise((done) => other.close(done));
  });

  it("that is not configured is unknown", async () => {
    open({ command: onPort });
    for (const name of ["two", "__proto__", "ONE", "on%65", ""]) {
      await expect(apps.resolve({ name, rest: "/", query: "", fullPath: "/" })).rejects.toMatchObject({
        code: "APP_UNKNOWN",
      });
      expect(apps.state(name)).toBeUndefined();
      apps.opened(name)();
    }
  });
});

describe("An app that fails", () => {
  it("by ending too early says why, with its last output in error and log", async () => {
    open({ command: onPort, environment: { EXIT: "3" } });
    await expect(resolve()).rejects.toMatchObject({
      code: "APP_FAILED",
      message: expect.stringMatching(/it ended with exit code 3\. Its last output: first line \/ the reason why$/),
    });
    expect(apps.state("one")).toBe("failed");
    expect(log.find(({ msg }) => msg === "app failed")).toMatchObject({
      app: "one",
      output: ["first line", "the reason why"],
    });
  });

  it.each([
    ["no-such-program", /“no-such-program” was not found/],
    ["/etc/passwd", /“\/etc\/passwd” may not be executed/],
  ])("because %s is not a program: the error says so", async (command, reason) => {
    open({ command: [command] });
    await expect(resolve()).rejects.toThrow(reason);
  });

  it("because its working folder is gone: the error says so", async () => {
    open({ command: onPort }, { workspace: "/no/such/folder" });
    await expect(resolve()).rejects.toThrow(/\/no\/such\/folder/);
  });

  it("by never answering is stopped after its timeout", async () => {
    open({ command: onPort, environment: { DELAY: "1000000" }, timeout: 3 });
    await expect(resolve()).rejects.toThrow(/did not get ready within 3 seconds: GET \/: connect ECONNREFUSED/);
    expect(processesOf(starts)).toEqual([]);
  });

  it("by answering 500 and above is stopped after its timeout", async () => {
    // At last it answers nothing: what the deadline cuts off is not the reason.
    let asked = 0;
    await using server = createServer((_request, response) => {
      asked += 1;
      if (asked <= 3) response.writeHead(503).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    open({ command: ["sleep", "1000"], port, timeout: 3, ready_path: "/live", absolute_url: true });
    await expect(resolve()).rejects.toThrow(/within 3 seconds: GET \/user\/alice\/apps\/one\/live: it answered 503/);
    expect(processesOf(starts)).toEqual([]);
  });

  it("is ready with any answer below 500", async () => {
    open({ command: onPort, environment: { STATUS: "404" } });
    await resolve();
    expect(apps.state("one")).toBe("ready");
  });

  it("is not started again at once, but later", async () => {
    const clock = vi.spyOn(performance, "now").mockReturnValue(1_000_000);
    open({ command: onPort, environment: { EXIT: "3" } });
    await expect(resolve()).rejects.toThrow(/exit code 3/);
    clock.mockReturnValue(1_000_000 + failureInterval - 1);
    await expect(Promise.all([resolve(), resolve()])).rejects.toThrow(/exit code 3/);
    expect(startCount()).toBe(1);
    clock.mockReturnValue(1_000_000 + failureInterval);
    await expect(resolve()).rejects.toThrow(/exit code 3/);
    expect(startCount()).toBe(2);
    clock.mockRestore();
  });

  it("by dying later is started again by the next request", async () => {
    const clock = vi.spyOn(performance, "now").mockReturnValue(1_000_000);
    open({ command: onPort });
    const { pid } = await get(await resolve());
    await expect(get(await resolve("/exit"))).rejects.toThrow();
    await vi.waitFor(() => expect(apps.state("one")).toBe("failed"), patience);
    await expect(resolve()).rejects.toThrow(/exit code 9/);
    clock.mockReturnValue(1_000_000 + failureInterval);
    expect((await get(await resolve())).pid).not.toBe(pid);
    expect(apps.state("one")).toBe("ready");
    expect(startCount()).toBe(2);
    clock.mockRestore();
  });

  it("because another program took its port meanwhile gets another port", async () => {
    // The first run gives the port to a program that is not the app, and ends.
    const listening = join(folder, "listening");
    const takePort = `STATUS=503 LISTENING=${listening} setsid "$@" & until [ -e ${listening} ]; do sleep 0.05; done; exit 1`;
    open({ command: ["sh", "-c", `if [ -e ${starts} ]; then exec "$@"; fi; ${takePort}`, "sh", ...onPort] });
    const { pid } = await get(await resolve());
    const [other, own] = readFileSync(starts, "utf8").split("\n").map(Number);
    expect(own).toBe(pid);
    rmSync(listening);
    process.kill(other as number);
    await vi.waitFor(() => expect(processesOf(starts)).not.toContain(other), patience);
  });
});

describe("An app nobody uses", () => {
  const fakeTime = () => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  afterEach(() => void vi.useRealTimers());

  it("is stopped after idle_timeout, counted from its last user, and started again", async () => {
    open({ command: onPort, idle_timeout: 300 });
    const first = apps.opened("one");
    const { pid } = await get(await resolve());
    fakeTime();
    const second = apps.opened("one");
    first();
    first();
    vi.advanceTimersByTime(1_000_000);
    expect(apps.state("one")).toBe("ready");
    second();
    vi.advanceTimersByTime(200_000);
    apps.opened("one")();
    vi.advanceTimersByTime(299_999);
    expect(apps.state("one")).toBe("ready");
    vi.advanceTimersByTime(1);
    expect(apps.state("one")).toBe("stopped");
    vi.useRealTimers();
    expect((await get(await resolve())).pid).not.toBe(pid);
    expect(startCount()).toBe(2);
  });

  it("is stopped after idle_timeout though nobody ever came", async () => {
    open({ command: onPort, idle_timeout: 0.05 });
    await resolve();
    await vi.waitFor(() => expect(apps.state("one")).toBe("stopped"), patience);
  });

  it("R22 waits longer than a timer of Node can", async () => {
    open({ command: onPort, idle_timeout: 60 * 86_400 });
    const close = apps.opened("one");
    await resolve();
    fakeTime();
    close();
    vi.advanceTimersByTime(59 * 86_400_000);
    expect(apps.state("one")).toBe("ready");
    vi.advanceTimersByTime(86_400_000);
    expect(apps.state("one")).toBe("stopped");
  });

  it("keeps running without idle_timeout", async () => {
    open({ command: onPort });
    await resolve();
    fakeTime();
    apps.opened("one")();
    expect(vi.getTimerCount()).toBe(0);
    expect(apps.state("one")).toBe("ready");
  });
});

describe("R22 Closing", () => {
  it("ends apps with helpers that ignore SIGTERM, and closes connections", async () => {
    open({ command: onPort, environment: { HELPER: "1" } });
    const { backend } = await resolve();
    const socket = backend.connect();
    socket.on("error", () => undefined);
    await once(socket, "connect");
    await vi.waitFor(() => expect(processesOf(starts).length).toBeGreaterThanOrEqual(3), patience);
    await apps.close();
    expect(socket.destroyed).toBe(true);
    expect(processesOf(starts)).toEqual([]);
    expect(apps.state("one")).toBe("stopped");
    await expect(resolve()).rejects.toThrow(/shutting down/);
  });

  it("ends an app that is just starting", async () => {
    open({ command: onPort, environment: { DELAY: "1000000" } });
    const starting = resolve();
    const outcome = starting.catch((error: unknown) => error);
    await vi.waitFor(() => expect(startCount()).toBe(1), patience);
    await apps.close();
    expect(await outcome).toMatchObject({ code: "APP_FAILED" });
  });

  it.each([
    ["gently", undefined],
    ["with a helper that ignores SIGTERM", "1"],
  ])("by SIGKILL of the gateway leaves nothing behind: %s", async (_how, helper) => {
    open({ command: onPort });
    const environment = { STARTS: starts, ...(helper === undefined ? {} : { HELPER: helper }) };
    const settings = JSON.stringify({ command: onPort, environment });
    const parent = spawn(process.execPath, [join(import.meta.dirname, "fixtures/parent.ts"), folder, settings], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(parent.stdout, "data");
    expect(processesOf(starts).length).toBeGreaterThanOrEqual(helper === undefined ? 1 : 3);
    parent.kill("SIGKILL");
    await vi.waitFor(() => expect(processesOf(starts)).toEqual([]), patience);
  });
});
