import { setImmediate as breathe } from "node:timers/promises";
import type { StartTag } from "parse5-sax-parser";
import { type Place, prefixed } from "./paths.ts";
import type { RawHeaders } from "./raw-headers.ts";

/** Larger pages pass unchanged. Bytes. */
export const htmlLimit = 5 * 1024 * 1024;

/** Attributes that hold one address. */
const addressAttributes = ["src", "href", "action"] as const;

/** Parsed in pieces of this size, so that other connections are served in between. Characters. */
const step = 32 * 1024;

/** Encodings in which tags are not ASCII. */
const foreignCharset = /charset\s*=\s*["']?\s*(utf-?16|utf-?32|utf-?7|iso-2022|ucs-2|unicode)/i;

/** What the parser reports for start tags; its types lack it. */
type TagLocation = { attrs?: Record<string, { startOffset: number; endOffset: number }> } | null | undefined;

/** Headers about the exact bytes, which rewriting changes (RFC 9110 §14, RFC 9530). */
const byteHeaders = new Set([
  "content-length",
  "accept-ranges",
  "content-digest",
  "repr-digest",
  "digest",
  "content-md5",
  "trailer",
]);

/** Whether the browser accepts a page: then the backend is asked not to compress it. */
export function asksForHtml(method: string | undefined, accept: string | undefined): boolean {
  return method !== "HEAD" && accept !== undefined && accept.includes("text/html");
}

/** Whether by its headers a response is a complete, uncompressed page of acceptable size. */
export function isRewritable(method: string | undefined, status: number, raw: RawHeaders): boolean {
  if (method === "HEAD" || status === 204 || status === 206 || status === 304) return false;
  let html = false;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const value = raw[index + 1] as string;
    switch ((raw[index] as string).toLowerCase()) {
      case "content-type":
        html = /^\s*text\/html\s*(;|$)/i.test(value) && !foreignCharset.test(value);
        break;
      case "content-encoding":
        if (value.trim().toLowerCase() !== "identity") return false;
        break;
      case "content-length":
        if (Number(value) > htmlLimit) return false;
        break;
    }
  }
  return html;
}

/** Collects a page until it is complete or too large. */
export class HtmlPage {
  readonly status: number;
  readonly reason: string | undefined;
  readonly headers: string[];
  readonly chunks: Buffer[] = [];
  #size = 0;

  constructor(status: number, reason: string | undefined, headers: string[]) {
    this.status = status;
    this.reason = reason;
    this.headers = headers;
  }

  /** @returns whether it still fits */
  add(chunk: Buffer): boolean {
    this.chunks.push(chunk);
    this.#size += chunk.length;
    return this.#size <= htmlLimit;
  }

  /** Body and headers, with the prefix before every root-relative address. */
  async rewritten(place: Place): Promise<{ headers: string[]; body: Buffer }> {
    const original = Buffer.concat(this.chunks);
    const body = await rewriteHtml(original, place);
    if (body === original) return { headers: this.headers, body };
    return { headers: [...this.headers.flatMap(rewrittenHeader), "Content-Length", String(body.length)], body };
  }
}

/** Makes a strong ETag weak, since we send other bytes; it still saves transfers. */
function rewrittenHeader(text: string, index: number, all: string[]): string[] {
  if (index % 2 === 1) return [];
  const value = all[index + 1] as string;
  const name = text.toLowerCase();
  if (byteHeaders.has(name)) return [];
  return [text, name === "etag" && value.startsWith('"') ? `W/${value}` : value];
}

/**
 * Puts the prefix before root-relative `src`, `href` and `action`; all other bytes stay. The page is read as Latin-1: each
 * byte is one character, and tags look the same as in all encodings except those of `foreignCharset`.
 * @returns the same Buffer if nothing changes
 */
export async function rewriteHtml(body: Buffer, place: Place): Promise<Buffer> {
  const first = body.subarray(0, 2).toString("latin1");
  // UTF-16 by its byte order mark, or the escapes of ISO-2022, whose bytes look like tags.
  if (first === "\xfe\xff" || first === "\xff\xfe" || body.includes(0x1b)) return body;
  const html = body.toString("latin1");
  const insertions = await findAddresses(html, place);
  if (insertions.length === 0) return body;
  const inserted = escaped(place.prefix.slice(0, -1));
  let result = "";
  let done = 0;
  for (const offset of insertions) {
    result += html.slice(done, offset) + inserted;
    done = offset;
  }
  return Buffer.from(result + html.slice(done), "latin1");
}

/** Offsets where the prefix is missing, ascending. */
async function findAddresses(html: string, place: Place): Promise<number[]> {
  const offsets: number[] = [];
  const { SAXParser } = await import("parse5-sax-parser");
  const parser = new SAXParser({ sourceCodeLocationInfo: true });
  parser.on("startTag", (tag) => {
    for (const name of addressAttributes) {
      const offset = offsetOf(tag, name, html, place);
      if (offset !== undefined) offsets.push(offset);
    }
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  parser.on("finish", resolve).on("error", reject);
  for (let start = 0; start < html.length; start += step) {
    parser.write(html.slice(start, start + step));
    await breathe();
  }
  parser.end();
  await promise;
  return offsets.sort((first, second) => first - second);
}

function offsetOf(tag: StartTag, name: string, html: string, place: Place): number | undefined {
  const attribute = tag.attrs.find((candidate) => candidate.name === name && candidate.prefix === undefined);
  const location = (tag.sourceCodeLocation as TagLocation)?.attrs?.[name];
  if (attribute === undefined || location === undefined) return undefined;
  // Browsers ignore leading blanks and all tabs and line breaks in an address (WHATWG URL).
  const address = attribute.value.replace(/[\t\n\r]/g, "").replace(/^[\0-\x20]+/, "");
  if (prefixed(address, place) === address) return undefined;
  const source = html.slice(location.startOffset, location.endOffset);
  const before = /^[^=]*=\s*["']?[\0-\x20]*/.exec(source);
  return before === null ? undefined : location.startOffset + before[0].length;
}

/** Safe in quoted and unquoted attributes alike. */
function escaped(prefix: string): string {
  return prefix.replace(/[^\w/.~%@:+,;!$*()-]/gu, (character) => `&#${character.codePointAt(0)};`);
}
