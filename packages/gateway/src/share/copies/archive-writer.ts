import { createWriteStream } from "node:fs";
import { PassThrough, type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Header, Pax } from "tar";
import { ZipFile } from "yazl";
import { gzipStream } from "../../system/compression.ts";

export const archiveKinds = ["archive.zip", "archive.tar.gz"] as const;
export type ArchiveKind = (typeof archiveKinds)[number];

/** A file in an archive. */
export interface ArchiveEntry {
  /** With the folder's name before it. */
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  readonly isExecutable: boolean;
  /** Exactly `size` bytes. */
  readonly content: Buffer | Readable;
}

/** Longer archives are not written to the end. */
export class ArchiveTooLarge extends Error {}

/** Writes an archive of plain files: no links, owners or other modes than these two (RULES R29). */
export async function writeArchive(
  kind: ArchiveKind,
  file: string,
  entries: AsyncIterable<ArchiveEntry>,
  maxSize: number,
): Promise<void> {
  const target = createWriteStream(file, { mode: 0o600, flags: "wx" });
  const limited = limit(maxSize);
  if (kind === "archive.zip") await pipeline(zipOf(entries), limited, target);
  else await pipeline(tarOf(entries), gzipStream(), limited, target);
}

function limit(maxSize: number): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > maxSize) done(new ArchiveTooLarge("the archive is too large"));
      else done(null, chunk);
    },
  });
}

function modeOf({ isExecutable }: ArchiveEntry): number {
  return isExecutable ? 0o755 : 0o644;
}

/** Blocks of a tar. Bytes. */
const block = 512;

async function* tarOf(entries: AsyncIterable<ArchiveEntry>): AsyncGenerator<Buffer> {
  for await (const entry of entries) {
    yield* headOf(entry);
    yield* bytesOf(entry);
    yield Buffer.alloc((block - (entry.size % block)) % block);
  }
  yield Buffer.alloc(2 * block);
}

function headOf(entry: ArchiveEntry): Buffer[] {
  const { path, size, modified } = entry;
  const facts = { path, size, mode: modeOf(entry), mtime: new Date(modified), type: "File", uid: 0, gid: 0 } as const;
  const header = new Header(facts);
  const bytes = Buffer.alloc(block);
  const needsMore = header.encode(bytes, 0);
  if (!needsMore) return [bytes];
  const more = new Pax({ path, size, mtime: facts.mtime }).encode();
  return [more, bytes];
}

async function* bytesOf({ content, size }: ArchiveEntry): AsyncGenerator<Buffer> {
  if (Buffer.isBuffer(content)) return void (yield content);
  let read = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    read += chunk.length;
    yield chunk;
  }
  if (read !== size) throw new Error("a file changed while it was packed");
}

function zipOf(entries: AsyncIterable<ArchiveEntry>): Readable {
  const zip = new ZipFile();
  const output = zip.outputStream.pipe(new PassThrough());
  let current: PassThrough | undefined;
  // Nobody reads any more: the file that is being packed must not wait for that.
  output.once("close", () => current?.destroy());
  const fail = (error: unknown) => void output.destroy(error instanceof Error ? error : new Error(String(error)));
  const add = async () => {
    for await (const entry of entries) {
      if (output.destroyed) return;
      current = new PassThrough();
      // Always as a stream: buffers would all go into memory ahead of the reader.
      zip.addReadStream(current, entry.path, { mtime: new Date(entry.modified), mode: 0o100000 | modeOf(entry) });
      await pipeline(bytesOf(entry), current);
    }
    zip.end();
  };
  zip.on("error", fail);
  add().catch(fail);
  return output;
}
