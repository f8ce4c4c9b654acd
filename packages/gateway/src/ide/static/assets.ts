import { constants, type FileHandle, open, realpath } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Logger } from "../../base/log.ts";
import { parseRange } from "../../http/byte-range.ts";
import { contentTypeOf, isCompressibleType } from "../../http/content-type.ts";
import { isRead } from "../../http/methods.ts";
import { acceptedCodings, type ContentCoding } from "../../http/negotiation.ts";
import type { IdeServer } from "../install/ide-server.ts";
import { type CompressionManifest, compressedVariantOf } from "./compression-manifest.ts";
import { GzipCache } from "./gzip-cache.ts";

/** Read whole rather than streamed: one write to the socket. Bytes. */
const wholeBelow = 128 * 1024;
/** Compressed on demand only between these: smaller gains nothing, larger holds up the first who asks. Bytes. */
const leastOnDemand = 1024;
const maxOnDemandSize = 64 * 1024 * 1024;

/** A file of the IDE server, opened. */
interface Asset {
  readonly path: string;
  readonly file: string;
  readonly handle: FileHandle;
  readonly size: number;
  readonly mtimeMs: number;
  readonly type: string;
}

/** The IDE server's static files, served from its folder in its place (DESIGN §5). */
export class IdeAssets {
  readonly #server: IdeServer;
  readonly #logger: Logger;
  readonly #gzips = new GzipCache();
  #manifest: CompressionManifest | undefined;
  #root: Promise<string> | undefined;

  /** @param manifest of the compressed files; without one gzip is made on demand */
  constructor(server: IdeServer, manifest: CompressionManifest | undefined, logger: Logger) {
    this.#server = server;
    this.#manifest = manifest;
    this.#logger = logger;
  }

  /** Takes up compressed files that were made meanwhile. */
  use(manifest: CompressionManifest): void {
    this.#manifest = manifest;
  }

  /** Whether a path (below the IDE's mount, not decoded, without query) is a static file's address. */
  serves(path: string): boolean {
    return path.startsWith(this.#server.staticPrefix);
  }

  /** Answers a request for such a path. */
  async handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    if (!isRead(request, response)) return;
    const below = decodedPath(path.slice(this.#server.staticPrefix.length));
    const asset = below === undefined ? undefined : await this.#open(below);
    if (!asset) {
      end(response, 404, { "Cache-Control": "no-store" }, "Not found");
      return;
    }
    try {
      await this.#send(request, response, asset);
    } catch (error) {
      if (!response.headersSent) throw error;
      // The browser left, or the disk failed half-way: the broken connection says so.
      this.#logger.debug({ err: error, path }, "a static file was not sent to its end");
      response.destroy();
    } finally {
      await asset.handle.close();
    }
  }

  /** Opened first and looked at then, so that what was checked is what is sent. */
  async #open(path: string): Promise<Asset | undefined> {
    const { folder } = this.#server;
    this.#root ??= realpath(folder);
    const root = await this.#root;
    try {
      const file = await realpath(join(folder, path));
      if (!file.startsWith(root + sep)) return undefined;
      const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
      const { size, mtimeMs, isFile } = await looked(handle);
      if (isFile) return { path, file, handle, size, mtimeMs, type: contentTypeOf(path) };
      await handle.close();
      return undefined;
    } catch (error) {
      if (missing.has((error as NodeJS.ErrnoException).code ?? "")) return undefined;
      throw error;
    }
  }

  async #send(request: IncomingMessage, response: ServerResponse, asset: Asset): Promise<void> {
    const codings = acceptedCodings(request.headers["accept-encoding"]);
    const range = rangeFor(request, asset);
    const body = range === undefined ? await this.#bestBody(asset, codings) : plainBody(asset);
    try {
      const headers = this.#headers(asset, body.coding);
      if (range === undefined && matches(request.headers["if-none-match"], headers.ETag)) {
        response.writeHead(304, headers).end();
      } else if (range === "unsatisfiable") {
        end(response, 416, { ...headers, "Content-Range": `bytes */${asset.size}` }, "");
      } else if (range) {
        const { start, end: last } = range;
        const partial = { "Content-Range": `bytes ${start}-${last}/${asset.size}`, "Content-Length": last - start + 1 };
        response.writeHead(206, { ...headers, ...partial });
        await sendBody(request, response, body, start, last);
      } else {
        response.writeHead(200, { ...headers, "Content-Length": body.size });
        await sendBody(request, response, body, 0, body.size - 1);
      }
    } finally {
      if (body.handle && body.handle !== asset.handle) await body.handle.close();
    }
  }

  #headers(asset: Asset, coding: ContentCoding) {
    return {
      "Content-Type": asset.type,
      ...(coding === "identity" ? { "Accept-Ranges": "bytes" } : { "Content-Encoding": coding }),
      Vary: "Accept-Encoding",
      // The path names the commit, so what lies there never changes; without one, ask each time.
      "Cache-Control": this.#server.commit === undefined ? "no-cache" : "public, max-age=31536000, immutable",
      ETag: etagOf(asset, coding),
      "X-Content-Type-Options": "nosniff",
    };
  }

  async #bestBody(asset: Asset, codings: readonly ContentCoding[]): Promise<Body> {
    const variants = this.#manifest ? compressedVariantOf(this.#manifest, asset.path, asset) : {};
    for (const coding of codings) {
      if (coding === "identity") break;
      const file = coding === "br" ? variants.br : variants.gz;
      const body = file === undefined ? undefined : await openVariant(file, coding);
      if (body) return body;
      if (coding === "gzip" && isWorthGzip(asset)) {
        const data = await this.#gzips.get(asset.file, etagOf(asset, "identity"));
        return { coding, size: data.length, data };
      }
    }
    return plainBody(asset);
  }
}

/** What is sent: from memory or from an open file. */
interface Body {
  readonly coding: ContentCoding;
  readonly size: number;
  readonly data?: Buffer;
  readonly handle?: FileHandle;
}

/** As codes of the system mean "there is no such file to read", whoever asks. */
const missing = new Set(["ENOENT", "ENOTDIR", "EACCES", "ELOOP", "ENAMETOOLONG", "EISDIR"]);

async function looked(handle: FileHandle): Promise<{ size: number; mtimeMs: number; isFile: boolean }> {
  try {
    const stats = await handle.stat();
    return { size: stats.size, mtimeMs: stats.mtimeMs, isFile: stats.isFile() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Undefined for what no file can have: wrong encodings, NUL, steps upwards, hidden steps such as `.compressed`. */
function decodedPath(encoded: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(encoded);
  } catch {
    // A malformed escape names no file.
    return undefined;
  }
  if (/[\0\\]/.test(path)) return undefined;
  const steps = path.split("/");
  return steps.some((step) => step === "" || step === "." || step === ".." || step === ".compressed")
    ? undefined
    : path;
}

function isWorthGzip({ type, size }: Asset): boolean {
  return isCompressibleType(type) && size >= leastOnDemand && size <= maxOnDemandSize;
}

function plainBody({ handle, size }: Asset): Body {
  return { coding: "identity", size, handle };
}

/** Undefined if the manifest promises what is not there (any more). */
async function openVariant(file: string, coding: ContentCoding): Promise<Body | undefined> {
  try {
    const handle = await open(file);
    return { coding, size: (await handle.stat()).size, handle };
  } catch (error) {
    if (missing.has((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

function etagOf({ size, mtimeMs }: Asset, coding: ContentCoding): string {
  return `"${size.toString(36)}-${Math.floor(mtimeMs).toString(36)}${coding === "identity" ? "" : `-${coding}`}"`;
}

/** RFC 9110 §13.1.2: weak comparison. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === "*" || header.split(",").some((item) => item.trim().replace(/^W\//, "") === etag);
}

/** A range counts only for the version that `If-Range` names (RFC 9110 §13.1.5). */
function rangeFor(request: IncomingMessage, asset: Asset) {
  const condition = request.headers["if-range"];
  if (condition !== undefined && condition !== etagOf(asset, "identity")) return undefined;
  return request.method === "GET" ? parseRange(request.headers.range, asset.size) : undefined;
}

async function sendBody(
  request: IncomingMessage,
  response: ServerResponse,
  { data, handle, size }: Body,
  first: number,
  last: number,
): Promise<void> {
  if (request.method === "HEAD" || size === 0) {
    response.end();
  } else if (data) {
    response.end(data);
  } else if (handle && last - first < wholeBelow) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(last - first + 1), 0, last - first + 1, first);
    response.end(buffer.subarray(0, bytesRead));
  } else if (handle) {
    await pipeline(handle.createReadStream({ start: first, end: last, autoClose: false }), response);
  }
}

function end(response: ServerResponse, status: number, headers: Record<string, string | number>, text: string): void {
  response
    .writeHead(status, {
      "Content-Type": "text/plain; charset=utf-8",
      "X-Content-Type-Options": "nosniff",
      ...headers,
      "Content-Length": Buffer.byteLength(text),
    })
    .end(text);
}
