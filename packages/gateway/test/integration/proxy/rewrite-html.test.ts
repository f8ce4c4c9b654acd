import type { OutgoingHttpHeaders } from "node:http";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { ask, closeAll, prefix, startBackend, startCannedBackend, startProxy } from "./harness.ts";

afterEach(closeAll);

const page = '<script src="/static/app.js"></script>';
const accept = { Accept: "text/html,*/*", "Accept-Encoding": "gzip, br" };

async function served(body: string | Buffer, headers: OutgoingHttpHeaders, rewriteHtml = true) {
  const encodings: (string | undefined)[] = [];
  const backend = await startBackend((request, response) => {
    encodings.push(request.headers["accept-encoding"] as string | undefined);
    response.writeHead(200, headers).end(body);
  });
  const proxy = await startProxy(backend.port, { rewriteHtml });
  return { answer: await ask(proxy.port, prefix, { headers: accept }), encodings };
}

describe("--rewrite-html", () => {
  test("rewrites a page, asks for no compression, and corrects length and ETag", async () => {
    const { answer, encodings } = await served(page, {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Length": page.length,
      ETag: '"v1"',
      "Accept-Ranges": "bytes",
      "X-Kept": "1",
    });
    const expected = `<script src="${prefix}static/app.js"></script>`;
    expect(String(answer.body)).toBe(expected);
    expect(answer.headers).toMatchObject({ "content-length": String(expected.length), etag: 'W/"v1"', "x-kept": "1" });
    expect(answer.headers).not.toHaveProperty("accept-ranges");
    expect(encodings).toEqual(["identity"]);
  });

  test("off, nothing changes", async () => {
    const { answer, encodings } = await served(page, { "Content-Type": "text/html", ETag: '"v1"' }, false);
    expect(String(answer.body)).toBe(page);
    expect(answer.headers.etag).toBe('"v1"');
    expect(encodings).toEqual(["gzip, br"]);
  });

  test.each([
    ["another type", page, { "Content-Type": "text/plain", ETag: '"v1"' }],
    ["a compressed page", gzipSync(page), { "Content-Type": "text/html", "Content-Encoding": "gzip", ETag: '"v1"' }],
    ["a page without such addresses", "<p>é</p>", { "Content-Type": "text/html", ETag: '"v1"' }],
    ["a page beyond 5 MB", page + " ".repeat(5 * 1024 * 1024), { "Content-Type": "text/html", ETag: '"v1"' }],
    [
      "a page beyond 5 MB that says so",
      page + " ".repeat(5 * 1024 * 1024),
      { "Content-Type": "text/html", "Content-Length": page.length + 5 * 1024 * 1024, ETag: '"v1"' },
    ],
  ])("%s passes unchanged", async (_name, body, headers) => {
    const { answer } = await served(body, headers);
    expect(answer.body.equals(Buffer.from(body))).toBe(true);
    expect(answer.headers.etag).toBe('"v1"');
  });

  test("a page whose backend dies halfway is an error, not half a page", async () => {
    const backend = await startCannedBackend(
      `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n${page}`,
    );
    const proxy = await startProxy(backend.port, { rewriteHtml: true });
    const answer = await ask(proxy.port, prefix, { headers: accept });
    expect(answer.status).toBe(502);
    expect(proxy.errors).toHaveLength(1);
  });
});
