import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { expect, it, onTestFinished } from "vitest";
import { answerFile, contentInMemory, type FileContent, requestedRange } from "../../../src/http/file-answer.ts";

const etag = '"v1"';
const bytes = Buffer.from("0123456789");

/** What a request for ten digits is answered with, and which failures broke the connection. */
async function ask(
  init: RequestInit = {},
  content: FileContent = contentInMemory(bytes),
): Promise<{ status: number; headers: Headers; body: string; broken: unknown[] }> {
  const broken: unknown[] = [];
  const server = createServer((request, response) => {
    const range = requestedRange(request, content.size, etag);
    const headers = { "Content-Type": "text/plain" };
    void answerFile(request, response, { headers, content, etag, range }, (error) => broken.push(error));
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, init);
  const body = await answer.text().catch(() => "broken off");
  return { status: answer.status, headers: answer.headers, body, broken };
}

it("a file is answered whole, with its version and length", async () => {
  const { status, headers, body } = await ask();
  expect([status, headers.get("etag"), headers.get("content-length"), body]).toEqual([200, etag, "10", "0123456789"]);
});

it("HEAD has the same headers, and no range", async () => {
  const { status, headers, body } = await ask({ method: "HEAD", headers: { range: "bytes=2-3" } });
  expect([status, headers.get("content-length"), body]).toEqual([200, "10", ""]);
});

it.each([
  ["bytes=2-4", 206, "bytes 2-4/10", "234"],
  ["bytes=-3", 206, "bytes 7-9/10", "789"],
  ["bytes=10-", 416, "bytes */10", ""],
])("the range %s is answered with %i", async (range, status, contentRange, body) => {
  const answer = await ask({ headers: { range } });
  expect([answer.status, answer.headers.get("content-range"), answer.body]).toEqual([status, contentRange, body]);
});

it.each([
  [etag, 206, "2"],
  ['"v0"', 200, "0123456789"],
])("a range counts only for the version that If-Range names: %s", async (condition, status, body) => {
  const answer = await ask({ headers: { range: "bytes=2-2", "if-range": condition } });
  expect([answer.status, answer.body]).toEqual([status, body]);
});

it.each([
  [etag, 304],
  [`"v0", W/${etag}`, 304],
  ["*", 304],
  ['"v0"', 200],
])("a browser that names the version it has, %s, gets %i", async (header, status) => {
  expect((await ask({ headers: { "if-none-match": header } })).status).toBe(status);
});

it("an empty file is an empty answer", async () => {
  const { status, headers, body } = await ask({}, contentInMemory(Buffer.alloc(0)));
  expect([status, headers.get("content-length"), body]).toEqual([200, "0", ""]);
});

it("a failure after the beginning breaks the connection", async () => {
  const failing = async function* () {
    yield Buffer.from("01");
    throw new Error("the disk failed");
  };
  const { status, body, broken } = await ask({}, { size: 10, read: () => Readable.from(failing()) });
  expect([status, body, broken]).toEqual([200, "broken off", [new Error("the disk failed")]]);
});
