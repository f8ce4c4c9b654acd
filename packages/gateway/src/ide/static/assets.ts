import { constants, type FileHandle, open, realpath, stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join, sep } from "node:path";
import { hasCode } from "../../base/error-code.ts";
import type { Logger } from "../../base/log.ts";
import { answerContent } from "../../http/answer.ts";
import { asDeclared, contentTypeOf } from "../../http/content-type.ts";
import {
  answerFile,
  contentInMemory,
  contentOfFile,
  type FileContent,
  requestedRange,
} from "../../http/file-answer.ts";
import { isRead } from "../../http/methods.ts";
import { acceptedCodings, type ContentCoding } from "../../http/negotiation.ts";
import type { FileAhead } from "../../pages/starting.ts";
import { isCompressible, minCompressedSize } from "../../system/compression.ts";
import { unlessMissing } from "../../system/missing-file.ts";
import type { IdeServer } from "../install/ide-server.ts";
import { type CompressionManifest, compressedVariantOf } from "./compression-manifest.ts";
import { GzipCache } from "./gzip-cache.ts";

/** Larger files are not compressed on demand, as that delays the first request. Bytes. */
const maxOnDemandSize = 64 * 1024 * 1024;

/** What the IDE's page loads before it shows anything: nearly all of its bytes. */
const firstFiles = [
  "out/vs/code/browser/workbench/workbench.js",
  "out/vs/code/browser/workbench/workbench.css",
  "out/nls.messages.js",
];

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

  /** What the IDE's page loads first, as far as this server has it. */
  async ahead(): Promise<FileAhead[]> {
    const { folder, staticPrefix } = this.#server;
    const found = await Promise.all(
      firstFiles.map(async (path) => {
        const stats = await unlessMissing(stat(join(folder, path)));
        return stats === undefined ? [] : [{ address: `${staticPrefix.slice(1)}${path}`, size: stats.size }];
      }),
    );
    return found.flat();
  }

  /** Answers a request for such a path. */
  async handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    if (!isRead(request, response)) return;
    const below = decodedPath(path.slice(this.#server.staticPrefix.length));
    const asset = below === undefined ? undefined : await this.#open(below);
    if (!asset) {
      answerContent(response, { status: 404, type: "text/plain; charset=utf-8", body: "Not found" });
      return;
    }
    try {
      await this.#send(request, response, asset);
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
      if (hasCode(error, ...missing)) return undefined;
      throw error;
    }
  }

  async #send(request: IncomingMessage, response: ServerResponse, asset: Asset): Promise<void> {
    // Ranges are parts of the plain file.
    const range = requestedRange(request, asset.size, etagOf(asset, "identity"));
    const codings = range === undefined ? acceptedCodings(request.headers["accept-encoding"]) : [];
    const { coding, content, close } = await this.#bestBody(asset, codings);
    const headers = this.#headers(asset, coding);
    try {
      await answerFile(request, response, { headers, content, etag: etagOf(asset, coding), range }, (error) =>
        this.#logger.debug({ err: error, path: asset.path }, "a static file was not sent to its end"),
      );
    } finally {
      await close?.();
    }
  }

  #headers(asset: Asset, coding: ContentCoding) {
    return {
      "Content-Type": asset.type,
      ...(coding === "identity" ? { "Accept-Ranges": "bytes" } : { "Content-Encoding": coding }),
      Vary: "Accept-Encoding",
      // The path names the commit, so what lies there never changes; without one, ask each time.
      "Cache-Control": this.#server.commit === undefined ? "no-cache" : "public, max-age=31536000, immutable",
      ...asDeclared,
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
        return { coding, content: contentInMemory(data) };
      }
    }
    return plainBody(asset);
  }
}

/** What is sent, in which coding. */
interface Body {
  readonly coding: ContentCoding;
  readonly content: FileContent;
  readonly close?: () => Promise<void>;
}

/** Codes of the system that mean “there is no such file to read”. */
const missing = ["ENOENT", "ENOTDIR", "EACCES", "ELOOP", "ENAMETOOLONG", "EISDIR"] as const;

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

function isWorthGzip({ path, size }: Asset): boolean {
  return isCompressible(path) && size >= minCompressedSize && size <= maxOnDemandSize;
}

function plainBody({ handle, size }: Asset): Body {
  return { coding: "identity", content: contentOfFile(handle, size) };
}

/** Undefined if the manifest promises what is not there (any more). */
async function openVariant(file: string, coding: ContentCoding): Promise<Body | undefined> {
  try {
    const handle = await open(file);
    return { coding, content: contentOfFile(handle, (await handle.stat()).size), close: () => handle.close() };
  } catch (error) {
    if (hasCode(error, ...missing)) return undefined;
    throw error;
  }
}

function etagOf({ size, mtimeMs }: Asset, coding: ContentCoding): string {
  return `"${size.toString(36)}-${Math.floor(mtimeMs).toString(36)}${coding === "identity" ? "" : `-${coding}`}"`;
}
