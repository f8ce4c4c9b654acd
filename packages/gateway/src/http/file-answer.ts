import type { FileHandle } from "node:fs/promises";
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type ByteRange, parseRange } from "./byte-range.ts";

/** Smaller parts of files are read whole rather than streamed: one write to the socket. Bytes. */
const maxWholeRead = 128 * 1024;

/** The bytes of a file, in memory or on the disk. */
export interface FileContent {
  readonly size: number;
  /**
   * @param start the first byte
   * @param end the last byte, included
   */
  read(start: number, end: number): Uint8Array | Readable | Promise<Uint8Array | Readable>;
}

export interface FileAnswer {
  /** All but those about ranges, length and version. */
  readonly headers: OutgoingHttpHeaders;
  readonly content: FileContent;
  /** Names the version of the content, with its quotes; undefined: its version is not known. */
  readonly etag?: string | undefined;
  /** As `requestedRange` returns it; undefined: the whole content. */
  readonly range?: ByteRange | "unsatisfiable" | undefined;
}

/**
 * The part of a file that a request wants. Only GET has ranges, and only for the version that `If-Range` names (RFC 9110
 * §13.1.5, §14.2).
 */
export function requestedRange(
  { method, headers }: Pick<IncomingMessage, "method" | "headers">,
  size: number,
  etag: string | undefined,
): ByteRange | "unsatisfiable" | undefined {
  const condition = headers["if-range"];
  if (method !== "GET" || (condition !== undefined && condition !== etag)) return undefined;
  return parseRange(headers.range, size);
}

/**
 * Answers with a file or a part of it, or with 304 if the browser has it already. Once the answer has begun, a failure breaks
 * the connection: nothing else can tell the browser.
 * @param onBroken called with that failure, which may be that the browser left
 */
export async function answerFile(
  request: IncomingMessage,
  response: ServerResponse,
  answer: FileAnswer,
  onBroken: (error: unknown) => void = () => undefined,
): Promise<void> {
  try {
    await send(request, response, answer);
  } catch (error) {
    if (!response.headersSent) throw error;
    response.destroy();
    onBroken(error);
  }
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { headers, content, etag, range }: FileAnswer,
): Promise<void> {
  const common = etag === undefined ? headers : { ...headers, ETag: etag };
  if (range === undefined && etag !== undefined && names(request.headers["if-none-match"], etag)) {
    response.writeHead(304, common).end();
    return;
  }
  if (range === "unsatisfiable") {
    response.writeHead(416, { ...common, "Content-Range": `bytes */${content.size}`, "Content-Length": 0 }).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: content.size - 1 };
  response.writeHead(range === undefined ? 200 : 206, {
    ...common,
    ...(range === undefined ? {} : { "Content-Range": `bytes ${start}-${end}/${content.size}` }),
    "Content-Length": end - start + 1,
  });
  if (request.method === "HEAD" || content.size === 0) {
    response.end();
    return;
  }
  const bytes = await content.read(start, end);
  if (bytes instanceof Uint8Array) response.end(bytes);
  else await pipeline(bytes, response);
}

/** RFC 9110 §13.1.2: weak comparison. */
function names(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === "*" || header.split(",").some((item) => item.trim().replace(/^W\//, "") === etag);
}

export function contentInMemory(bytes: Buffer): FileContent {
  return { size: bytes.length, read: (start, end) => bytes.subarray(start, end + 1) };
}

/** The content of an open file, which the caller closes. */
export function contentOfFile(handle: FileHandle, size: number): FileContent {
  return {
    size,
    async read(start, end) {
      const length = end - start + 1;
      if (length > maxWholeRead) return handle.createReadStream({ start, end, autoClose: false });
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, start);
      return buffer.subarray(0, bytesRead);
    },
  };
}
