import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { zipOf } from "../../packages/gateway/test/support/zip.ts";
import { cleanEnvironment, freePort, ideReady, launcher, runWaiide, startGateway } from "../support/gateway.ts";
import { patience } from "../support/patience.ts";
import { processesBelow, processesOf } from "../support/processes.ts";
import { runUnprivileged } from "../support/unprivileged.ts";

const token = "a-token-that-must-never-be-logged";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "waiide-command-"));
});
afterEach(() => rm(home, { recursive: true }));

describe("what a person types wrong", () => {
  it.each([
    ["a flag", ["--prot", "1"], "FLAG_UNKNOWN", "--port"],
    ["a sub-command's flag", ["doctor", "--jsn"], "FLAG_UNKNOWN", "--json"],
    ["a value", ["--port", "eighty"], "SETTING_INVALID", "--port"],
    ["a public host without a choice", ["--host", "0.0.0.0"], "AUTH_CHOICE_NEEDED", "--auth token"],
    ["hub mode without a hub", ["--mode", "jupyterhub"], "HUB_VARIABLE_MISSING", "JUPYTERHUB_USER"],
    ["a certificate that is not there", ["--tls-cert", "/none", "--tls-key", "/none"], "TLS_UNREADABLE", "PEM"],
  ])("%s: named, with what to do, exit code 1 or 2, nothing on standard output", async (_what, args, code, hint) => {
    const result = await runWaiide(args, cleanEnvironment(home));
    expect(result.stderr).toContain(code);
    expect(result.stderr).toContain(hint);
    expect(result.code).toBeGreaterThan(0);
    expect(result.stdout).toBe("");
  });

  it("a variable", async () => {
    const result = await runWaiide([], { ...cleanEnvironment(home), WAIIDE_PROT: "1" });
    expect(result).toMatchObject({ code: 2 });
    expect(result.stderr).toContain("did you mean “WAIIDE_PORT”?");
  });
});

it("--help names every sub-command, --version the version", async () => {
  const { stdout, code } = await runWaiide(["--help"], cleanEnvironment(home));
  expect(code).toBe(0);
  for (const name of ["serve", "doctor", "health", "config", "ide"])
    expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, "m"));
  expect((await runWaiide(["--version"], cleanEnvironment(home))).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

it("config tells each value's source and shows no secret", async () => {
  const environment = { ...cleanEnvironment(home), WAIIDE_TOKEN: token, WAIIDE_AUTH: "token", WAIIDE_PORT: "9001" };
  const { stdout, code } = await runWaiide(["config", "--json"], environment);
  expect(code).toBe(0);
  expect(stdout).not.toContain(token);
  const rows = JSON.parse(stdout) as { name: string; value: unknown; origin: string }[];
  expect(rows).toContainEqual({ name: "port", value: 9001, source: "environment", origin: "WAIIDE_PORT" });
  expect(rows).toContainEqual({ name: "token", value: "***", source: "environment", origin: "WAIIDE_TOKEN" });
});

it("config masks the keys of apps", async () => {
  await mkdir(join(home, ".config/waiide"), { recursive: true });
  const apps = { lab: { command: ["lab"], environment: { KEY: token }, request_headers: { "X-Key": token } } };
  await writeFile(join(home, ".config/waiide/config.json"), JSON.stringify({ apps }));
  for (const args of [["config"], ["config", "--json"]]) {
    const { stdout } = await runWaiide(args, cleanEnvironment(home));
    expect(stdout).toContain("lab");
    expect(stdout).not.toContain(token);
  }
});

describe("doctor", () => {
  async function findings(args: readonly string[]) {
    const { stdout, code } = await runWaiide(["doctor", "--json", ...args], cleanEnvironment(home));
    const report = JSON.parse(stdout) as {
      problems: number;
      findings: { check: string; result: string; message: string; action?: string }[];
    };
    return { code, ...report };
  }

  it("finds nothing to fix where all is well", async () => {
    const { code, problems, findings: all } = await findings(["--workspace", home, "--port", String(await freePort())]);
    expect(all.filter(({ result }) => result === "problem")).toEqual([]);
    expect({ code, problems }).toEqual({ code: 0, problems: 0 });
    const checks = all.map(({ check }) => check);
    for (const check of [
      "mode",
      "IDE server",
      "workspace",
      "port",
      "sockets",
      "disk",
      "compressed files",
      "settings",
    ]) {
      expect(checks).toContain(check);
    }
  });

  it.each([
    ["IDE server", ["--ide-server", "/none"], "waiide ide install"],
    ["workspace", ["--workspace", "/none"], "--workspace"],
  ])("says what to do about a missing %s", async (check, args, hint) => {
    const { code, findings: all } = await findings(args);
    expect(code).toBe(1);
    const finding = all.find((one) => one.check === check);
    expect(finding?.result).toBe("problem");
    expect(finding?.action).toContain(hint);
  });

  it("says that a workspace cannot be read, and that another cannot be written", async () => {
    await mkdir(join(home, "unreadable"), { mode: 0o000 });
    await mkdir(join(home, "read-only"), { mode: 0o555 });
    const unreadable = await runUnprivileged(home, ["doctor", "--workspace", join(home, "unreadable")]);
    expect(unreadable.uid).not.toBe(0);
    expect(unreadable.code).toBe(1);
    expect(unreadable.stdout).toMatch(/✗ workspace .*permission denied/);
    await rm(join(home, "home-of-somebody"), { recursive: true });
    const readOnly = await runUnprivileged(home, ["doctor", "--workspace", join(home, "read-only")]);
    expect(readOnly.stdout).toMatch(/! workspace .*is read-only/);
  });

  it("names an app whose program is not there", async () => {
    const { findings: all } = await findings(["--apps", JSON.stringify({ lab: { command: ["no-such-program"] } })]);
    expect(all).toContainEqual(expect.objectContaining({ check: "app lab", result: "warning" }));
  });

  it("reads well for people", async () => {
    const { stdout } = await runWaiide(["doctor", "--workspace", "/none"], cleanEnvironment(home));
    expect(stdout).toMatch(/✗ workspace +The workspace \/none does not exist\.\n +→ Create it/);
    expect(stdout).toMatch(/\d+ problems?, \d+ warnings?\.\n$/);
  });
});

describe("a running gateway", () => {
  it("is healthy once the IDE can be used, and says so over the control socket", async () => {
    const gateway = await startGateway({ arguments: ["--auth", "token"] });
    try {
      await ideReady(gateway);
      expect(await runWaiide(["health"], gateway.environment)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^ok/),
      });
      const doctor = await runWaiide(["doctor"], gateway.environment);
      expect(doctor.stdout).toContain("is running, IDE server ready");
    } finally {
      await gateway.stop();
    }
    expect(await runWaiide(["health"], gateway.environment)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("NOT_RUNNING"),
    });
  });

  it.each(["SIGTERM", "SIGINT"] as const)(
    "R22: %s ends it with 0 and leaves no process, socket or file",
    async (signal) => {
      const gateway = await startGateway();
      await ideReady(gateway);
      const runtime = join(gateway.home, "run");
      expect(readdirSync(runtime)).toHaveLength(1);
      expect((await processesOf(gateway.home)).length).toBeGreaterThan(1);
      process.kill(gateway.pid, signal);
      expect(await gateway.exited).toEqual({ code: 0, signal: null });
      expect(await processesOf(gateway.home)).toEqual([]);
      expect(readdirSync(runtime)).toEqual([]);
      // These stay from start to start: the command for terminals in the IDE, so that open pages go on, and webviews' port.
      const kept = readdirSync(join(gateway.home, ".WAIIDE-server/gateway/_"));
      expect(kept).toEqual(["bin", "page-key", "webview-port"]);
      await gateway.stop();
    },
  );

  it("R22: even SIGKILL leaves no process", async () => {
    const gateway = await startGateway();
    await ideReady(gateway);
    await gateway.stop("SIGKILL");
    await vi.waitFor(async () => expect(await processesOf(gateway.home)).toEqual([]), patience);
  });

  it("R4: neither the log nor the IDE's environment has the token", async () => {
    const gateway = await startGateway({
      arguments: ["--auth", "token", "--log-level", "trace"],
      environment: { WAIIDE_TOKEN: token },
    });
    try {
      await ideReady(gateway);
      const authorization = { authorization: `token ${token}` };
      const url = gateway.url.replace(/\?.*/, "");
      for (const [path, headers] of [
        [`?token=${token}`, {}],
        ["ide/", authorization],
        [`proxy/1/?token=${token}`, {}],
        [`no/such/file?token=${token}x`, {}],
        ["api/status", { authorization: `token ${token}x` }],
      ] as const) {
        await (await fetch(url + path, { headers, redirect: "manual" })).text();
      }
      const printed = gateway.output().split(token).length - 1;
      expect(printed, "only the login link").toBe(1);
      const children = (await processesBelow(gateway.home)).filter(({ pid }) => pid !== gateway.pid);
      expect(children.some(({ command }) => command.includes("server-main"))).toBe(true);
      for (const { environment, command } of children) {
        expect(environment.join("\n")).not.toContain(token);
        expect(command).not.toContain(token);
      }
    } finally {
      await gateway.stop();
    }
  });

  it("logs JSON for programs, and lines for people on request", async () => {
    for (const [format, line] of [
      ["json", /^\{"level":30,.*"msg":"the IDE server is ready"\}$/m],
      ["text", /^\[[\d:]+\].*INFO.*the IDE server is ready/m],
    ] as const) {
      const gateway = await startGateway({ arguments: ["--log-format", format] });
      try {
        await gateway.printed(line);
      } finally {
        await gateway.stop();
      }
    }
  });

  it("names a busy port and what to do", async () => {
    const gateway = await startGateway();
    try {
      const { port } = new URL(gateway.url);
      const second = await runWaiide(["--port", port, "--data-dir", join(home, "data")], gateway.environment);
      expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining("PORT_BUSY") });
      expect(second.stderr).toContain("--port");
    } finally {
      await gateway.stop();
    }
  });
});

describe("an error before the log exists is one sentence", () => {
  const commands = [["serve"], ["doctor"], ["health"], ["config"], ["share", "list"], ["ide", "install"]];

  it.each(commands)("no home folder: %s %s", async (...args) => {
    const { code, stderr, stdout } = await runWaiide(args, { ...cleanEnvironment(home), HOME: "" });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("HOME is not set");
    expect(stderr.length).toBeLessThan(400);
  });

  it("a user without HOME and without an entry in passwd", async () => {
    const { uid, code, stderr } = await runUnprivileged(home, ["config"], { uid: 12_345, hasHome: false });
    // Anyone but root is already a user with a home.
    if (uid !== 12_345) return;
    expect(code).toBe(1);
    expect(stderr).toContain("The user 12345 has no home folder");
    expect(stderr.length).toBeLessThan(400);
  });
});

it.each([["--help"], ["config"], ["doctor"], ["ide", "install", "--help"], ["share", "--help"]])(
  "%s ends quietly when its reader closes the pipe",
  async (...args) => {
    const child = spawn(launcher, args, { env: cleanEnvironment(home), stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    const [code] = (await once(child, "close")) as [number | null];
    expect(stderr).toBe("");
    expect([0, 1]).toContain(code);
  },
);

it("extensions installs, lists and uninstalls, but not WAIIDE's own", async () => {
  const vsix = join(home, "small.vsix");
  const manifest = { name: "small", publisher: "ada", version: "1.2.3", engines: { vscode: "^1.60.0" } };
  const identity = '<Identity Language="en-US" Id="small" Version="1.2.3" Publisher="ada"/>';
  const parts = {
    "extension/package.json": JSON.stringify(manifest),
    "extension.vsixmanifest": `<?xml version="1.0"?><PackageManifest><Metadata>${identity}</Metadata></PackageManifest>`,
  };
  await writeFile(vsix, zipOf(parts));
  const extensions = (...args: string[]) => runWaiide(["extensions", ...args], cleanEnvironment(home));

  expect(await extensions("install", vsix)).toMatchObject({ code: 0 });
  expect((await extensions("list")).stdout).toBe("ada.small@1.2.3\n");
  expect(await extensions("install", "not-an-id")).toMatchObject({ code: 1 });
  expect((await extensions("uninstall", "waiide.waiide-hub")).stderr).toContain("is a part of WAIIDE");
  expect(await extensions("uninstall", "ada.small")).toMatchObject({ code: 0 });
  expect((await extensions("list")).stdout.trim()).toBe("");
});

it("R16: in a guest's terminal, extensions changes nothing", async () => {
  const result = await runWaiide(["extensions", "list"], { ...cleanEnvironment(home), WAIIDE_SHARE: "abc" });
  expect(result).toMatchObject({ code: 1, stdout: "" });
  expect(result.stderr).toContain("GUEST_TERMINAL");
  expect(readdirSync(home)).toEqual([]);
});

it("a file is opened in the running IDE, and none runs here", async () => {
  const result = await runWaiide(["notes.txt"], cleanEnvironment(home));
  expect(result).toMatchObject({ code: 1, stdout: "" });
  expect(result.stderr).toContain("NOT_RUNNING");
});
