import { describe, expect, test } from "vitest";
import { asksForHtml, isRewritable, rewriteHtml } from "../../../src/proxy/html.ts";
import type { Place } from "../../../src/proxy/paths.ts";

const place: Place = {
  prefix: "/user/alice/",
  prefixStripped: true,
  context: { baseUrl: "/user/alice/", scheme: "http", host: "h" },
};

async function rewritten(html: string | Buffer, changes = {}): Promise<string> {
  const body = typeof html === "string" ? Buffer.from(html) : html;
  return String(await rewriteHtml(body, { ...place, ...changes }));
}

describe("--rewrite-html", () => {
  test.each([
    ['<script src="/static/app.js"></script>', '<script src="/user/alice/static/app.js"></script>'],
    ["<A HREF='/x' data-x='a\"b' >X</A >", "<A HREF='/user/alice/x' data-x='a\"b' >X</A >"],
    ["<img src=/a.png alt=/b>", "<img src=/user/alice/a.png alt=/b>"],
    ['<form action = "/post?a=1&amp;b=2&copy=3">', '<form action = "/user/alice/post?a=1&amp;b=2&copy=3">'],
    ['<a href="  \n/x">', '<a href="  \n/user/alice/x">'],
    ['<a href="&#47;x">', '<a href="/user/alice&#47;x">'],
    ['<a href="/">', '<a href="/user/alice/">'],
    ['<base href="/"><link href=/c.css rel=x>', '<base href="/user/alice/"><link href=/user/alice/c.css rel=x>'],
    ['<svg><a href="/x" xlink:href="/y"></a></svg>', '<svg><a href="/user/alice/x" xlink:href="/y"></a></svg>'],
    ['<img src="/a" src="/b" href>', '<img src="/user/alice/a" src="/b" href>'],
    [
      '<a\nhref="/a"\r\n\tsrc="/b">\r\n<a href="/c">',
      '<a\nhref="/user/alice/a"\r\n\tsrc="/user/alice/b">\r\n<a href="/user/alice/c">',
    ],
    ['<pre>\n\n<a href="/x">', '<pre>\n\n<a href="/user/alice/x">'],
  ])("%s", async (html, expected) => {
    expect(await rewritten(html)).toBe(expected);
  });

  test.each([
    '<a href="//cdn.example/x"><a href="/\\x"><a href="/\t/x"><a href="https://x/"><a href="x/y"><a href="#a"><a href="">',
    '<a href="/user/alice/x"><a href="/user/alice"><a href="/hub/home">',
    '<script>var a = \'<a href="/x">\';</script><!-- <a href="/x"> --><textarea><a href="/x"></textarea><title><a href="/x"></title>',
    '<style>a[href="/x"]{}</style><plaintext><a href="/x">',
    'text href="/x" <notatag',
    '<a href="/x',
    "<p data-href=/x longsrc=/y>",
    "\0<b>\0</b>&nbsp;&euro;\r\n\r",
  ])("stays byte for byte: %s", async (html) => {
    const body = Buffer.from(html);
    expect(await rewriteHtml(body, place)).toBe(body);
  });

  test("where the prefix is kept nothing changes", async () => {
    expect(await rewritten('<a href="/x">', { prefixStripped: false })).toBe('<a href="/x">');
  });

  test("bytes of any ASCII-like encoding survive", async () => {
    const every = Buffer.from(
      Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 0x1b && byte !== 0x3c),
    );
    const page = Buffer.concat([
      Buffer.from("\ufeff<p>"),
      every,
      Buffer.from('<a href="/x" title="'),
      Buffer.from([0xe9, 0x80]),
      Buffer.from('&euro;">'),
    ]);
    const expected = page.toString("latin1").replace('href="/x"', 'href="/user/alice/x"');
    expect((await rewriteHtml(page, place)).toString("latin1")).toBe(expected);
  });

  test.each([
    ["UTF-16", Buffer.from('\ufeff<a href="/x">', "utf16le")],
    ["ISO-2022-JP", Buffer.from('\x1b$B<a href="/x">', "latin1")],
  ])("%s stays as it is", async (_name, page) => {
    expect(await rewriteHtml(page, place)).toBe(page);
  });

  test("a prefix with odd characters cannot break out of an attribute", async () => {
    const odd = { prefix: "/user/o'b\" <r>&/", context: { baseUrl: "/" } };
    expect(await rewritten("<img src=/x>", odd)).toBe("<img src=/user/o&#39;b&#34;&#32;&#60;r&#62;&#38;/x>");
  });

  test("long pages are rewritten across the parser's steps", async () => {
    const line = '<a href="/x">é</a>\r\n';
    const many = 10_000;
    expect(await rewritten(line.repeat(many))).toBe('<a href="/user/alice/x">é</a>\r\n'.repeat(many));
  });

  test.each([
    ["GET", "text/html,application/xhtml+xml", true],
    ["POST", "text/html", true],
    ["GET", "*/*", false],
    ["GET", undefined, false],
    ["HEAD", "text/html", false],
  ])("%s with Accept %s asks for a page: %s", (method, accept, expected) => {
    expect(asksForHtml(method, accept)).toBe(expected);
  });

  test.each([
    ["GET", 200, ["Content-Type", "text/html"], true],
    ["GET", 404, ["content-type", "Text/HTML ; charset=latin1", "Content-Length", "5242880"], true],
    ["GET", 200, ["Content-Type", "text/html", "Content-Length", "5242881"], false],
    ["GET", 200, ["Content-Type", "text/html", "Content-Encoding", "gzip"], false],
    ["GET", 200, ["Content-Type", "text/html", "Content-Encoding", "identity"], true],
    ["GET", 200, ["Content-Type", "text/html; charset=UTF-16"], false],
    ["GET", 200, ["Content-Type", "text/html-sandboxed"], false],
    ["GET", 200, ["Content-Type", "application/json"], false],
    ["GET", 206, ["Content-Type", "text/html"], false],
    ["GET", 304, ["Content-Type", "text/html"], false],
    ["HEAD", 200, ["Content-Type", "text/html"], false],
    ["GET", 200, [], false],
  ])("%s %i %j is rewritable: %s", (method, status, headers, expected) => {
    expect(isRewritable(method, status, headers)).toBe(expected);
  });
});
