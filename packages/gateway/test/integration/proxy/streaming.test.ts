import { once } from "node:events";
import { type IncomingMessage, request as startRequest } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { ask, closeAll, deferred, prefix, RawClient, readAll, startBackend, startProxy } from "./harness.ts";

afterEach(closeAll);

/** Shorter than the pauses below: what is limited besides heads would end them. */
const shortLimits = { headersTimeout: 300, keepAliveTimeout: 300 };
const pause = 900;

describe("R7 past the time limits", () => {
  test("a slow upload", async () => {
    const backend = await startBackend(async (request, response) => response.end(await readAll(request)));
    const proxy = await startProxy(backend.port, {}, shortLimits);
    const request = startRequest({ host: "127.0.0.1", port: proxy.port, path: prefix, method: "PUT", agent: false });
    request.write("a");
    await delay(pause);
    request.end("b");
    const [response] = await once(request, "response");
    expect(String(await readAll(response))).toBe("ab");
  });

  test("a slow download, and a stream that is silent", async () => {
    const backend = await startBackend(async (_request, response) => {
      response.write("a");
      await delay(pause);
      response.end("b");
    });
    const proxy = await startProxy(backend.port, {}, shortLimits);
    expect(String((await ask(proxy.port, prefix)).body)).toBe("ab");
  });

  test("a backend that thinks long before it answers", async () => {
    const backend = await startBackend(async (_request, response) => {
      await delay(pause);
      response.end("at last");
    });
    const proxy = await startProxy(backend.port, {}, shortLimits);
    expect(String((await ask(proxy.port, prefix)).body)).toBe("at last");
    expect(proxy.server.requestTimeout).toBe(0);
    expect(proxy.server.timeout).toBe(0);
  });

  test("only headers have a timeout, so that idle clients cannot hold connections", async () => {
    const backend = await startBackend((_request, response) => response.end());
    const proxy = await startProxy(backend.port, {}, shortLimits);
    const answer = await new RawClient(proxy.port).send("GET / HTTP/1.1\r\nHost: ").untilEnd();
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });
});

describe("slow clients", () => {
  test("a download waits for its reader instead of filling memory", async () => {
    const chunk = Buffer.alloc(64 * 1024);
    let sent = 0;
    const stalled = deferred();
    const backend = await startBackend((_request, response) => {
      response.writeHead(200);
      const send = (): void => {
        while (response.write(chunk)) sent += chunk.length;
        sent += chunk.length;
        const timer = setTimeout(() => stalled.resolve(), 500);
        response.once("drain", () => {
          clearTimeout(timer);
          send();
        });
      };
      send();
    });
    const proxy = await startProxy(backend.port);
    const client = new RawClient(proxy.port);
    client.socket.pause();
    client.send(`GET ${prefix} HTTP/1.1\r\nHost: h\r\n\r\n`);
    await stalled.promise;
    // Two kernels' socket buffers on loopback and two streams; an unbounded proxy takes as much as is sent.
    expect(sent).toBeLessThan(32 * 1024 * 1024);
    const before = sent;
    const more = once(client.socket, "data");
    client.socket.resume();
    await more;
    await expect.poll(() => sent).toBeGreaterThan(before);
    client.socket.destroy();
  });

  test("an upload waits for a backend that does not read", async () => {
    const arrived = deferred();
    const backend = await startBackend((request) => {
      request.pause();
      arrived.resolve();
    });
    const proxy = await startProxy(backend.port);
    const request = startRequest({ host: "127.0.0.1", port: proxy.port, path: prefix, method: "POST", agent: false });
    request.on("error", () => {});
    const chunk = Buffer.alloc(64 * 1024);
    let sent = 0;
    const full = deferred();
    const send = (): void => {
      while (request.write(chunk)) sent += chunk.length;
      sent += chunk.length;
      const timer = setTimeout(() => full.resolve(), 500);
      request.once("drain", () => {
        clearTimeout(timer);
        send();
      });
    };
    send();
    await arrived.promise;
    await full.promise;
    expect(sent).toBeLessThan(32 * 1024 * 1024);
    request.destroy();
  });
});

describe("aborts are seen on the other side", () => {
  test("an aborted upload", async () => {
    const begun = deferred();
    const aborted = deferred<boolean>();
    const backend = await startBackend((request) => {
      request.once("data", () => begun.resolve());
      request.on("error", () => {});
      request.on("close", () => aborted.resolve(!request.complete));
    });
    const proxy = await startProxy(backend.port);
    const request = startRequest({ host: "127.0.0.1", port: proxy.port, path: prefix, method: "POST", agent: false });
    request.on("error", () => {});
    request.write("part");
    await begun.promise;
    request.destroy();
    expect(await aborted.promise).toBe(true);
    expect(proxy.errors).toEqual([]);
  });

  test("an aborted download", async () => {
    const closed = deferred<boolean>();
    const backend = await startBackend((_request, response) => {
      response.on("close", () => closed.resolve(response.writableFinished));
      response.write("part");
    });
    const proxy = await startProxy(backend.port);
    const request = startRequest({ host: "127.0.0.1", port: proxy.port, path: prefix, agent: false }).end();
    const [response] = await once(request, "response");
    await once(response, "data");
    response.on("error", () => {});
    request.destroy();
    expect(await closed.promise).toBe(false);
    expect(proxy.errors).toEqual([]);
  });

  test("leaving before the backend answered", async () => {
    const arrived = deferred();
    const closed = deferred();
    const backend = await startBackend((_request, response) => {
      response.on("close", () => closed.resolve());
      arrived.resolve();
    });
    const proxy = await startProxy(backend.port);
    const request = startRequest({ host: "127.0.0.1", port: proxy.port, path: prefix, agent: false }).end();
    request.on("error", () => {});
    await arrived.promise;
    request.destroy();
    await closed.promise;
    expect(proxy.errors).toEqual([]);
  });

  test("leaving before the request is sent on at all", async () => {
    let requests = 0;
    const backend = await startBackend(() => {
      requests += 1;
    });
    const waiting = deferred<Socket>();
    const done = deferred();
    const before = async (request: IncomingMessage): Promise<void> => {
      waiting.resolve(request.socket);
      await new Promise((resolve) => request.socket.once("close", resolve));
      setImmediate(done.resolve);
    };
    const proxy = await startProxy(backend.port, {}, { before });
    const client = new RawClient(proxy.port).send(`GET ${prefix} HTTP/1.1\r\nHost: h\r\n\r\n`);
    await waiting.promise;
    client.socket.destroy();
    await done.promise;
    expect(requests).toBe(0);
    expect(proxy.backend.dispatcher.stats.size).toBe(0);
  });

  test("an early answer reaches the browser; the connection stays usable", async () => {
    const backend = await startBackend((request, response) => {
      if (request.method === "POST") response.writeHead(413, { "Content-Length": 9 }).end("too large");
      else response.end("still here");
    });
    const proxy = await startProxy(backend.port);
    const client = new RawClient(proxy.port);
    const size = 8 * 1024 * 1024;
    client.send(`POST ${prefix} HTTP/1.1\r\nHost: h\r\nContent-Length: ${size}\r\n\r\n`).send("x");
    expect(await client.until("too large")).toMatch(/^HTTP\/1\.1 413 /);
    client.send(Buffer.alloc(size - 1));
    client.send(`GET ${prefix} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
    expect(await client.untilEnd()).toContain("still here");
    expect(proxy.errors).toEqual([]);
  });
});
