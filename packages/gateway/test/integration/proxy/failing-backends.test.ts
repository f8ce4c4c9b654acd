import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import {
  ask,
  closeAll,
  deferred,
  prefix,
  RawClient,
  startBackend,
  startCannedBackend,
  startProxy,
  startRawBackend,
} from "./harness.ts";

afterEach(closeAll);

describe("a backend that fails before it answers", () => {
  test.each([
    ["closes at once", "", "BACKEND_CLOSED"],
    ["does not speak HTTP", "SSH-2.0-OpenSSH_9.2\r\n", "BACKEND_BROKEN"],
    ["sends a broken header", "HTTP/1.1 200 OK\r\nBad Header: 1\r\n\r\n", "BACKEND_BROKEN"],
    ["closes in the middle of its head", "HTTP/1.1 200 OK\r\nContent-", "BACKEND_CLOSED"],
    ["sends two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "BACKEND_BROKEN"],
    [
      "switches protocols unasked",
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
      "BACKEND_CLOSED",
    ],
    ["sends a head beyond 64 KiB", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(70_000)}\r\n\r\n`, "BACKEND_BROKEN"],
  ])("%s: 502", async (_name, canned, code) => {
    const backend = await startCannedBackend(canned);
    const proxy = await startProxy(backend.port);
    const answer = await ask(proxy.port, prefix, { method: "POST" });
    expect(answer.status).toBe(502);
    expect(JSON.parse(String(answer.body)).error.code).toBe(code);
    expect(proxy.errors).toHaveLength(1);
  });

  test("nothing listens: 502 that names the backend, and the next try works once it does", async () => {
    const backend = await startBackend((_request, response) => response.end("up"));
    const proxy = await startProxy(backend.port);
    await backend.close();
    const answer = await ask(proxy.port, prefix);
    expect(answer.status).toBe(502);
    expect(JSON.parse(String(answer.body)).error).toMatchObject({
      code: "BACKEND_UNREACHABLE",
      message: expect.stringContaining("port 3000"),
    });
    const again = createServer((_request, response) => response.end("up again")).listen(backend.port, "127.0.0.1");
    await once(again, "listening");
    expect(String((await ask(proxy.port, prefix)).body)).toBe("up again");
    again.closeAllConnections();
    again.close();
  });

  test("an upload to a dead backend gets its 502 as well, and the connection serves on", async () => {
    const backend = await startBackend((_request, response) => response.end());
    await backend.close();
    const proxy = await startProxy(backend.port);
    const client = new RawClient(proxy.port);
    client.send(`POST ${prefix} HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n`).send(Buffer.alloc(1_000_000));
    await client.until("BACKEND_UNREACHABLE");
    client.received = "";
    client.send(`GET ${prefix} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
    expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 502 /);
  });
});

describe("a backend that dies in the middle of its answer", () => {
  test.each([
    ["counted", "Content-Length: 100\r\n\r\npart"],
    ["chunked", "Transfer-Encoding: chunked\r\n\r\n4\r\npart\r\n"],
    ["in the middle of a chunk", "Transfer-Encoding: chunked\r\n\r\n64\r\npart"],
  ])("%s: the browser sees a cut connection, no silent truncation", async (_name, rest) => {
    const backend = await startCannedBackend(`HTTP/1.1 200 OK\r\n${rest}`);
    const proxy = await startProxy(backend.port);
    await expect(ask(proxy.port, prefix)).rejects.toThrow();
    expect(proxy.errors).toEqual([]);
    expect(proxy.cuts).toHaveLength(1);
  });

  test("in a stream of events: it ends whole, and the browser connects again", async () => {
    const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    const backend = await startCannedBackend(`${head}b\r\ndata: one\n\n\r\n`);
    const proxy = await startProxy(backend.port);
    expect(String((await ask(proxy.port, prefix)).body)).toBe("data: one\n\n");
    expect(proxy.cuts).toHaveLength(1);
  });
});

describe("a backend that never answers", () => {
  test("makes the browser wait, ends when the browser leaves, and stops with the gateway", async () => {
    const arrived = deferred();
    const left = deferred();
    const backend = await startRawBackend((socket) => {
      socket.once("data", () => arrived.resolve());
      socket.on("close", () => left.resolve());
      socket.on("end", () => socket.end());
    });
    const proxy = await startProxy(backend.port);
    const client = new RawClient(proxy.port).send(`GET ${prefix} HTTP/1.1\r\nHost: h\r\n\r\n`);
    await arrived.promise;
    client.socket.destroy();
    await left.promise;
    expect(client.received).toBe("");

    const second = new RawClient(proxy.port).send(`POST ${prefix} HTTP/1.1\r\nHost: h\r\n\r\n`);
    await expect.poll(() => proxy.backend.dispatcher.stats.running).toBe(1);
    await proxy.backend.close();
    expect(await second.until("BACKEND_CLOSED")).toMatch(/^HTTP\/1\.1 502 /);
    second.socket.destroy();
  });
});

describe("backends on unix sockets", () => {
  test("are reached, and a missing socket is named", async () => {
    const folder = await mkdtemp(join(tmpdir(), "waiide-proxy-"));
    const socketPath = join(folder, "s");
    const proxy = await startProxy({ socketPath });
    const missing = await ask(proxy.port, prefix);
    expect(missing.status).toBe(502);
    expect(JSON.parse(String(missing.body)).error).toMatchObject({ code: "BACKEND_UNREACHABLE" });
    const server = createServer((request, response) => response.end(request.headers.host));
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    expect(String((await ask(proxy.port, prefix, { headers: { Host: "hub.example.org" } })).body)).toBe(
      "hub.example.org",
    );
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
});
