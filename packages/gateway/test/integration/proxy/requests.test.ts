import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { ask, closeAll, deferred, prefix, RawClient, readAll, startBackend, startProxy } from "./harness.ts";

afterEach(closeAll);

/** A backend that answers with what it was asked, as JSON. */
function startMirror() {
  return startBackend(async (request, response) => {
    const body = await readAll(request);
    const { method, url, rawHeaders, headers } = request;
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ method, url, rawHeaders, headers, body: body.toString("latin1") }));
  });
}

describe("paths are untouched", () => {
  test.each([
    "@scope/name",
    "a%20b%2Fc%2e%2e%2f%5c",
    "/double//slashes///",
    "./../dots/./..",
    "?",
    "?a=%zz&b=+&c=%E4%C3%A4",
    "x;y=1,2:3!$'()*[]{}|^`\"<>\\",
    "http://other.example/x",
    "a?b?c#d",
  ])("%s", async (rest) => {
    const mirror = await startMirror();
    const proxy = await startProxy(mirror.port);
    const client = new RawClient(proxy.port).send(
      `GET ${prefix}${rest} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
    );
    const answer = await client.untilEnd();
    const { url } = JSON.parse(answer.slice(answer.indexOf("{"), answer.lastIndexOf("}") + 1));
    expect(url).toBe(`/${rest}`);
  });
});

test("a byte above ASCII in a path, which no browser sends, gets 400 from Node", async () => {
  const mirror = await startMirror();
  const proxy = await startProxy(mirror.port);
  const answer = await new RawClient(proxy.port).send(`GET ${prefix}caf\xe9 HTTP/1.1\r\nHost: h\r\n\r\n`).untilEnd();
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
});

describe("methods", () => {
  test.each(["DELETE", "MKCOL", "OPTIONS", "PATCH", "POST", "PROPFIND", "PUT", "QUERY", "REPORT", "SEARCH", "TRACE"])(
    "%s passes, with a body and without",
    async (method) => {
      const mirror = await startMirror();
      const proxy = await startProxy(mirror.port);
      const bare = JSON.parse(String((await ask(proxy.port, `${prefix}a`, { method })).body));
      expect(bare).toMatchObject({ method, url: "/a", body: "" });
      const full = await ask(proxy.port, `${prefix}a`, { method, body: "<x/>", headers: { "Content-Length": 4 } });
      expect(JSON.parse(String(full.body))).toMatchObject({ method, body: "<x/>", headers: { "content-length": "4" } });
    },
  );

  test("an unknown method gets 400 and nothing reaches the backend", async () => {
    let requests = 0;
    const backend = await startBackend((_request, response) => {
      requests += 1;
      response.end();
    });
    const proxy = await startProxy(backend.port);
    const answer = await new RawClient(proxy.port).send(`FOO ${prefix} HTTP/1.1\r\nHost: h\r\n\r\n`).untilEnd();
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(requests).toBe(0);
  });
});

describe("bodies", () => {
  test.each(["GET", "HEAD", "DELETE"])("%s with a body, counted or chunked", async (method) => {
    const bodies: string[] = [];
    const backend = await startBackend(async (request, response) => {
      bodies.push(String(await readAll(request)));
      response.end();
    });
    const proxy = await startProxy(backend.port);
    await ask(proxy.port, prefix, { method, body: "query", headers: { "Content-Length": 5 } });
    await ask(proxy.port, prefix, { method, body: "query", headers: { "Transfer-Encoding": "chunked" } });
    expect(bodies).toEqual(["query", "query"]);
  });

  test("POST keeps Content-Length: 0", async () => {
    const mirror = await startMirror();
    const proxy = await startProxy(mirror.port);
    const answer = await ask(proxy.port, prefix, { method: "POST", headers: { "Content-Length": 0 } });
    expect(JSON.parse(String(answer.body)).headers).toMatchObject({ "content-length": "0" });
  });

  test("a transfer coding besides chunked is refused, since nobody would decode it", async () => {
    const mirror = await startMirror();
    const proxy = await startProxy(mirror.port);
    const answer = await ask(proxy.port, prefix, {
      method: "POST",
      headers: { "Transfer-Encoding": "gzip, chunked" },
      body: "x",
    });
    expect(answer.status).toBe(400);
    expect(JSON.parse(String(answer.body)).error.code).toBe("BAD_REQUEST");
  });
});

describe("Expect: 100-continue", () => {
  const head = `POST ${prefix}up HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`;

  test("the browser gets one 100 Continue, and the backend never sees the header", async () => {
    const mirror = await startMirror();
    const proxy = await startProxy(mirror.port);
    const client = new RawClient(proxy.port).send(head);
    await client.until("HTTP/1.1 100 Continue\r\n\r\n");
    const answer = await client.send("data").untilEnd();
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 100", "HTTP/1.1 200"]);
    expect(answer).toContain('"body":"data"');
    expect(answer.toLowerCase()).not.toContain("expect");
  });

  test("with a dead backend the browser gets the error and is not asked for the body", async () => {
    const dead = await startMirror();
    await dead.close();
    const proxy = await startProxy(dead.port);
    const answer = await new RawClient(proxy.port).send(head).until("BACKEND_UNREACHABLE");
    expect(answer).toMatch(/^HTTP\/1\.1 502 /);
    expect(answer).not.toContain("100 Continue");
  });
});

describe("60 KiB of request headers", () => {
  test("reach the backend whole", async () => {
    const mirror = await startMirror();
    const proxy = await startProxy(mirror.port);
    const headers = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`X-Header-${index}`, "v".repeat(1000)]),
    );
    const answer = await ask(proxy.port, prefix, { headers });
    expect(answer.status).toBe(200);
    expect(JSON.parse(String(answer.body)).headers["x-header-59"]).toBe("v".repeat(1000));
  });

  test("all of many small ones are checked before they are forwarded", async () => {
    const mirror = await startMirror();
    const proxy = await startProxy(mirror.port);
    const seen = deferred<number>();
    proxy.server.prependListener("request", (request) => seen.resolve(Object.keys(request.headers).length));
    const lines = Array.from({ length: 2500 }, (_, index) => `X-${index}: 1\r\n`).join("");
    await new RawClient(proxy.port)
      .send(`GET ${prefix} HTTP/1.1\r\n${lines}Host: h\r\nConnection: close\r\n\r\n`)
      .untilEnd();
    expect(await seen.promise).toBe(2502);
  });
});

describe("connections", () => {
  test("a front proxy reuses an idle connection longer than Node's default of 5 s", async () => {
    const mirror = await startMirror();
    const proxy = await startProxy(mirror.port);
    expect(proxy.server.keepAliveTimeout).toBeGreaterThan(600_000);
    const short = await startProxy(mirror.port, {}, { keepAliveTimeout: 100 });
    const close = short.server.keepAliveTimeoutBuffer;
    expect(close).toBeGreaterThan(0);
    const client = new RawClient(proxy.port);
    for (let round = 1; round <= 3; round += 1) {
      client.received = "";
      client.send(`GET ${prefix}${round} HTTP/1.1\r\nHost: h\r\n\r\n`);
      expect(await client.until(`"url":"/${round}"`)).toMatch(/^HTTP\/1\.1 200 /);
      expect(client.received).toMatch(/Keep-Alive: timeout=6\d\d/i);
    }
    client.socket.destroy();
  });

  test("a kept-alive backend connection that closes at a bad moment breaks no GET", async () => {
    let requests = 0;
    const backend = await startBackend((request, response) => {
      requests += 1;
      // The second request on a connection meets a backend that has just decided to close it.
      if (requests === 2) request.socket.destroy();
      else response.end(`answer ${requests}`);
    });
    const proxy = await startProxy(backend.port);
    expect(String((await ask(proxy.port, prefix)).body)).toBe("answer 1");
    expect(String((await ask(proxy.port, prefix)).body)).toBe("answer 3");
    expect(proxy.errors).toEqual([]);
  });

  test("a POST is never sent twice", async () => {
    let requests = 0;
    const backend = await startBackend((request) => {
      requests += 1;
      request.socket.destroy();
    });
    const proxy = await startProxy(backend.port);
    const answer = await ask(proxy.port, prefix, { method: "POST", body: "x" });
    expect(answer.status).toBe(502);
    expect(JSON.parse(String(answer.body)).error.code).toBe("BACKEND_CLOSED");
    expect(requests).toBe(1);
  });
});

describe("invalid upgrades", () => {
  test("h2c, offered by some clients with every request, is served as plain HTTP", async () => {
    const mirror = await startMirror();
    const proxy = await startProxy(mirror.port);
    const headers = { Connection: "Upgrade, HTTP2-Settings", Upgrade: "h2c", "HTTP2-Settings": "AAMAAABkAAQ" };
    const answer = await ask(proxy.port, prefix, { headers });
    expect(answer.status).toBe(200);
    expect(JSON.parse(String(answer.body)).headers).not.toHaveProperty("http2-settings");
    expect(JSON.parse(String(answer.body)).headers).not.toHaveProperty("upgrade");
  });
});

describe("a client that closes its sending side after its request", () => {
  const request = `GET ${prefix} HTTP/1.1\r\nHost: h\r\n\r\n`;

  test("gets its answer, at once or later, with a body of any length", async () => {
    const body = "x".repeat(300_000);
    const backend = await startBackend(async (_request, response) => {
      await delay(300);
      response.write("begin ");
      await delay(300);
      response.end(body);
    });
    const proxy = await startProxy(backend.port);
    const client = new RawClient(proxy.port).send(request);
    client.socket.end();
    const answer = await client.untilEnd();
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toContain("begin ");
    expect(answer.split("x").length).toBe(300_001);
    expect(answer).toMatch(/\r\n0\r\n\r\n$/);
  });

  test("gets it after an upload, too", async () => {
    const backend = await startBackend(async (asked, response) => {
      const text = String(await readAll(asked));
      await delay(200);
      response.end(`got ${text}`);
    });
    const proxy = await startProxy(backend.port);
    const client = new RawClient(proxy.port);
    client.socket.end(`POST ${prefix} HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody`);
    expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*got body/);
  });

  test("and waits long gets interim answers, by which one that left is noticed", async () => {
    const backend = await startBackend(async (_request, response) => {
      await delay(5_500);
      response.end("at last");
    });
    const proxy = await startProxy(backend.port);
    const client = new RawClient(proxy.port).send(request);
    client.socket.end();
    const answer = await client.untilEnd();
    expect(answer).toMatch(/^(HTTP\/1\.1 100 Continue\r\n\r\n)+HTTP\/1\.1 200 OK\r\n[\s\S]*at last/);
  });
});
