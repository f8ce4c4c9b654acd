import { once } from "node:events";
import { createServer } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { closeAll, deferred, prefix, RawClient, startBackend, startProxy, startRawBackend } from "./harness.ts";

afterEach(closeAll);

const upgradeHead = `GET ${prefix}ws?a=%2F HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`;
const accepted = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";

/** An echo that knows sub-protocols and compression. */
async function startEcho() {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: { threshold: 0 },
    handleProtocols: (offered) => (offered.has("v2") ? "v2" : false),
  });
  return startBackend(
    (_request, response) => response.end(),
    (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (opened) =>
        opened.on("message", (message, binary) => opened.send(message, { binary })),
      ),
  );
}

describe("WebSockets", () => {
  test("text, binary, big messages, sub-protocol and compression pass through unchanged", async () => {
    const echo = await startEcho();
    const proxy = await startProxy(echo.port);
    const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}${prefix}`, ["v1", "v2"]);
    await once(socket, "open");
    expect(socket.protocol).toBe("v2");
    expect(socket.extensions).toContain("permessage-deflate");
    for (const message of ["ü", Buffer.alloc(3_000_000, 7)]) {
      socket.send(message);
      const [answer, binary] = await once(socket, "message");
      expect(Buffer.compare(answer, Buffer.from(message))).toBe(0);
      expect(binary).toBe(typeof message !== "string");
    }
    socket.close(4001, "bye");
    const [code, reason] = await once(socket, "close");
    expect([code, String(reason)]).toEqual([4001, "bye"]);
  });

  test("what the backend gets and what the browser gets follow the header rules", async () => {
    const seen = deferred<string>();
    const backend = await startRawBackend((socket) =>
      socket.once("data", (head) => {
        seen.resolve(String(head));
        const rest = `Sec-WebSocket-Accept: x\r\nKeep-Alive: timeout=5\r\nSet-Cookie: waiide-x=1\r\nset-cookie: a=1; Domain=h; Path=/\r\n\r\nfirst`;
        socket.write(accepted + rest);
      }),
    );
    const proxy = await startProxy(backend.port, { credentials: "authorization" });
    const client = new RawClient(proxy.port);
    client.send(
      `${upgradeHead}Sec-WebSocket-Key: k\r\nCookie: a=1; jupyterhub-x=2\r\nAuthorization: token s\r\nX-Forwarded-For: 6.6.6.6\r\nOrigin: http://h\r\n\r\n`,
    );
    const answer = await client.until("first");
    expect(answer).toBe(
      `HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\nset-cookie: a=1; Path=${prefix}\r\nVia: 1.1 waiide\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nfirst`,
    );
    expect((await seen.promise).split("\r\n")).toEqual([
      "GET /ws?a=%2F HTTP/1.1",
      "Host: h",
      "Sec-WebSocket-Key: k",
      "Cookie: a=1",
      "Origin: http://h",
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Via: 1.1 waiide",
      "X-Forwarded-For: 127.0.0.1",
      "X-Forwarded-Proto: http",
      "X-Forwarded-Host: h",
      'Forwarded: for=127.0.0.1;host="h";proto=http',
      "X-Forwarded-Prefix: /user/alice/proxy/3000",
      "X-Forwarded-Context: /user/alice/proxy/3000",
      "X-ProxyContextPath: /user/alice/proxy/3000",
      "",
      "",
    ]);
  });

  test("bytes pass both ways as they are, also those sent before the backend accepted", async () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const received = deferred<string>();
    const backend = await startRawBackend((socket) => {
      socket.once("data", async () => {
        let text = "";
        socket.on("data", (chunk) => {
          text += chunk.toString("latin1");
          if (text.length >= 516) received.resolve(text);
        });
        await delay(50);
        socket.write(`${accepted}\r\n`);
        socket.write(all);
      });
    });
    const proxy = await startProxy(backend.port);
    const client = new RawClient(proxy.port).send(Buffer.concat([Buffer.from(`${upgradeHead}\r\nhead`), all]));
    await client.until(`\r\n\r\n${all.toString("latin1")}`);
    client.send(all);
    expect(await received.promise).toBe(`head${all.toString("latin1")}${all.toString("latin1")}`);
  });

  test("half-close passes both ways", async () => {
    const backend = await startRawBackend((socket) => {
      socket.once("data", () => {
        socket.write(`${accepted}\r\n`);
        let text = "";
        socket.on("data", (chunk) => {
          text += chunk;
        });
        socket.on("end", () => socket.end(`got ${text}`));
      });
    });
    const proxy = await startProxy(backend.port);
    const client = new RawClient(proxy.port).send(`${upgradeHead}\r\n`);
    await client.until("\r\n\r\n");
    client.send("question");
    client.socket.end();
    expect(await client.untilEnd()).toMatch(/got question$/);

    const last = deferred<string>();
    const closing = await startRawBackend((socket) => {
      socket.once("data", () => {
        socket.end(`${accepted}\r\nbye`);
        socket.once("data", (chunk) => last.resolve(String(chunk)));
      });
    });
    const second = await startProxy(closing.port);
    const other = new RawClient(second.port).send(`${upgradeHead}\r\n`);
    await other.until("bye");
    await expect.poll(() => other.ended).toBe(true);
    other.send("last words");
    expect(await last.promise).toBe("last words");
    other.socket.destroy();
  });

  test("a browser that closes its side before the backend accepted gets all that comes", async () => {
    const asked = deferred();
    const received = deferred<string>();
    const backend = await startRawBackend((socket) => {
      socket.once("data", async () => {
        asked.resolve();
        let text = "";
        socket.on("data", (chunk) => {
          text += chunk;
        });
        socket.on("end", () => {
          received.resolve(text);
          socket.end("all of it");
        });
        await delay(200);
        socket.write(`${accepted}\r\n`);
      });
    });
    const proxy = await startProxy(backend.port);
    const client = new RawClient(proxy.port).send(`${upgradeHead}\r\nearly`);
    client.socket.end();
    await asked.promise;
    expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 101 [\s\S]*\r\n\r\nall of it$/);
    expect(await received.promise).toBe("early");
  });

  test("a reader that does not read holds the sender back", async () => {
    let sent = 0;
    const stalled = deferred();
    const backend = await startRawBackend((socket) => {
      socket.once("data", () => {
        socket.write(`${accepted}\r\n`);
        const chunk = Buffer.alloc(64 * 1024);
        const send = (): void => {
          while (socket.write(chunk)) sent += chunk.length;
          const timer = setTimeout(() => stalled.resolve(), 500);
          socket.once("drain", () => {
            clearTimeout(timer);
            send();
          });
        };
        send();
      });
    });
    const proxy = await startProxy(backend.port);
    const client = new RawClient(proxy.port);
    client.socket.pause();
    client.send(`${upgradeHead}\r\n`);
    await stalled.promise;
    expect(sent).toBeLessThan(32 * 1024 * 1024);
    client.socket.destroy();
  });
});

describe("both ends go together", () => {
  test.each([
    ["the browser's", "browser"],
    ["the backend's", "backend"],
  ])("%s socket is reset", async (_name, which) => {
    const opened = deferred<Socket>();
    const backend = await startRawBackend((socket) => {
      socket.once("data", () => {
        socket.write(`${accepted}\r\n`);
        opened.resolve(socket);
      });
    });
    const proxy = await startProxy(backend.port);
    const client = new RawClient(proxy.port).send(`${upgradeHead}\r\n`);
    await client.until("\r\n\r\n");
    const inner = await opened.promise;
    const [dying, other] = which === "browser" ? [client.socket, inner] : [inner, client.socket];
    other.resume();
    const closed = once(other, "close");
    dying.resetAndDestroy();
    other.on("end", () => other.end());
    await closed;
    await expect.poll(() => connectionsOf(proxy.server)).toBe(0);
  });

  test("the browser leaves before the backend answered", async () => {
    const arrived = deferred();
    const left = deferred();
    const backend = await startRawBackend((socket) => {
      socket.once("data", () => arrived.resolve());
      socket.on("close", () => left.resolve());
      socket.on("end", () => socket.end());
    });
    const proxy = await startProxy(backend.port);
    const client = new RawClient(proxy.port).send(`${upgradeHead}\r\n`);
    await arrived.promise;
    client.socket.destroy();
    await left.promise;
    expect(proxy.errors).toEqual([]);
  });

  test("closing the backend ends its WebSockets", async () => {
    const echo = await startEcho();
    const proxy = await startProxy(echo.port);
    const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}${prefix}`);
    await once(socket, "open");
    const closed = once(socket, "close");
    await proxy.backend.close();
    expect((await closed)[0]).toBe(1006);
  });
});

describe("a backend that refuses an upgrade", () => {
  test("its answer reaches the browser, and the connection ends", async () => {
    const backend = await startRawBackend((socket) =>
      socket.once("data", () =>
        socket.write(
          "HTTP/1.1 403 Not Here\r\nX-Why: because\r\nTransfer-Encoding: chunked\r\nSet-Cookie: waiide-x=1\r\n\r\n4\r\nsome\r\n5\r\n body\r\n0\r\n\r\n",
        ),
      ),
    );
    const proxy = await startProxy(backend.port);
    const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}${prefix}`);
    const [, response] = await once(socket, "unexpected-response");
    expect([response.statusCode, response.statusMessage]).toEqual([403, "Not Here"]);
    expect(response.headers).toMatchObject({ "x-why": "because", connection: "close" });
    expect(response.headers).not.toHaveProperty("set-cookie");
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    expect(String(Buffer.concat(chunks))).toBe("some body");
    await expect.poll(() => connectionsOf(proxy.server)).toBe(0);
    expect(proxy.errors).toEqual([]);
  });

  test("a long answer comes whole, at the reader's speed", async () => {
    const body = Buffer.alloc(5_000_000, "x");
    const backend = await startBackend(
      () => {},
      (_request, socket) =>
        socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`), body])),
    );
    const proxy = await startProxy(backend.port);
    const answer = await new RawClient(proxy.port).send(`${upgradeHead}\r\n`).untilEnd();
    expect(answer.length - answer.indexOf("\r\n\r\n") - 4).toBe(body.length);
  });

  test("a server that ignores upgrades answers as to any request", async () => {
    const server = createServer({ shouldUpgradeCallback: () => false }, (_request, response) => response.end("plain"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const proxy = await startProxy((server.address() as { port: number }).port);
    const answer = await new RawClient(proxy.port).send(`${upgradeHead}\r\n`).untilEnd();
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*plain$/);
    server.closeAllConnections();
    server.close();
  });
});

describe("a backend that fails during an upgrade", () => {
  test.each([
    ["nothing listens", undefined, "BACKEND_UNREACHABLE"],
    ["closes at once", "", "BACKEND_CLOSED"],
    ["does not speak HTTP", "nonsense\r\n\r\n", "BACKEND_BROKEN"],
  ])("%s: 502 with the error as JSON", async (_name, canned, code) => {
    const backend = await startRawBackend((socket) => socket.once("data", () => socket.end(canned ?? "")));
    if (canned === undefined) await backend.close();
    const proxy = await startProxy(backend.port);
    const answer = await new RawClient(proxy.port).send(`${upgradeHead}\r\n`).untilEnd();
    expect(answer).toMatch(/^HTTP\/1\.1 502 /);
    expect(JSON.parse(answer.slice(answer.indexOf("{"))).error.code).toBe(code);
    expect(proxy.errors).toHaveLength(1);
  });

  test.each([
    ["without an Upgrade header", "Connection: Upgrade\r\n"],
    ["without any header", ""],
    ["to a protocol that nobody offered", "Connection: Upgrade\r\nUpgrade: h2c\r\n"],
  ])("switches %s: 502, and nothing of it reaches the browser", async (_name, headers) => {
    const closed = deferred();
    const backend = await startRawBackend((socket) => {
      socket.once("data", () => socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers}\r\nfirst`));
      socket.on("end", () => socket.end()).on("close", () => closed.resolve());
    });
    const proxy = await startProxy(backend.port);
    const answer = await new RawClient(proxy.port).send(`${upgradeHead}\r\n`).untilEnd();
    expect(answer).toMatch(/^HTTP\/1\.1 502 /);
    expect(answer).not.toContain("first");
    expect(proxy.errors.map(({ code }) => code)).toEqual(["BACKEND_BROKEN"]);
    await closed.promise;
  });

  test("one of several protocols that were offered is taken, in any spelling", async () => {
    const backend = await startRawBackend((socket) =>
      socket.once("data", () =>
        socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\nfirst"),
      ),
    );
    const proxy = await startProxy(backend.port);
    const head = upgradeHead.replace("Upgrade: websocket", "Upgrade: chat/2, websocket");
    const client = new RawClient(proxy.port).send(`${head}\r\n`);
    expect(await client.until("first")).toMatch(/^HTTP\/1\.1 101 /);
    client.socket.destroy();
  });

  test("a refusal that breaks off is cut", async () => {
    const backend = await startRawBackend((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\npart")),
    );
    const proxy = await startProxy(backend.port);
    await new RawClient(proxy.port).send(`${upgradeHead}\r\n`).untilEnd();
    expect(proxy.cuts).toHaveLength(1);
  });
});

describe("500 idle WebSockets", () => {
  test("cost little, outlast the limits, still answer, and are all closed afterwards", async () => {
    const echo = await startEcho();
    const proxy = await startProxy(echo.port, {}, { keepAliveTimeout: 300 });
    const sockets = Array.from({ length: 500 }, () => {
      const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}${prefix}`, { perMessageDeflate: false });
      return socket;
    });
    await Promise.all(sockets.map((socket) => once(socket, "open")));
    expect(await connectionsOf(proxy.server)).toBe(500);
    await delay(900);
    for (const socket of sockets) socket.send("ping");
    const answers = await Promise.all(sockets.map((socket) => once(socket, "message")));
    expect(new Set(answers.map(([message]) => String(message)))).toEqual(new Set(["ping"]));
    for (const socket of sockets) socket.close();
    await Promise.all(sockets.map((socket) => once(socket, "close")));
    await expect.poll(() => connectionsOf(proxy.server)).toBe(0);
    await expect.poll(() => connectionsOf(echo.server)).toBe(0);
  });
});

function connectionsOf(server: {
  getConnections(callback: (error: Error | null, count: number) => void): unknown;
}): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}
