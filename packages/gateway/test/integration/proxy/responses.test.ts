import { once } from "node:events";
import { request as startRequest } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { ask, closeAll, deferred, prefix, RawClient, startBackend, startCannedBackend, startProxy } from "./harness.ts";

afterEach(closeAll);

describe("answers without a body", () => {
  test("HEAD keeps Content-Length and the connection", async () => {
    const backend = await startBackend((_request, response) => response.setHeader("Content-Length", 5).end("12345"));
    const proxy = await startProxy(backend.port);
    const client = new RawClient(proxy.port);
    client.send(
      `HEAD ${prefix} HTTP/1.1\r\nHost: h\r\n\r\nGET ${prefix} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
    );
    const answer = await client.untilEnd();
    expect(answer.match(/Content-Length: 5/gi)).toHaveLength(2);
    expect(answer.match(/12345/g)).toHaveLength(1);
  });

  test.each([
    [204, "HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n"],
    [304, 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 7\r\n\r\n'],
    [304, 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nTrailer: X-Sum\r\n\r\n'],
    [200, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"],
  ])("%i", async (status, canned) => {
    const backend = await startCannedBackend(canned);
    const proxy = await startProxy(backend.port);
    const answer = await ask(proxy.port, prefix);
    expect(answer.status).toBe(status);
    expect(answer.body).toHaveLength(0);
    expect(answer.headers).not.toHaveProperty("transfer-encoding");
  });
});

describe("status lines and headers", () => {
  test("order, spelling, repetition, Latin-1 and the reason come through", async () => {
    const backend = await startCannedBackend(
      "HTTP/1.1 299 Very Fine\r\nx-LOWER: 1\r\nSet-Cookie: a=1\r\nX-b: caf\xe9\r\nSet-Cookie: b=2; Path=/\r\nDate: then\r\nContent-Length: 2\r\n\r\nok",
    );
    const proxy = await startProxy(backend.port);
    const answer = await ask(proxy.port, prefix);
    expect([answer.status, answer.reason]).toEqual([299, "Very Fine"]);
    expect(answer.rawHeaders.slice(0, 12)).toEqual([
      ...["x-LOWER", "1", "Set-Cookie", "a=1", "X-b", "caf\xe9", "Set-Cookie", `b=2; Path=${prefix}`],
      ...["Date", "then", "Content-Length", "2"],
    ]);
  });

  test("a redirect stays under the prefix", async () => {
    const backend = await startBackend((_request, response) => response.writeHead(302, { Location: "/login" }).end());
    const proxy = await startProxy(backend.port);
    expect((await ask(proxy.port, prefix)).headers.location).toBe(`${prefix}login`);
  });

  test("an answer that ends with its connection is whole", async () => {
    const backend = await startCannedBackend("HTTP/1.0 200 OK\r\n\r\nuntil the end");
    const proxy = await startProxy(backend.port);
    expect(String((await ask(proxy.port, prefix)).body)).toBe("until the end");
  });

  test("HTTP/1.0 browsers get no chunks", async () => {
    const backend = await startBackend((_request, response) => {
      response.write("a");
      response.end("b");
    });
    const proxy = await startProxy(backend.port);
    const answer = await new RawClient(proxy.port).send(`GET ${prefix} HTTP/1.0\r\n\r\n`).untilEnd();
    expect(answer).toMatch(/\r\n\r\nab$/);
  });
});

describe("1xx", () => {
  test("103 Early Hints and 102 reach the browser first, with the header rules applied", async () => {
    const go = deferred();
    const backend = await startBackend(async (_request, response) => {
      response.writeProcessing();
      response.writeInformation(103, { Link: "</a.css>; rel=preload", "Set-Cookie": "waiide-x=1" });
      await go.promise;
      response.end("done");
    });
    const proxy = await startProxy(backend.port);
    const client = new RawClient(proxy.port).send(`GET ${prefix} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
    const early = await client.until("</a.css>; rel=preload\r\n");
    expect(early).not.toContain("200 OK");
    go.resolve();
    const answer = await client.untilEnd();
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 102", "HTTP/1.1 103", "HTTP/1.1 200"]);
    expect(answer).not.toContain("waiide-x");
  });

  test("HTTP/1.0 browsers get none", async () => {
    const backend = await startBackend((_request, response) => {
      response.writeEarlyHints({ link: "</a.css>; rel=preload" });
      response.end("done");
    });
    const proxy = await startProxy(backend.port);
    const answer = await new RawClient(proxy.port).send(`GET ${prefix} HTTP/1.0\r\nHost: h\r\n\r\n`).untilEnd();
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200"]);
  });
});

describe("trailers", () => {
  test("of the backend reach the browser", async () => {
    const backend = await startBackend((request, response) => {
      response.writeHead(200, { Trailer: "X-Sum, X-Te" });
      response.write("body");
      response.addTrailers({ "X-Sum": "42", "X-Te": String(request.headers.te) });
      response.end();
    });
    const proxy = await startProxy(backend.port);
    const answer = await ask(proxy.port, prefix, { headers: { TE: "trailers", Connection: "TE" } });
    expect(String(answer.body)).toBe("body");
    expect(answer.headers.trailer).toBe("X-Sum, X-Te");
    expect(answer.trailers).toEqual({ "x-sum": "42", "x-te": "trailers" });
  });

  test("announced on an answer that cannot have them, they are left out", async () => {
    const backend = await startCannedBackend("HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nContent-Length: 2\r\n\r\nok");
    const proxy = await startProxy(backend.port);
    const answer = await ask(proxy.port, prefix);
    expect(String(answer.body)).toBe("ok");
    expect(answer.headers).not.toHaveProperty("trailer");
  });
});

describe("server-sent events unbuffered", () => {
  test("head and each event arrive when they are sent, not when more follows", async () => {
    const steps = [deferred(), deferred()];
    const backend = await startBackend(async (_request, response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.flushHeaders();
      await steps[0]?.promise;
      response.write("data: one\n\n");
      await steps[1]?.promise;
      response.write("data: two\n\n");
    });
    const proxy = await startProxy(backend.port);
    const request = startRequest({ host: "127.0.0.1", port: proxy.port, path: prefix, agent: false }).end();
    const [response] = await once(request, "response");
    expect(response.headers["content-type"]).toBe("text/event-stream");
    steps[0]?.resolve();
    expect(String((await once(response, "data"))[0])).toBe("data: one\n\n");
    steps[1]?.resolve();
    expect(String((await once(response, "data"))[0])).toBe("data: two\n\n");
    request.destroy();
  });
});
