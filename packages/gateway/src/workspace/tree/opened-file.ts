import type { BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { modifiedOf } from "./entry.ts";
import type { Found } from "./tree.ts";

/** Read at once for a download. Bytes. */
const downloadChunk = 256 * 1024;

/** A file for a download. The caller closes it. */
export interface OpenedFile {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Only where it is known without reading the file. */
  readonly version?: string;
  readonly isExecutable: boolean;
  /** First and last byte, both included. */
  stream(start: number, end: number): Readable;
  close(): Promise<void>;
}

/** A file on the disk as it was opened, wherever its path leads later. */
export class FileOnDisk implements OpenedFile {
  readonly size: number;
  readonly modified: number;
  readonly version?: string;
  readonly isExecutable: boolean;
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle, stats: BigIntStats, version: string | undefined) {
    this.#handle = handle;
    this.size = Number(stats.size);
    this.modified = modifiedOf(stats);
    this.isExecutable = (stats.mode & 0o100n) !== 0n;
    if (version !== undefined) this.version = version;
  }

  static async open(found: Found, version: string | undefined): Promise<FileOnDisk> {
    const handle = await found.openToRead();
    return new FileOnDisk(handle, await handle.stat({ bigint: true }), version);
  }

  stream(start: number, end: number): Readable {
    if (end < start) return Readable.from([]);
    return this.#handle.createReadStream({ start, end, autoClose: false, highWaterMark: downloadChunk });
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** A file that is in memory. */
export class FileInMemory implements OpenedFile {
  readonly size: number;
  readonly modified: number;
  readonly version: string;
  readonly isExecutable = false;
  readonly #content: Buffer;

  constructor(content: Buffer, modified: number, version: string) {
    this.#content = content;
    this.size = content.length;
    this.modified = modified;
    this.version = version;
  }

  stream(start: number, end: number): Readable {
    return Readable.from(end < start ? [] : [this.#content.subarray(start, end + 1)]);
  }

  async close(): Promise<void> {}
}
