import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { sizeInWords } from "@waiide/protocol";
import { FileError } from "../file-error.ts";

/** Read at once where only the hash is wanted. Bytes. */
const chunk = 1024 * 1024;

/** A file's content at one moment. */
export interface Content {
  readonly version: string;
  /** Undefined where it is too large to be held. */
  readonly bytes: Buffer | undefined;
}

/** What a save has done. */
export interface Saved {
  readonly bytes: Buffer;
  readonly before: string | null;
  /** What the file held; null: there was none; undefined: too large to be held. */
  readonly original: Buffer | null | undefined;
  readonly version: string;
  readonly modified: number;
}

/** SHA-256, hexadecimal: what names a state of a file (RULES R13). */
export function versionOf(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Whether bytes are text that can be shown and merged: UTF-8 without NUL. */
export function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}

/** Whether bytes look like text in an encoding that is not UTF-8. */
export function isForeignText(bytes: Buffer): boolean {
  return !isUtf8(bytes) && !bytes.includes(0);
}

/**
 * The whole of a file, as it is while it is read.
 * @throws FileError TOO_LARGE beyond `most` bytes, also where it grows meanwhile
 */
export async function readWhole(handle: FileHandle, max: number): Promise<Buffer> {
  const { size } = await handle.stat();
  if (size > max) throw tooLarge(max);
  // Some files report size 0 and are not empty (/proc, /sys): read until the end.
  const chunks: Buffer[] = [];
  let read = 0;
  for (;;) {
    const buffer = Buffer.allocUnsafe(Math.min(Math.max(size - read, 0) + 4_096, chunk));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, read);
    if (bytesRead === 0) return Buffer.concat(chunks, read);
    read += bytesRead;
    if (read > max) throw tooLarge(max);
    chunks.push(buffer.subarray(0, bytesRead));
  }
}

/** The version of a file of any size, with flat memory. */
export async function hashWhole(handle: FileHandle, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(chunk);
  for (let position = 0; ; ) {
    signal?.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return hash.digest("hex");
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
}

/**
 * The bytes of a content as it was sent.
 * @throws FileError INVALID for what is not base64, or no text
 */
export function bytesOf(content: string, encoding: "utf8" | "base64"): Buffer {
  if (encoding === "utf8") {
    if (!content.isWellFormed()) throw new FileError("INVALID", "The content is not well-formed text.");
    return Buffer.from(content, "utf8");
  }
  if (content.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(content)) {
    throw new FileError("INVALID", "The content is not base64.");
  }
  return Buffer.from(content, "base64");
}

export function tooLarge(max: number): FileError {
  return new FileError("TOO_LARGE", `The file is larger than ${sizeInWords(max)}.`);
}
