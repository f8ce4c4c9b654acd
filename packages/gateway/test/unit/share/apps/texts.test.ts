import { buffer } from "node:stream/consumers";
import { brotliCompressSync, gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { baseWords } from "../../../../src/share/apps/texts/base-words.ts";
import { importMap } from "../../../../src/share/apps/texts/import-map.ts";
import { changedText, kindOfText, type TextChanges } from "../../../../src/share/apps/texts/texts.ts";

const prefix = "/user/alice/share/x/app/T/";
const words = baseWords("/user/alice/apps/lab/", prefix);
const html = {
  head: "<script>shim</script>",
  moved: (address: string) => (/^\/(?![/\\])/.test(address) ? `${prefix}${address.slice(1)}` : address),
};
const plain: TextChanges = { words: [], html: undefined, contentType: "text/html", contentEncoding: "", gzip: true };

async function changed(pieces: readonly (Buffer | string)[], changes: Partial<TextChanges>): Promise<Buffer> {
  const text = changedText({ ...plain, ...changes });
  if (text === undefined) throw new Error("not changed");
  const all = buffer(text.output);
  for (const piece of pieces) text.input.write(piece);
  text.input.end();
  return all;
}

async function page(source: string, changes: Partial<TextChanges> = {}): Promise<string> {
  return (await changed([Buffer.from(source)], { html, ...changes })).toString();
}

describe("R31: an app's texts", () => {
  const shim = html.head;
  it.each([
    [
      "in its head",
      "<!doctype html><html><head><script>1</script></head>",
      `<!doctype html><html><head>${shim}<script>1</script></head>`,
    ],
    ["without head", "<!doctype html><script>1</script>", `<!doctype html>${shim}<script>1</script>`],
    [
      "behind a comment with a script",
      "<!--<script>-->\n<script>1</script>",
      `<!--<script>-->\n${shim}<script>1</script>`,
    ],
    [
      "with a nonce policy",
      `<html><head lang=x><meta http-equiv=Content-Security-Policy content="script-src 'nonce-a'">`,
      `<html><head lang=x>${shim}<meta http-equiv=Content-Security-Policy content="script-src 'nonce-a'">`,
    ],
    ["of text alone", "hello", `${shim}hello`],
    ["that is empty", "", shim],
    ["with a byte order mark", "\ufeff<p>ä", `\ufeff${shim}<p>ä`],
    ["with a script in an attribute of html", "<html onload='x'><body>", `<html onload='x'>${shim}<body>`],
  ])("the shim is injected once, before the first script: a page %s", async (_what, source, expected) => {
    expect(await page(source)).toBe(expected);
  });

  it("root-relative addresses of attributes are moved, all other text stays", async () => {
    const source = `<a href="/x?a=1&amp;b=2">/x</a><img src='/i.png'><a href=//other/x><script>fetch("/api")</script><form action=/go>ü`;
    expect(await page(source, { html: { ...html, head: "" } })).toBe(
      `<a href="${prefix}x?a=1&#38;b=2">/x</a><img src="${prefix}i.png"><a href=//other/x><script>fetch("/api")</script><form action="${prefix}go">ü`,
    );
  });

  it("root-relative addresses in styles, style attributes and sets of images are moved", async () => {
    const source = `<style>@import "/a.css";b{background:url( '/b.png' )}</style><p style="background:url(/c.png)"><img srcset="/d.png 1x, /e.png 2x, f.png 3x">`;
    expect(await page(source, { html: { ...html, head: "" } })).toBe(
      `<style>@import "${prefix}a.css";b{background:url( '${prefix}b.png' )}</style><p style="background:url(${prefix}c.png)"><img srcset="${prefix}d.png 1x, ${prefix}e.png 2x, f.png 3x">`,
    );
  });

  it("hashes of the app's own files, which may be changed, are left out", async () => {
    const source = `<link rel=stylesheet href=/a.css integrity="sha256-x"><script src="//other/b.js" integrity="sha256-y"></script>`;
    const of = (changesFiles: boolean) => page(source, { html: { ...html, head: "", changesFiles } });
    expect(await of(true)).toBe(
      `<link rel=stylesheet href="${prefix}a.css" ><script src="//other/b.js" integrity="sha256-y"></script>`,
    );
    expect(await of(false)).toContain('integrity="sha256-x"');
  });

  it("root-relative addresses of a style sheet are moved, wherever it is split", async () => {
    const source = `@import '/a.css';@font-face{src:url(/f.woff2),url("//cdn/f.woff2"),url(data:x)}i{background:url("img/i.png")}b{x:url(${prefix}i.png)}`;
    const expected = `@import '${prefix}a.css';@font-face{src:url(${prefix}f.woff2),url("//cdn/f.woff2"),url(data:x)}i{background:url("img/i.png")}b{x:url(${prefix}i.png)}`;
    const style = (address: string) => (address.startsWith(prefix) ? address : html.moved(address));
    for (let cut = 0; cut <= source.length; cut += 1) {
      const pieces = [Buffer.from(source.slice(0, cut)), Buffer.from(source.slice(cut))];
      expect((await changed(pieces, { contentType: "text/css", style })).toString()).toBe(expected);
    }
  });

  describe("an import map, for modules that import from the root,", () => {
    const own = { "/": prefix, [prefix]: prefix };
    const map = (imports: object) => `<script type="importmap">${JSON.stringify({ imports })}</script>`;
    const changes = { ...html, importMap: (text?: string) => importMap(prefix, html.moved, text) };
    it.each([
      ["stands before the first module", `<p><script type=module>import "/x"</script>`, "<p>", map(own)],
      ["stands before what is loaded ahead", "<p><link rel=modulepreload href=x.js>", "<p>", map(own)],
      ["stands before a script that imports", `<p><script>import("/x")</script>`, "<p>", map(own)],
      ["stands behind scripts that may import later", `<p><script>1</script>`, "<p><script>1</script>", map(own)],
      ["is in no page without scripts", "<p>text", "<p>text", ""],
    ])("%s", async (_what, source, before, inserted) => {
      const rest = source.slice(before.length);
      expect(await page(source, { html: changes })).toBe(`${shim}${before}${inserted}${rest}`);
    });

    it("joins that of the app, also where it is split", async () => {
      const source = `<script>1</script>${map({ lib: "/lib.js", "/a/": "/b/", x: "https://cdn/x.js" })}<script type=module>import "lib"</script>`;
      const joined = map({
        ...own,
        lib: `${prefix}lib.js`,
        "/a/": `${prefix}b/`,
        [`${prefix}a/`]: `${prefix}b/`,
        x: "https://cdn/x.js",
      });
      for (let cut = 0; cut <= source.length; cut += 1) {
        const pieces = [Buffer.from(source.slice(0, cut)), Buffer.from(source.slice(cut))];
        expect((await changed(pieces, { html: changes })).toString()).toBe(
          `${shim}<script>1</script>${joined}<script type=module>import "lib"</script>`,
        );
      }
    });

    it("leaves what is no map as it is, and ends no script", () => {
      expect(importMap(prefix, html.moved, "[1]")).toBe("[1]");
      expect(importMap(prefix, html.moved, "no")).toBe("no");
      expect(importMap(prefix, html.moved, '{"imports":{"a":"/</script>"}}')).not.toContain("<");
    });
  });

  it("a style without end is not kept for ever", async () => {
    const text = changedText({ ...plain, html });
    const pieces = text?.output[Symbol.asyncIterator]();
    const source = `<style>${"x".repeat(1_100_000)}`;
    text?.input.write(source);
    let seen = "";
    while (seen.length < shim.length + source.length) seen += String((await pieces?.next())?.value);
    expect(seen === shim + source).toBe(true);
    text?.input.destroy();
  });

  it("base replacement: split over chunks", async () => {
    const source = `a="/user/alice/apps/lab/x";b='/user/alice/apps/lab';c=/user/alice/apps/laboratory`;
    const expected = `a="${prefix}x";b='${prefix.slice(0, -1)}';c=/user/alice/apps/laboratory`;
    for (let cut = 0; cut <= source.length; cut += 1) {
      const pieces = [Buffer.from(source.slice(0, cut)), Buffer.from(source.slice(cut))];
      expect((await changed(pieces, { words })).toString()).toBe(expected);
    }
  });

  it("base replacement: escaped slashes and encoded queries", async () => {
    const source = `{"u":"\\/user\\/alice\\/apps\\/lab\\/x","next":"?next=%2Fuser%2Falice%2Fapps%2Flab%2F"}`;
    expect((await changed([source], { words })).toString()).toBe(
      `{"u":"${prefix.replaceAll("/", "\\/")}x","next":"?next=${encodeURIComponent(prefix)}"}`,
    );
  });

  it("base replacement: gzip and brotli become gzip, where the browser takes it", async () => {
    const source = Buffer.from("see /user/alice/apps/lab/ here");
    const expected = `see ${prefix} here`;
    const zipped = await changed([gzipSync(source)], { words, contentEncoding: "gzip" });
    expect(gunzipSync(zipped).toString()).toBe(expected);
    const brotli = await changed([brotliCompressSync(source)], { words, contentEncoding: "br", gzip: false });
    expect(brotli.toString()).toBe(expected);
    expect(changedText({ ...plain, words, contentEncoding: "zstd" })).toBeUndefined();
  });

  it("base replacement: UTF-16 of both orders, with and without a mark", async () => {
    const source = `<p title="ü→">/user/alice/apps/lab/ü`;
    const expected = `<p title="ü→">${prefix}ü`;
    const little = Buffer.from(`\ufeff${source}`, "utf16le");
    expect((await changed([little], { words })).toString("utf16le")).toBe(`\ufeff${expected}`);
    const big = Buffer.from(little).swap16();
    expect((await changed([big], { words })).swap16().toString("utf16le")).toBe(`\ufeff${expected}`);
    const declared = { words, contentType: "text/html; charset=utf-16le" };
    expect((await changed([little.subarray(2)], declared)).toString("utf16le")).toBe(expected);
  });

  it("every byte that is no address stays, however the pieces are cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }), async (pieces) => {
        const bytes = Buffer.concat(pieces);
        fc.pre(bytes[0] !== 0xff && bytes[0] !== 0xfe);
        const changes = { words, html: { head: "", moved: (address: string) => address } };
        expect(
          await changed(
            pieces.map((piece) => Buffer.from(piece)),
            changes,
          ),
        ).toEqual(bytes);
      }),
      { numRuns: 200 },
    );
  });

  it("endless text is not buffered: a page arrives as it is written", async () => {
    const text = changedText({ ...plain, html, words });
    const pieces = text?.output[Symbol.asyncIterator]();
    text?.input.write("<body>one\n");
    let seen = "";
    while (!seen.includes("one\n")) seen += String((await pieces?.next())?.value);
    text?.input.write("two\n");
    while (!seen.includes("two\n")) seen += String((await pieces?.next())?.value);
    expect(seen).toBe(`${shim}<body>one\ntwo\n`);
    text?.input.destroy();
  });

  it.each([
    ["text/html; charset=utf-8", "html"],
    ["application/xhtml+xml", undefined],
    ["image/svg+xml", undefined],
    ["application/json", "other"],
    ["application/manifest+json", "other"],
    ["text/javascript", "other"],
    ["text/css", "style"],
    ["text/event-stream", undefined],
    ["application/x-ndjson", undefined],
    ["text/plain", undefined],
  ])("%s is %s", (type, kind) => expect(kindOfText(type)).toBe(kind));
});
