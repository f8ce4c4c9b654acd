import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findWindow } from "../../../src/cli/code/ide-window.ts";

/** What is spent on a window that never answers. Milliseconds. */
const shortPatience = 500;

let folder: string;
let servers: Server[];
let asked: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waiide-window-"));
  servers = [];
  asked = [];
});
afterEach(async () => {
  for (const server of servers) server.closeAllConnections();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  rmSync(folder, { recursive: true });
});

async function serve(name: string, answer: RequestListener): Promise<string> {
  const socket = join(folder, name);
  const server = createServer((request, response) => {
    asked.push(name);
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return socket;
}

const openWindow = (name: string) =>
  serve(name, (_request, response) => response.writeHead(200, { "Content-Type": "application/json" }).end('""'));

/** The window's process lives on, and no page is there to answer. */
const closedWindow = (name: string) => serve(name, () => undefined);

/** A gateway of this server name, which knows these windows. */
async function runningGateway(windows: readonly string[], serverName = "_"): Promise<string> {
  const list = JSON.stringify({ windows: windows.map((socket) => ({ command_socket: socket })) });
  const socket = await serve(`control-${serverName}`, (_request, response) => response.end(list));
  mkdirSync(join(folder, "gateway", serverName), { recursive: true });
  const record = { pid: process.pid, socket, url: "http://127.0.0.1:8070/" };
  writeFileSync(join(folder, "gateway", serverName, "running.json"), JSON.stringify(record));
  return socket;
}

const find = (environment: NodeJS.ProcessEnv = {}, patience = 60_000) =>
  findWindow({ environment, dataFolder: folder, gatewayFolder: join(folder, "gateway/_"), patience });

it("a terminal of the IDE uses its own window", async () => {
  const own = await openWindow("own");
  await runningGateway([await openWindow("other")]);
  expect(await find({ VSCODE_IPC_HOOK_CLI: own })).toBe(own);
  expect(asked).toEqual(["own"]);
});

it("a terminal that outlived its window uses the window used last that answers", async () => {
  const [first, second] = [await closedWindow("first"), await openWindow("second")];
  await runningGateway([join(folder, "gone"), second, await openWindow("third")]);
  expect(await find({ VSCODE_IPC_HOOK_CLI: join(folder, "gone") })).toBe(second);
  expect(await find({ WAIIDE_CONTROL_SOCKET: join(folder, "gone-too") })).toBe(second);
  expect(await find({ VSCODE_IPC_HOOK_CLI: first }, 20_000)).not.toBe(first);
});

it("a session that knows nothing finds the gateway of any server name", async () => {
  const window = await openWindow("window");
  await runningGateway([window], "lab");
  expect(await find()).toBe(window);
});

it("without a window, or without a gateway, it says so", async () => {
  await expect(find()).rejects.toMatchObject({ code: "NOT_RUNNING" });
  await runningGateway([await closedWindow("closed")]);
  const refusal = { code: "NO_IDE_WINDOW", details: { url: "http://127.0.0.1:8070/" } };
  await expect(find({}, shortPatience)).rejects.toMatchObject(refusal);
});

it("R16: a guest's terminal reaches its own window, and never asks for the owner's", async () => {
  const [own, owners] = [await openWindow("own"), await openWindow("owners")];
  const control = await runningGateway([owners]);
  const guest = { WAIIDE_SHARE: "abc", WAIIDE_CONTROL_SOCKET: control };
  expect(await find({ ...guest, VSCODE_IPC_HOOK_CLI: own })).toBe(own);
  await expect(find(guest)).rejects.toMatchObject({ code: "GUEST_TERMINAL" });
  expect(asked).toEqual(["own"]);
});

it("a name that is no socket is not asked", async () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  chmodSync(file, 0o600);
  await runningGateway([file]);
  await expect(find()).rejects.toMatchObject({ code: "NO_IDE_WINDOW" });
});
