import { afterEach, describe, expect, test } from "vitest";
import { closeAll, prefix, RawClient, readAll, startBackend, startProxy } from "./harness.ts";

afterEach(closeAll);

const smuggled = `GET ${prefix}smuggled HTTP/1.1\r\nHost: h\r\n\r\n`;
const host = "Host: h\r\n";
const length = `Content-Length: ${smuggled.length}\r\n`;
const chunked = "Transfer-Encoding: chunked\r\n";
const emptyChunk = "0\r\n\r\n";

/**
 * What follows each head is a second request to whoever takes the first body to be shorter than the gateway does. Either
 * the whole is refused, or the backend sees the first request alone, with the rest as its body.
 */
const shapes: [string, string][] = [
  ["Content-Length and Transfer-Encoding", `${host}${length}${chunked}\r\n${emptyChunk}${smuggled}`],
  ["Transfer-Encoding and Content-Length", `${host}${chunked}${length}\r\n${emptyChunk}${smuggled}`],
  ["two different Content-Lengths", `${host}Content-Length: 0\r\n${length}\r\n${smuggled}`],
  ["two equal Content-Lengths", `${host}${length}${length}\r\n${smuggled}`],
  ["a list of Content-Lengths", `${host}Content-Length: 0, ${smuggled.length}\r\n\r\n${smuggled}`],
  ["a signed Content-Length", `${host}Content-Length: +${smuggled.length}\r\n\r\n${smuggled}`],
  ["a negative Content-Length", `${host}Content-Length: -1\r\n\r\n${smuggled}`],
  ["a hexadecimal Content-Length", `${host}Content-Length: 0x10\r\n\r\n${smuggled}`],
  ["a Content-Length beyond 64 bits", `${host}Content-Length: 18446744073709551616\r\n\r\n${smuggled}`],
  ["an empty Content-Length", `${host}Content-Length: \r\n\r\n${smuggled}`],
  ["a space before the colon", `${host}Content-Length : 0\r\n${length}\r\n${smuggled}`],
  ["a space inside Content-Length", `${host}Content-Length: 1 2\r\n\r\n${smuggled}`],
  ["an unknown coding", `${host}Transfer-Encoding: xchunked\r\n${length}\r\n${smuggled}`],
  ["chunked not last", `${host}Transfer-Encoding: chunked, identity\r\n${length}\r\n${emptyChunk}${smuggled}`],
  ["chunked twice", `${host}Transfer-Encoding: chunked, chunked\r\n\r\n${emptyChunk}${smuggled}`],
  ["chunked in two headers", `${host}${chunked}Transfer-Encoding: identity\r\n\r\n${emptyChunk}${smuggled}`],
  ["quoted chunked", `${host}Transfer-Encoding: "chunked"\r\n${length}\r\n${emptyChunk}${smuggled}`],
  [
    "a space before the colon of Transfer-Encoding",
    `${host}Transfer-Encoding : chunked\r\n${length}\r\n${emptyChunk}${smuggled}`,
  ],
  ["a tab before chunked", `${host}Transfer-Encoding:\tchunked\r\n${length}\r\n${emptyChunk}${smuggled}`],
  ["a vertical tab before chunked", `${host}Transfer-Encoding: \x0bchunked\r\n${length}\r\n${emptyChunk}${smuggled}`],
  [
    "a control character before chunked",
    `${host}Transfer-Encoding: \x01chunked\r\n${length}\r\n${emptyChunk}${smuggled}`,
  ],
  ["Transfer-Encoding hidden by obs-fold", `${host}X: 1\r\n Transfer-Encoding: chunked\r\n${length}\r\n${smuggled}`],
  ["folded Transfer-Encoding", `${host}Transfer-Encoding:\r\n chunked\r\n${length}\r\n${emptyChunk}${smuggled}`],
  [
    "a header hidden behind a bare LF",
    `${host}X: 1\nTransfer-Encoding: chunked\r\n${length}\r\n${emptyChunk}${smuggled}`,
  ],
  ["bare LF ends the head", `${host}X: 1\n\n${smuggled}`],
  ["bare CR in a value", `${host}X: 1\rTransfer-Encoding: chunked\r\n${length}\r\n${smuggled}`],
  ["bare CR ends the head", `${host}X: 1\r\r${smuggled}`],
  ["NUL in a value", `${host}X: 1\0${chunked}${length}\r\n${smuggled}`],
  ["NUL in a name", `${host}Transfer\0Encoding: chunked\r\n${length}\r\n${smuggled}`],
  ["a name of no characters", `${host}: chunked\r\n${length}\r\n${smuggled}`],
  ["a line without a colon", `${host}Transfer-Encoding\r\n${length}\r\n${smuggled}`],
  ["a chunk size with a sign", `${host}${chunked}\r\n+0\r\n\r\n${smuggled}`],
  ["a chunk size with 0x", `${host}${chunked}\r\n0x0\r\n\r\n${smuggled}`],
  ["a chunk size with a bare LF", `${host}${chunked}\r\n5\nabcde\n0\n\n${smuggled}`],
  ["a chunk extension with a bare LF", `${host}${chunked}\r\n5;x\nabcde\r\n0\r\n\r\n${smuggled}`],
  ["chunk data longer than its size", `${host}${chunked}\r\n1\r\nabcde\r\n0\r\n\r\n${smuggled}`],
  ["a chunk size beyond 64 bits", `${host}${chunked}\r\n10000000000000000\r\n\r\n${smuggled}`],
  ["two Host headers", `${host}Host: evil\r\n${length}\r\n${smuggled}`],
  ["an underscore instead of a dash", `${host}Transfer_Encoding: chunked\r\n${length}\r\n${smuggled}`],
  ["an upgrade with a body", `${host}Connection: Upgrade\r\nUpgrade: websocket\r\n${length}\r\n${smuggled}`],
];

describe("request smuggling shapes", () => {
  test.each(shapes)("%s", async (_name, rest) => {
    const seen: string[] = [];
    const backend = await startBackend(async (request, response) => {
      seen.push(`${request.method} ${request.url}`);
      await readAll(request).catch(() => undefined);
      response.end("answered");
    });
    const proxy = await startProxy(backend.port);
    const client = new RawClient(proxy.port).send(`POST ${prefix}first HTTP/1.1\r\n${rest}`);
    await client.until("HTTP/1.1 ");
    client.socket.end();
    const answer = await client.untilEnd();
    const statuses = answer.match(/HTTP\/1\.1 \d+/g) ?? [];
    if (seen.length === 0) expect(statuses).toEqual(["HTTP/1.1 400"]);
    else expect(seen).toEqual(["POST /first"]);
    expect(statuses.filter((status) => status === "HTTP/1.1 200").length).toBeLessThanOrEqual(seen.length);
  });

  test("a body that holds a request stays a body", async () => {
    const seen: [string, string][] = [];
    const backend = await startBackend(async (request, response) => {
      seen.push([request.url ?? "", String(await readAll(request))]);
      response.end();
    });
    const proxy = await startProxy(backend.port);
    const head = `POST ${prefix}first HTTP/1.1\r\nHost: h\r\nConnection: close\r\n`;
    await new RawClient(proxy.port).send(`${head}${length}\r\n${smuggled}`).untilEnd();
    const chunk = `${smuggled.length.toString(16)}\r\n${smuggled}\r\n`;
    await new RawClient(proxy.port).send(`${head}${chunked}\r\n${chunk}${emptyChunk}`).untilEnd();
    expect(seen).toEqual([
      ["/first", smuggled],
      ["/first", smuggled],
    ]);
  });

  test("bytes behind a refused upgrade never reach the backend", async () => {
    const received: string[] = [];
    const backend = await startBackend(
      (request, response) => {
        received.push(`${request.method} ${request.url}`);
        response.end("plain");
      },
      (request, socket, head) => {
        received.push(`upgrade ${request.url} ${head}`);
        socket.on("data", (chunk) => received.push(String(chunk)));
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno");
      },
    );
    const proxy = await startProxy(backend.port);
    const upgrade = `GET ${prefix}ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
    const answer = await new RawClient(proxy.port).send(upgrade + smuggled).untilEnd();
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toMatch(/\r\nConnection: close\r\n/i);
    expect(received).toEqual(["upgrade /ws "]);
  });
});
