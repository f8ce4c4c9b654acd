import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Compression, createCompressor } from "../../system/compression.ts";
import type { IdeServer } from "../install/ide-server.ts";
import {
  type CompressedFile,
  type CompressionManifest,
  compressionFolderOf,
  isSame,
  readCompressionManifest,
  variantPath,
  variantsExist,
  writeManifest,
} from "./compression-manifest.ts";
import { listCompressibleFiles, type StaticFile } from "./static-files.ts";

export interface CompressionOptions {
  /** Where to write; default: `.compressed` in the IDE's folder. */
  readonly to?: string | undefined;
  /** Told how much is done of what there is to do, from 0 to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What must be known of a server to compress its files; it need not be complete yet. */
export type CompressedServer = Pick<IdeServer, "folder" | "quality" | "commit" | "version">;

/** A compressed file that is hardly smaller costs the browser more than it saves. */
const worthwhile = 0.95;

/** Read at once; also how often progress is told and a wish to stop is heard. Bytes. */
const chunkSize = 256 * 1024;

/** At a time. More would only fill the memory: a window of brotli 11 takes up to 200 MB. */
const concurrency = 2;

/**
 * Compresses what browsers fetch from an IDE server, with brotli 11 and gzip 9, each into a file `<path>.br` or `<path>.gz`
 * below the folder of compressed files. What is already there and still fits is kept.
 * Takes about a minute of one core, nearly all of it for `workbench.js`.
 */
export async function compressStaticFiles(
  ideServer: CompressedServer,
  options: CompressionOptions = {},
): Promise<CompressionManifest> {
  const folder = options.to ?? compressionFolderOf(ideServer);
  const sources = await listCompressibleFiles(ideServer.folder);
  const previous = await readCompressionManifest(folder, ideServer);
  const files = new Map<string, CompressedFile>();
  const jobs: CompressionJob[] = [];
  for (const source of sources) {
    const kept = previous?.files.get(source.path);
    if (previous && kept && isSame(kept, source) && (await variantsExist(previous, source.path, kept))) {
      files.set(source.path, kept);
    } else {
      files.set(source.path, { size: source.size, mtimeMs: source.mtimeMs });
      jobs.push({ source, encoding: "br" }, { source, encoding: "gz" });
    }
  }
  if (previous && jobs.length === 0 && previous.files.size === files.size) return previous;
  await runJobs(jobs, options, async ({ source, encoding }, { onRead, signal }) => {
    const size = await compressFile(join(ideServer.folder, source.path), variantPath(folder, source.path, encoding), {
      encoding,
      size: source.size,
      signal,
      onRead,
    });
    const file = files.get(source.path);
    if (size !== undefined && file) files.set(source.path, { ...file, [encoding]: size });
  });
  const { quality, commit, version } = ideServer;
  const manifest = { folder, quality, commit, version, files };
  await writeManifest(manifest);
  return manifest;
}

/** Time that a byte takes, roughly. */
const effort: Readonly<Record<Compression, number>> = { br: 40, gz: 1 };

interface CompressionJob {
  readonly source: StaticFile;
  readonly encoding: Compression;
}

interface JobControl {
  readonly signal: AbortSignal;
  readonly onRead: (bytes: number) => void;
}

/** Runs the jobs in their order, a few at a time; the first failure ends the others. */
async function runJobs(
  jobs: readonly CompressionJob[],
  { onProgress, signal }: CompressionOptions,
  run: (job: CompressionJob, control: JobControl) => Promise<void>,
): Promise<void> {
  const whole = jobs.reduce((sum, { source, encoding }) => sum + source.size * effort[encoding], 0);
  const queue = [...jobs];
  const failed = new AbortController();
  const stop = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  let done = 0;
  async function work(): Promise<void> {
    for (let job = queue.shift(); job; job = queue.shift()) {
      stop.throwIfAborted();
      const { encoding } = job;
      const onRead = (bytes: number) => {
        done += bytes * effort[encoding];
        onProgress?.(done / whole);
      };
      await run(job, { signal: stop, onRead });
    }
  }
  const workers = Array.from({ length: concurrency }, work);
  try {
    await Promise.all(workers);
  } finally {
    failed.abort();
    await Promise.allSettled(workers);
  }
}

interface FileCompression extends JobControl {
  readonly encoding: Compression;
  /** Of the source, bytes. */
  readonly size: number;
}

/** Compresses one file; returns the size of the result, or undefined if it was not worthwhile and is not there. */
async function compressFile(
  source: string,
  target: string,
  { encoding, size, signal, onRead }: FileCompression,
): Promise<number | undefined> {
  const unfinished = `${target}.${process.pid}.part`;
  await mkdir(dirname(target), { recursive: true });
  const compressor = createCompressor(encoding, size);
  try {
    await pipeline(
      createReadStream(source, { highWaterMark: chunkSize }),
      async function* count(chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          onRead(chunk.length);
          yield chunk;
        }
      },
      compressor,
      createWriteStream(unfinished),
      { signal },
    );
    const compressed = (await stat(unfinished)).size;
    if (compressed > size * worthwhile) {
      await rm(target, { force: true });
      return undefined;
    }
    await rename(unfinished, target);
    return compressed;
  } finally {
    await rm(unfinished, { force: true });
  }
}
