import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { request as startRequest } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { closeAll, type Listening, prefix, startBackend, startRawBackend } from "./harness.ts";

const megabyte = 1024 * 1024;
const total = 2 * 1024 * megabyte;
let child: ChildProcess | undefined;

afterEach(async () => {
  if (child !== undefined) {
    const exited = once(child, "exit");
    child.disconnect();
    await exited;
    child = undefined;
  }
  await closeAll();
});

async function startProxyProcess(backend: Listening): Promise<number> {
  child = fork(new URL("fixtures/proxy-process.ts", import.meta.url), [String(backend.port)], { execArgv: [] });
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  return port;
}

/** Resident bytes of the proxy's process, now and at most so far. */
async function memory(): Promise<{ rss: number; peak: number }> {
  child?.send("memory");
  return (await once(child as ChildProcess, "message"))[0];
}

function startSink(): Promise<Listening> {
  const chunk = Buffer.alloc(256 * 1024, "x");
  return startBackend((request, response) => {
    if (request.method === "PUT") {
      let received = 0;
      request.on("data", (part: Buffer) => {
        received += part.length;
      });
      request.on("end", () => response.end(String(received)));
      return;
    }
    const bytes = Number(request.url?.slice(1));
    response.setHeader("Content-Length", bytes);
    let left = bytes;
    const send = (): void => {
      while (left > 0) {
        left -= chunk.length;
        if (!response.write(chunk)) {
          response.once("drain", send);
          return;
        }
      }
      response.end();
    };
    send();
  });
}

async function download(port: number, bytes: number): Promise<number> {
  const request = startRequest({ host: "127.0.0.1", port, path: `${prefix}${bytes}`, agent: false }).end();
  const [response] = await once(request, "response");
  let received = 0;
  response.on("data", (part: Buffer) => {
    received += part.length;
  });
  await once(response, "end");
  return received;
}

async function upload(port: number, bytes: number): Promise<number> {
  const chunk = Buffer.alloc(256 * 1024, "x");
  const request = startRequest({
    host: "127.0.0.1",
    port,
    path: prefix,
    method: "PUT",
    agent: false,
    headers: { "Content-Length": bytes },
  });
  for (let sent = 0; sent < bytes; sent += chunk.length) {
    if (!request.write(chunk)) await once(request, "drain");
  }
  request.end();
  const [response] = await once(request, "response");
  const [text] = await once(response, "data");
  return Number(text);
}

/** How far garbage may pile up on a busy machine: what is kept whole would be ten times as much. */
const flat = 192 * megabyte;

describe("2 GB with flat memory", () => {
  test("down", async () => {
    const port = await startProxyProcess(await startSink());
    await download(port, 64 * megabyte);
    const before = await memory();
    expect(await download(port, total)).toBe(total);
    const after = await memory();
    expect(after.peak - before.peak).toBeLessThan(flat);
  });

  test("up", async () => {
    const port = await startProxyProcess(await startSink());
    await upload(port, 64 * megabyte);
    const before = await memory();
    expect(await upload(port, total)).toBe(total);
    const after = await memory();
    expect(after.peak - before.peak).toBeLessThan(flat);
  });
});

describe("500 idle WebSockets", () => {
  test("take little memory each", async () => {
    const backend = await startRawBackend((socket) => {
      socket.once("data", () =>
        socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
      );
      socket.on("end", () => socket.end());
    });
    const port = await startProxyProcess(backend);
    const open = async (count: number) =>
      Promise.all(
        Array.from({ length: count }, async () => {
          const socket = connect(port, "127.0.0.1");
          socket.write(`GET ${prefix} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
          await once(socket, "data");
          return socket;
        }),
      );
    const first = await open(50);
    const before = await memory();
    const rest = await open(500);
    const after = await memory();
    expect((after.rss - before.rss) / 500).toBeLessThan(100 * 1024);
    for (const socket of [...first, ...rest]) socket.destroy();
  });
});
