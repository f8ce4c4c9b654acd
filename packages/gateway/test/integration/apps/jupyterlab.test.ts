import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { pythonEnvironment } from "../../../../../scripts/environments/python.ts";
import { environments } from "../../../../../scripts/environments/table.ts";
import { Apps } from "../../../src/apps/apps.ts";
import { ChildProcesses } from "../../../src/system/child-process.ts";
import { TestRepository } from "../../support/git/test-repository.ts";
import { AppServer } from "./fixtures/app-server.ts";

const baseUrl = "/user/alice/";
const prefix = `${baseUrl}apps/lab/`;
/** The browser's Host: never that of this machine, as behind a hub. */
const host = "hub.example.org";
const flags = [
  "--no-browser",
  "--ServerApp.base_url={base_url}",
  "--IdentityProvider.token=",
  "--ServerApp.allow_remote_access=True",
];

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe.each([
  ["a unix socket", ["--ServerApp.sock={unix_socket}"]],
  ["a port", ["--ServerApp.ip=127.0.0.1", "--ServerApp.port={port}", "--ServerApp.port_retries=0"]],
])("JupyterLab on %s", (_where, address) => {
  let folder: string;
  let apps: Apps;
  let server: AppServer;
  let port: number;

  beforeAll(async () => {
    const bin = await pythonEnvironment(environments.jupyterLab);
    folder = mkdtempSync(join(tmpdir(), "lab-"));
    apps = new Apps({
      // Jupyter runs as root, as in many containers, only with this flag.
      apps: {
        lab: {
          command: [
            join(bin, "jupyter"),
            "lab",
            ...flags,
            ...address,
            // As its package enables it where Jupyter's configuration is read.
            "--ServerApp.jpserver_extensions=nbgitpuller=True",
            ...(process.getuid?.() === 0 ? ["--allow-root"] : []),
          ],
          absolute_url: true,
          ready_path: "/api",
          timeout: 150,
        },
      },
      baseUrl,
      runtimeFolder: folder,
      workspace: folder,
      environment: {
        PATH: `${bin}:${process.env.PATH}`,
        HOME: folder,
        JUPYTER_NO_CONFIG: "1",
        IPYTHONDIR: join(folder, "ipython"),
      },
      children: new ChildProcesses(),
      logger: pino({ level: "silent" }),
    });
    server = new AppServer(apps, baseUrl);
    port = await server.start();
  }, 600_000);

  afterAll(async () => {
    await apps.close();
    await server.close();
    // The kernel has a session of its own: JupyterLab ends it when it gets SIGTERM.
    await vi.waitFor(() => expect(processesIn(folder)).toEqual([]), { timeout: 60_000 });
    rmSync(folder, { recursive: true });
  });

  async function ask(method: string, path: string, headers: Record<string, string> = {}, body = ""): Promise<Answer> {
    const request = httpRequest({ port, method, path, headers: { Host: host, ...headers } }).end(body);
    const [response] = await once(request, "response");
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  }

  /** What a browser on the page sends with requests of its scripts. */
  async function pageHeaders(): Promise<Record<string, string>> {
    const { headers } = await ask("GET", `${prefix}lab`);
    const cookies = (headers["set-cookie"] ?? []).map((cookie) => cookie.split(";")[0] ?? "");
    const token = cookies.find((cookie) => cookie.startsWith("_xsrf="))?.slice("_xsrf=".length) ?? "";
    return {
      Cookie: cookies.join("; "),
      "X-XSRFToken": token,
      Origin: `http://${host}`,
      Referer: `http://${host}${prefix}lab`,
    };
  }

  it("leads to its page, and serves it with its scripts under the prefix", async () => {
    const start = await ask("GET", prefix);
    expect(start.status).toBe(302);
    expect(start.headers.location).toMatch(new RegExp(`^${prefix}lab\\??$`));
    const page = await ask("GET", `${prefix}lab`);
    expect(page.status).toBe(200);
    expect(page.body).toContain("<title>JupyterLab</title>");
    for (const cookie of page.headers["set-cookie"] ?? []) expect(cookie).toContain(`Path=${prefix}`);
    const script = /src="([^"]+\.js[^"]*)"/.exec(page.body)?.[1] ?? "";
    expect(script.startsWith(prefix)).toBe(true);
    const { status, headers, body } = await ask("GET", script);
    expect(status).toBe(200);
    expect(headers["content-type"]).toContain("javascript");
    expect(body.length).toBeGreaterThan(1_000);
  });

  it("writes and reads a file", async () => {
    const headers = { ...(await pageHeaders()), "Content-Type": "application/json" };
    const content = JSON.stringify({ type: "file", format: "text", content: "héllo" });
    expect((await ask("PUT", `${prefix}api/contents/a%20b.txt`, headers, content)).status).toBe(201);
    expect(readFileSync(join(folder, "a b.txt"), "utf8")).toBe("héllo");
  });

  it("runs 1+1 in a kernel, by WebSocket", async () => {
    const headers = await pageHeaders();
    const made = await ask("POST", `${prefix}api/kernels`, { ...headers, "Content-Type": "application/json" }, "{}");
    expect(made.status).toBe(201);
    const { id } = JSON.parse(made.body) as { id: string };
    expect(
      await execute(`ws://127.0.0.1:${port}${prefix}api/kernels/${id}/channels`, { ...headers, Host: host }, "1+1"),
    ).toBe("2");
  });

  it("pulls a repository with nbgitpuller, where it is installed", async () => {
    const origin = new TestRepository(join(folder, "origin"));
    origin.commit("One", { "lab.py": "one = 1\n" });
    const order = { repo: `file://${origin.folder}`, branch: "main", urlpath: "lab/tree/course/lab.py" };
    const page = await ask("GET", `${prefix}git-pull?${new URLSearchParams({ ...order, targetPath: "course" })}`);
    expect(page.status).toBe(200);
    for (const data of [`base-url="${prefix}"`, `path="${order.urlpath}"`]) expect(page.body).toContain(`data-${data}`);
    // What the page's script asks for.
    const pulled = await ask("GET", `${prefix}git-pull/api?${new URLSearchParams({ ...order, targetpath: "course" })}`);
    expect(pulled.body).toContain('"phase": "finished"');
    expect(readFileSync(join(folder, "course/lab.py"), "utf8")).toBe("one = 1\n");
  });

  it("refuses what comes from another origin, as it does on its own", async () => {
    const headers = { ...(await pageHeaders()), Origin: "http://evil.example" };
    expect((await ask("POST", `${prefix}api/kernels`, headers, "{}")).status).toBe(404);
    const socket = new WebSocket(`ws://127.0.0.1:${port}${prefix}api/events/subscribe`, {
      headers: { ...headers, Host: host },
    });
    await expect(once(socket, "open")).rejects.toThrow(/403/);
  });
});

describe("R22 JupyterLab when the gateway is killed", () => {
  it("ends with its kernels, which have their own sessions", async () => {
    const bin = await pythonEnvironment(environments.jupyterLab);
    const folder = mkdtempSync(join(tmpdir(), "lab-"));
    const socketPath = join(folder, "lab.sock");
    const settings = {
      command: [join(bin, "jupyter"), "lab", "--no-browser", "--allow-root", `--ServerApp.sock=${socketPath}`],
      environment: { HOME: folder, JUPYTER_NO_CONFIG: "1", JUPYTER_TOKEN: "test" },
      unix_socket: socketPath,
      ready_path: "/api",
      timeout: 150,
    };
    const parent = spawn(
      process.execPath,
      [join(import.meta.dirname, "fixtures/parent.ts"), folder, JSON.stringify(settings)],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await once(parent.stdout, "data");
    const headers = { Authorization: "token test" };
    const [made] = await once(
      httpRequest({ socketPath, method: "POST", path: "/api/kernels", headers }).end("{}"),
      "response",
    );
    expect(made.statusCode).toBe(201);
    await vi.waitFor(() => expect(commandsIn(folder).join()).toContain("ipykernel_launcher"), { timeout: 60_000 });
    parent.kill("SIGKILL");
    await vi.waitFor(() => expect(processesIn(folder)).toEqual([]), { timeout: 60_000, interval: 100 });
    rmSync(folder, { recursive: true });
  }, 600_000);
});

/** Jupyter's messaging protocol, JSON on one socket: runs the code and waits for its result. */
async function execute(url: string, headers: Record<string, string>, code: string): Promise<string> {
  const socket = new WebSocket(url, { headers });
  await once(socket, "open");
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.on("message", (data) => {
    const message = JSON.parse(String(data)) as { msg_type: string; content: { data?: Record<string, string> } };
    if (message.msg_type === "execute_result") resolve(message.content.data?.["text/plain"] ?? "");
  });
  const header = {
    msg_id: randomUUID(),
    session: randomUUID(),
    username: "",
    msg_type: "execute_request",
    version: "5.3",
  };
  const content = { code, silent: false, store_history: false, user_expressions: {}, allow_stdin: false };
  socket.send(JSON.stringify({ header, parent_header: {}, metadata: {}, content, channel: "shell", buffers: [] }));
  const result = await promise;
  socket.close();
  await once(socket, "close");
  return result;
}

/** Living processes whose home is this folder: JupyterLab, its kernels and their helpers. */
function processesIn(home: string): string[] {
  return readdirSync("/proc").filter((id) => {
    if (!/^\d+$/.test(id)) return false;
    try {
      return readFileSync(`/proc/${id}/environ`, "utf8").split("\0").includes(`HOME=${home}`);
    } catch (error) {
      if (["ENOENT", "ESRCH", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
      throw error;
    }
  });
}

function commandsIn(home: string): string[] {
  return processesIn(home).map((id) => readFileSync(`/proc/${id}/cmdline`, "utf8"));
}
