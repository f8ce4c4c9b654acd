import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { GatewayError } from "../../../src/base/errors.ts";
import { loadConfig } from "../../../src/config/config.ts";
import type { SettingName } from "../../../src/config/settings/settings.ts";
import { askRunningGateway } from "../../../src/control/control-client.ts";
import { Gateway } from "../../../src/gateway.ts";
import { type Answer, askAt } from "../../support/asking.ts";
import { machines, makeIde, ownMachine } from "../../support/fake-ide.ts";

const token = "0123456789abcdef0123456789abcdef";
let folder: string;
let opened: { close(): unknown }[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waiide-gateway-"));
  opened = [];
});
afterEach(async () => {
  for (const one of opened.toReversed()) await one.close();
  rmSync(folder, { recursive: true });
});

/** A gateway without an IDE server: what is asked here does not need one. */
async function start(
  flags: Partial<Record<SettingName, string | boolean>> = {},
  logger: pino.Logger = pino({ level: "silent" }),
): Promise<Gateway> {
  const settings = {
    port: "0",
    workspace: folder,
    "data-dir": join(folder, "data"),
    "ide-server": join(folder, "no-ide"),
    ...flags,
  };
  const config = loadConfig({
    environment: {},
    flags: new Map(Object.entries(settings) as [SettingName, string][]),
    administratorFile: join(folder, "none.json"),
    userFile: join(folder, "none.json"),
  });
  const gateway = await Gateway.start(config, logger);
  opened.push(gateway);
  return gateway;
}

function ask(gateway: Gateway, path: string, options?: Parameters<typeof askAt>[2]): Promise<Answer> {
  return askAt(new URL(gateway.url), path, options);
}

/** The status line that an upgrade gets. */
async function askUpgrade(gateway: Gateway, path: string, headers: Record<string, string> = {}): Promise<number> {
  const { hostname, port, host } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  const lines = Object.entries({
    Host: host,
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  socket
    .once("data", resolve)
    .once("error", reject)
    .once("close", () => reject(new Error("closed without an answer")));
  const head = (await promise).toString("latin1");
  socket.destroy();
  return Number(head.split(" ")[1]);
}

function errorCode({ body }: Answer): string {
  return (JSON.parse(body) as { error: { code: string } }).error.code;
}

async function backend(server: Server): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  opened.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return (server.address() as { port: number }).port;
}

describe("the API", () => {
  it("answers from the first moment, whatever the IDE does", async () => {
    const gateway = await start();
    expect((await ask(gateway, "/api")).status).toBe(200);
    expect(JSON.parse((await ask(gateway, "/api/")).body)).toMatchObject({ name: "waiide" });
    expect((await ask(gateway, "/healthz")).status).toBe(200);
    expect(JSON.parse((await ask(gateway, "/api/status")).body)).toMatchObject({ connections: 0 });
    expect(JSON.parse((await ask(gateway, "/api/services")).body)).toMatchObject({
      services: [{ name: "ide", url: "/ide/" }],
    });
  });

  it("answers an unknown /api path with JSON 404", async () => {
    const gateway = await start();
    for (const path of ["/api/unknown", "/api/health/x", "/api/../api/unknown", "/api/%2e%2e/"]) {
      const answer = await ask(gateway, path, { headers: { accept: "application/json" } });
      expect(answer.status).toBe(404);
      expect(errorCode(answer)).toBe("NOT_FOUND");
    }
  });

  it.each([
    ["/api/status", "GET, HEAD"],
    ["/api/status/", "GET, HEAD"],
    ["/healthz", "GET, HEAD"],
    ["/metrics?x=1", "GET, HEAD"],
    ["/logout", "GET, HEAD"],
    ["/login", "GET, HEAD, POST"],
    ["/api/ide/restart", "POST"],
    ["/share/abc/", "GET, HEAD"],
    ["/share/abc/enter", "POST"],
    ["/share/abc/look", "POST"],
    ["/ide/waiide-page.js", "GET, HEAD"],
  ])("says which methods %s takes: %s", async (path, methods) => {
    const gateway = await start();
    const allow = `${methods}, OPTIONS`;
    const headers = { "sec-fetch-site": "same-origin", "content-type": "text/odd", accept: "application/json" };
    for (const method of ["DELETE", "PATCH", "PUT", "PROPFIND", ...(methods === "POST" ? ["GET", "HEAD"] : [])]) {
      const answer = await ask(gateway, path, { method, headers });
      expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, allow]);
      if (method !== "HEAD") expect(errorCode(answer)).toBe("METHOD_NOT_ALLOWED");
    }
    const options = await ask(gateway, path, { method: "OPTIONS" });
    expect([options.status, options.headers.allow, options.body]).toEqual([204, allow, ""]);
  });

  it("answers HEAD as GET, without a body", async () => {
    const gateway = await start();
    for (const path of ["/healthz", "/api", "/api/status", "/metrics", "/ide/waiide-page.js"]) {
      const answer = await ask(gateway, path, { method: "HEAD" });
      expect([path, answer.status, answer.body]).toEqual([path, 200, ""]);
    }
  });

  it("describes itself as OpenAPI 3.1, every path with a summary", async () => {
    const { body } = await ask(await start(), "/api/openapi.json");
    const document = JSON.parse(body) as {
      openapi: string;
      paths: Record<string, Record<string, { summary?: string }>>;
    };
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths)).toContain("/api/status");
    for (const methods of Object.values(document.paths)) {
      for (const operation of Object.values(methods)) expect(operation.summary).toMatch(/\w/);
    }
  });

  it("serves Prometheus metrics, also on a separate port", async () => {
    const port = await freePort();
    const gateway = await start({ "metrics-port": String(port) });
    const { body } = await ask(gateway, "/metrics");
    expect(body).toMatch(/^waiide_requests_total\{route="api"\} \d+$/m);
    const separate = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(await separate.text()).toContain("waiide_ide_ready 0");
    expect((await fetch(`http://127.0.0.1:${port}/api/status`)).status).toBe(404);
  });
});

describe("R1: every request passes the gate", () => {
  const paths = [
    "/",
    "/ide/",
    "/ide/file.js",
    "/file.js",
    "/proxy/3000/",
    "/absproxy/3000/",
    "/proxy/8071/",
    "/proxy/8081/",
    "/apps/lab/",
    "/api/status",
    "/api/services",
    "/api/openapi.json",
    "/api/unknown",
    "/metrics",
    "//api",
    "/ide/../api/status",
  ];

  it("census: without a login every owner's path is refused, as request and as upgrade", async () => {
    const gateway = await start({ auth: "token", token });
    for (const path of paths) {
      expect((await ask(gateway, path)).status, path).toBe(401);
      expect((await ask(gateway, path, { method: "POST" })).status, `POST ${path}`).toBe(401);
      expect(await askUpgrade(gateway, path), `upgrade ${path}`).toBe(401);
    }
  });

  it("census: what answers strangers is exactly this", async () => {
    const gateway = await start({ auth: "token", token });
    await expect(gateway.ide.process.whenReady()).rejects.toMatchObject({ code: "IDE_MISSING" });
    for (const [path, status] of [
      ["/api", 200],
      ["/api/health", 503],
      ["/healthz", 200],
      ["/login", 200],
      ["/logout", 303],
    ] as const) {
      expect((await ask(gateway, path)).status, path).toBe(status);
    }
  });

  it("a refused upgrade is never a redirect", async () => {
    const gateway = await start({ auth: "token", token });
    expect(await askUpgrade(gateway, "/ide/", { "Sec-Fetch-Mode": "navigate", Accept: "text/html" })).toBe(401);
  });

  it("lets the token in, and only takes WebSockets where there are some", async () => {
    const gateway = await start({ auth: "token", token });
    const headers = { authorization: `token ${token}` };
    expect((await ask(gateway, "/api/status", { headers })).status).toBe(200);
    expect(await askUpgrade(gateway, "/api/status", { Authorization: `token ${token}` })).toBe(400);
  });
});

describe("R5: hosts and origins", () => {
  it("DNS rebinding: a stranger's name is refused for requests and upgrades", async () => {
    const gateway = await start();
    expect(errorCode(await ask(gateway, "/api", { headers: { host: "evil.example" } }))).toBe("HOST_REFUSED");
    expect(await askUpgrade(gateway, "/ide/", { Host: "evil.example", Origin: "http://evil.example" })).toBe(403);
  });

  it("a foreign origin opens no WebSocket and sends no POST", async () => {
    let reached = 0;
    const server = createServer((_request, response) => {
      reached += 1;
      response.end("reached");
    });
    server.on("upgrade", (_request, socket) => {
      reached += 1;
      socket.destroy();
    });
    const port = await backend(server);
    const gateway = await start();
    const evil = { Origin: "https://evil.example" };
    expect(await askUpgrade(gateway, `/proxy/${port}/`, evil)).toBe(403);
    expect(errorCode(await ask(gateway, `/proxy/${port}/`, { method: "POST", headers: evil }))).toBe("ORIGIN_REFUSED");
    expect(reached).toBe(0);
    const own = { Origin: new URL(gateway.url).origin };
    expect((await ask(gateway, `/proxy/${port}/`, { method: "POST", headers: own })).body).toBe("reached");
  });
});

describe("login with a token", () => {
  it("exchanges the link for a cookie and takes the token out of the address", async () => {
    const gateway = await start({ auth: "token", token });
    const answer = await ask(gateway, `/?token=${token}&folder=/x`);
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/?folder=/x");
    expect(answer.headers["referrer-policy"]).toBe("no-referrer");
    const cookie = answer.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    expect((await ask(gateway, "/api/status", { headers: { cookie } })).status).toBe(200);
  });

  it("has a page for people without the link, which continues to their target", async () => {
    const gateway = await start({ auth: "token", token });
    const people = { accept: "text/html", "sec-fetch-mode": "navigate" };
    const redirect = await ask(gateway, "/ide/?folder=/x", { headers: people });
    expect(redirect).toMatchObject({ status: 303, headers: { location: "/login?next=%2Fide%2F%3Ffolder%3D%2Fx" } });
    const page = await ask(gateway, redirect.headers.location ?? "", { headers: people });
    expect(page.status).toBe(200);
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
    const submit = (body: string) =>
      fetch(`${gateway.url}login`, {
        method: "POST",
        body,
        redirect: "manual",
        headers: { "content-type": "application/x-www-form-urlencoded", origin: new URL(gateway.url).origin },
      });
    const wrong = await submit("token=wrong&next=/ide/");
    expect(wrong.status).toBe(401);
    expect(await wrong.text()).toContain("This is not the token of this server");
    const right = await submit(`token=${token}&next=https://evil.example/`);
    expect(right.status).toBe(303);
    expect(right.headers.get("location")).toBe("/");
    expect(right.headers.get("set-cookie")).toContain("HttpOnly");
  });
});

describe("R4: secrets stay here", () => {
  it("an app on a port sees neither our cookie nor our token, and all its own headers", async () => {
    let seen: IncomingMessage | undefined;
    const port = await backend(
      createServer((request, response) => {
        seen = request;
        response.setHeader("Set-Cookie", ["waiide-login-8070=stolen; Path=/", "own=1; Path=/"]).end();
      }),
    );
    const gateway = await start({ auth: "token", token });
    const login = await ask(gateway, `/?token=${token}`);
    const cookie = login.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    const answer = await ask(gateway, `/proxy/${port}/a?x=1`, {
      headers: { cookie: `own=1; ${cookie}`, authorization: "Basic b3duOm93bg==" },
    });
    expect(answer.status).toBe(200);
    expect(seen?.headers.cookie).toBe("own=1");
    expect(seen?.headers.authorization).toBe("Basic b3duOm93bg==");
    expect(answer.headers["set-cookie"]).toEqual([`own=1; Path=/proxy/${port}/`]);
    await ask(gateway, `/proxy/${port}/`, { headers: { authorization: `token ${token}` } });
    expect(seen?.headers.authorization).toBeUndefined();
  });
});

describe("under a prefix", () => {
  const flags = { "base-url": "/user/alice/" };

  it("answers below it; outside, /healthz answers and any GET is led below it", async () => {
    const gateway = await start(flags);
    expect((await ask(gateway, "/user/alice/api")).status).toBe(200);
    expect((await ask(gateway, "/healthz")).status).toBe(200);
    expect((await ask(gateway, "/ide/?folder=/x")).headers.location).toBe("/user/alice/ide/?folder=/x");
    expect((await ask(gateway, "//evil.example/x")).headers.location).toBe("/user/alice/evil.example/x");
    const post = { method: "POST", headers: { "sec-fetch-site": "same-origin" } };
    expect((await ask(gateway, "/api", post)).status).toBe(404);
    expect(await askUpgrade(gateway, "/ide/", { Origin: new URL(gateway.url).origin })).toBe(400);
  });

  it("redirects to the slash that relative links need", async () => {
    const gateway = await start(flags);
    for (const [path, location] of [
      ["/user/alice/ide", "/user/alice/ide/"],
      ["/user/alice/ide?x=1", "/user/alice/ide/?x=1"],
      ["/user/alice/proxy/3000", "/user/alice/proxy/3000/"],
      ["/user/alice/ide/proxy/3000/a?b", "/user/alice/proxy/3000/a?b"],
      ["/user/alice/apps/lab", "/user/alice/apps/lab/"],
    ]) {
      expect(await ask(gateway, path ?? "")).toMatchObject({ status: 307, headers: { location } });
    }
  });

  it("strips it for ports, keeps it for absproxy", async () => {
    const port = await backend(createServer((request, response) => response.end(request.url)));
    const gateway = await start(flags);
    expect((await ask(gateway, `/user/alice/proxy/${port}/a%2Fb//@?q=%20`)).body).toBe("/a%2Fb//@?q=%20");
    expect((await ask(gateway, `/user/alice/absproxy/${port}/a?q`)).body).toBe(`/user/alice/absproxy/${port}/a?q`);
  });
});

it("passes WebSockets to ports", async () => {
  const server = createServer();
  new WebSocketServer({ server }).on("connection", (socket) =>
    socket.on("message", (data) => socket.send(`echo ${String(data)}`)),
  );
  const port = await backend(server);
  const gateway = await start();
  const client = new WebSocket(`${gateway.url.replace("http", "ws")}proxy/${port}/`, {
    origin: new URL(gateway.url).origin,
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  client
    .on("open", () => client.send("hello"))
    .on("message", (data) => resolve(String(data)))
    .on("error", reject);
  expect(await promise).toBe("echo hello");
  expect(JSON.parse((await ask(gateway, "/api/status")).body)).toMatchObject({ connections: 1 });
  client.terminate();
});

it("R18: a port registers no service worker", async () => {
  const port = await backend(createServer((_request, response) => response.end("self.skip = 1")));
  const gateway = await start();
  const answer = await ask(gateway, `/proxy/${port}/worker.js`, { headers: { "service-worker": "script" } });
  expect(errorCode(answer)).toBe("SERVICE_WORKER_REFUSED");
});

it("R8: its own port is never proxied", async () => {
  const gateway = await start();
  const { port } = new URL(gateway.url);
  expect(errorCode(await ask(gateway, `/proxy/${port}/api`))).toBe("PORT_REFUSED");
});

describe("people and programs are told plainly why the IDE does not run", () => {
  it.each([
    ["a missing IDE server", {}, "IDE_MISSING", "There is no IDE server at", "waiide ide install"],
    [
      "an IDE server of another architecture",
      { "ide-server": "foreign" },
      "IDE_UNUSABLE",
      "is built for",
      "waiide ide install",
    ],
    [
      "a missing workspace",
      { "ide-server": "ide", workspace: "missing" },
      "WORKSPACE_MISSING",
      "does not exist",
      "--workspace",
    ],
    [
      "a workspace that is a file",
      { "ide-server": "ide", workspace: "file" },
      "WORKSPACE_MISSING",
      "is not a folder",
      "--workspace",
    ],
  ])("%s", async (_what, names: Record<string, string>, code, message, action) => {
    await makeIde(join(folder, "ide"));
    await makeIde(join(folder, "foreign"), { machine: ownMachine === machines.x64 ? machines.arm64 : machines.x64 });
    writeFileSync(join(folder, "file"), "");
    const lines: string[] = [];
    const logger = pino({}, { write: (line: string) => void lines.push(line) });
    const flags = Object.fromEntries(Object.entries(names).map(([name, path]) => [name, join(folder, path)]));
    const gateway = await start(flags, logger);
    await expect(gateway.ide.process.whenReady()).rejects.toMatchObject({ code });
    const page = await ask(gateway, "/", { headers: { accept: "text/html" } });
    expect(page.status).toBe(503);
    expect(page.body).toContain(message);
    expect(page.body).toContain(action);
    const answer = await ask(gateway, "/ide/", { headers: { accept: "application/json" } });
    expect(answer.status).toBe(503);
    expect(answer.body).toContain(message);
    expect(lines.join("")).toContain(message);
  });
});

it("removes a fragment, and accepts the absolute form of its own host", async () => {
  const targets: string[] = [];
  const port = await backend(
    createServer((request, response) => response.end(request.url)).on("upgrade", (request, socket) => {
      targets.push(request.url ?? "");
      socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    }),
  );
  const gateway = await start();
  const { host } = new URL(gateway.url);
  expect((await ask(gateway, `/proxy/${port}/a?b=%23#c/../d?e`)).body).toBe("/a?b=%23");
  expect((await ask(gateway, `http://${host}/proxy/${port}/a?b#c`)).body).toBe("/a?b");
  expect((await ask(gateway, `HTTP://${host}/api#x`)).status).toBe(200);
  expect(await askUpgrade(gateway, `/proxy/${port}/ws#x`, { Origin: `http://${host}` })).toBe(403);
  expect(await askUpgrade(gateway, `http://${host}/proxy/${port}/ws?a`, { Origin: `http://${host}` })).toBe(403);
  expect(targets).toEqual(["/ws", "/ws?a"]);
});

it("refuses absolute targets of other hosts, asterisk targets, and unknown methods", async () => {
  const gateway = await start();
  expect((await ask(gateway, "http://127.0.0.1/api")).status).toBe(400);
  expect((await ask(gateway, "http://evil.example/api")).status).toBe(400);
  expect((await ask(gateway, "*", { method: "OPTIONS" })).status).toBe(400);
});

describe("life", () => {
  it("reports its health over the control socket without a login", async () => {
    const gateway = await start({ auth: "token", token });
    const data = join(folder, "data", "gateway", "_");
    expect(await askRunningGateway(data, "/api/status")).toMatchObject({ status: 200 });
    const record = join(data, "running.json");
    expect(existsSync(record)).toBe(true);
    // Damaged, it is told; the next start writes it anew.
    const whole = readFileSync(record, "utf8");
    for (const damaged of ["", "{", '{"socket": 7}', "null"]) {
      writeFileSync(record, damaged);
      await expect(askRunningGateway(data, "/api/health")).rejects.toMatchObject({ code: "RECORD_DAMAGED" });
      expect(readFileSync(record, "utf8")).toBe(damaged);
    }
    writeFileSync(record, whole);
    await gateway.close();
    opened = [];
    expect(existsSync(record)).toBe(false);
    await expect(askRunningGateway(data, "/api/health")).rejects.toMatchObject({ code: "NOT_RUNNING" });
    await expect(ask(gateway, "/api")).rejects.toThrow(/ECONNREFUSED/);
  });

  it("a foreign answer is an error in words", async () => {
    const socket = join(folder, "other.sock");
    let answer = { status: 200, body: "" };
    const other = createServer((_request, response) => response.writeHead(answer.status).end(answer.body));
    other.listen(socket);
    await once(other, "listening");
    for (const [status, body] of [
      [200, "<html>"],
      [200, '{"half":'],
      [200, "null"],
      [502, ""],
    ] as const) {
      answer = { status, body };
      await expect(askRunningGateway(folder, "/api/health", { socket })).rejects.toMatchObject({
        code: "ANSWER_UNREADABLE",
        message: expect.stringContaining(`did not answer as expected at ${socket}: `),
      });
    }
    answer = { status: 204, body: "" };
    expect(await askRunningGateway(folder, "/api/x", { socket })).toEqual({ status: 204, body: undefined });
    other.close();
  });

  it("closes open WebSockets and stalled downloads with it", async () => {
    const server = createServer((_request, response) => response.writeHead(200).flushHeaders());
    new WebSocketServer({ server });
    const port = await backend(server);
    const gateway = await start();
    const client = new WebSocket(`${gateway.url.replace("http", "ws")}proxy/${port}/`, {
      origin: new URL(gateway.url).origin,
    });
    await once(client, "open");
    const download = await fetch(`${gateway.url}proxy/${port}/`);
    const closed = once(client, "close");
    await gateway.close();
    opened = opened.filter((one) => one !== gateway);
    await closed;
    await expect(download.text()).rejects.toThrow();
  });

  it("names a busy port, and leaves nothing behind then either", async () => {
    const gateway = await start();
    const { port } = new URL(gateway.url);
    const error = await start({ port, "data-dir": join(folder, "second") }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({ code: "PORT_BUSY", exit: 1 });
    expect(existsSync(join(folder, "second"))).toBe(false);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await backend(server);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  await promise;
  return port;
}
