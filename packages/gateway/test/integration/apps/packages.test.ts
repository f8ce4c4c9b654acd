import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Apps } from "../../../src/apps/apps.ts";
import { readPackages } from "../../../src/apps/packages/read-packages.ts";
import { ChildProcesses } from "../../../src/system/child-process.ts";

/** Says what it was started with. */
const server = `
import http.server, json, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"path": self.path, "argv": sys.argv[1:], "color": os.environ.get("COLOR"), "base": self.headers["X-Base"]})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
`;

const packages = `
import os, sys
print("noise of a package")
SERVER = os.path.join(os.path.dirname(__file__), "server.py")

def plain():
    return {
        "command": [sys.executable, SERVER, "{port}", "{base_url}plain", "{{brace}}"],
        "environment": {"COLOR": "{base_url}"},
        "absolute_url": True,
        "request_headers_override": {"X-Base": "{base_url}"},
        "launcher_entry": {"title": "Plain Server", "path_info": "plain/start?x=1", "icon_path": "/none/icon.svg"},
        "new_browser_tab": False,
    }

def functions():
    return {
        "command": lambda port: [sys.executable, SERVER, str(port + 0), "{port}"],
        "environment": lambda base_url, unix_socket: {"COLOR": "made by a function"},
        "mappath": lambda path: path,
        "rewrite_response": lambda response: response,
        "launcher_entry": {"enabled": False},
    }

def prefixed():
    base = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
    return {"command": [sys.executable, SERVER, "{port}", base + "prefixed"]}

def absent():
    return {"command": ["no-such-program"]}

def raw():
    return {"command": ["x"], "raw_socket_proxy": True}

def exits():
    sys.exit(3)

def fails():
    raise RuntimeError("its license has ended")
`;

let root: string;
let python: string;
let apps: Apps | undefined;
let lines: string[];
const children = new ChildProcesses();
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "waiide-packages-"));
  for (const folder of ["site/server_packages", "site/some-1.0.dist-info", "workspace", "run"]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  write("site/server_packages/__init__.py", packages);
  write("site/server_packages/server.py", server);
  write("site/some-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: some\nVersion: 1.0\n");
  const names = ["plain", "functions", "prefixed", "absent", "raw", "exits", "fails"].map(
    (name) => `${name} = server_packages:${name}`,
  );
  const missing = "missing = not_installed:server";
  write(
    "site/some-1.0.dist-info/entry_points.txt",
    ["[jupyter_serverproxy_servers]", ...names, missing, "Upper Case = server_packages:plain", ""].join("\n"),
  );
  python = execFileSync("/bin/sh", ["-c", "command -v python3"], { encoding: "utf8" }).trim();
  lines = [];
});
afterEach(async () => {
  await apps?.close();
  rmSync(root, { recursive: true });
});

function write(path: string, content: string): void {
  writeFileSync(join(root, path), content);
}

const read = (pythons: readonly string[] = [python], signal?: AbortSignal) =>
  readPackages({
    pythons,
    environment: { PATH: process.env.PATH, PYTHONPATH: join(root, "site") },
    workingFolder: join(root, "workspace"),
    appsUrl: "/user/alice/apps/",
    children,
    ...(signal && { signal }),
  });

function open(configured: ConstructorParameters<typeof Apps>[0]["apps"] = {}): Apps {
  apps = new Apps({
    apps: configured,
    baseUrl: "/user/alice/",
    runtimeFolder: join(root, "run"),
    environment: { PATH: process.env.PATH, PYTHONPATH: join(root, "site") },
    workspace: join(root, "workspace"),
    children,
    logger: pino({}, { write: (line: string) => lines.push(line) }),
    readPackages: (signal) => read([python], signal),
  });
  return apps;
}

async function get(name: string): Promise<unknown> {
  const path = `/apps/${name}/`;
  const {
    backend,
    target,
    requestHeaders = {},
  } = await (apps ?? open()).resolve({
    name,
    rest: "/",
    query: "",
    fullPath: path,
  });
  const { body } = await backend.request({ path: target, method: "GET", headers: requestHeaders });
  return body.json();
}

it("entry points become apps with their own command, environment and address", async () => {
  open();
  await apps?.complete();
  const entry = apps?.entries().find(({ name }) => name === "plain");
  expect(entry).toMatchObject({
    title: "Plain Server",
    address: "/user/alice/apps/plain/start?x=1",
    inNewTab: false,
    icon: "/none/icon.svg",
  });
  expect(await get("plain")).toEqual({
    path: "/user/alice/apps/plain/",
    argv: [expect.stringMatching(/^\d+$/), "/user/alice/apps/plain", "{brace}"],
    color: "/user/alice/apps/",
    base: "/user/alice/apps/",
  });
});

it("a command that is a function is called at each start", async () => {
  open();
  const argv = [expect.stringMatching(/^\d+$/), expect.stringMatching(/^\d+$/)];
  expect(await get("functions")).toMatchObject({ path: "/", color: "made by a function", argv });
  expect(apps?.entries().map(({ name }) => name)).not.toContain("functions");
  expect(await get("prefixed")).toMatchObject({ argv: [expect.anything(), "/user/alice/apps/prefixed"] });
});

it("a program that is not installed is named when its app is opened", async () => {
  open();
  await expect(get("absent")).rejects.toThrow("the program no-such-program cannot be started: No such file");
});

it("what is broken, or cannot be carried over, is named; the others are there", async () => {
  const found = new Map((await read()).map((one) => [one.name, one]));
  const problems = (name: string) => found.get(name)?.problems.join("; ") ?? "";
  expect(problems("plain")).toBe("");
  expect(problems("functions")).toMatch(/rewrite_response.*mappath/);
  for (const name of ["raw", "exits", "fails", "missing", "Upper Case"]) {
    expect(found.get(name)?.settings).toBeUndefined();
  }
  expect(problems("raw")).toContain("raw_socket_proxy");
  expect(problems("exits")).toContain("SystemExit");
  expect(problems("fails")).toContain("its license has ended");
  expect(problems("missing")).toContain("not_installed");
  open();
  await apps?.complete();
  expect(lines.join()).toContain("its license has ended");
});

it("an app of the configuration wins, and a name that nobody has is unknown", async () => {
  open({ plain: { title: "Ours", port: 9 } });
  await apps?.complete();
  expect(apps?.entries()[0]).toMatchObject({ name: "plain", title: "Ours", icon: undefined });
  await expect(get("none")).rejects.toMatchObject({ code: "APP_UNKNOWN" });
});

it("R11: nothing is imported from the workspace", async () => {
  for (const name of ["json", "server_packages", "inspect"]) {
    write(`workspace/${name}.py`, `open(${JSON.stringify(join(root, "ran"))}, "w")`);
  }
  open();
  await get("functions");
  expect(existsSync(join(root, "ran"))).toBe(false);
});

it("a Python that is not there, or answers something else, is a problem of its name", async () => {
  expect(await read(["no-such-python-program"])).toEqual([]);
  expect(await read([join(root, "none")])).toMatchObject([{ problems: ["there is no such program"] }]);
  expect(await read(["/bin/false"])).toMatchObject([{ problems: [expect.stringContaining("could not be read")] }]);
});
