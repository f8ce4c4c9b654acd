import { promisify } from "node:util";
import { brotliCompress, constants, createBrotliCompress, createGunzip, createGzip, gzip } from "node:zlib";

// How we compress: which files, and how hard. The build of the guest workbench uses it too.

/** How files are compressed ahead: with brotli 11 or gzip 9, into a file with this ending. */
export type Compression = "br" | "gz";

/** Compressed sooner than anyone asks, so time matters less than size. */
const gzipLevel = constants.Z_BEST_COMPRESSION;

/** Of texts that are made anew each time. */
const streamLevel = 4;

/** Smaller files gain nothing: they fit into one packet anyway. Bytes. */
export const minCompressedSize = 1024;

const compressible = /\.(js|mjs|css|html|json|svg|wasm|ttf|otf|scm|tmLanguage|code-snippets|txt|xml|webmanifest)$/;

/** Whether files of this name get smaller; pictures, sounds and most fonts are compressed already. */
export function isCompressible(name: string): boolean {
  return compressible.test(name);
}

/** For a file that is read in parts. @param size of the source, bytes */
export function createCompressor(compression: Compression, size: number) {
  return compression === "br"
    ? createBrotliCompress({ params: brotliParameters(size) })
    : createGzip({ level: gzipLevel });
}

/** For a file that is in memory. */
export function compress(compression: Compression, bytes: Buffer): Promise<Buffer> {
  return compression === "br"
    ? promisify(brotliCompress)(bytes, { params: brotliParameters(bytes.length) })
    : promisify(gzip)(bytes, { level: gzipLevel });
}

/** For a text that is made while a browser reads it: each piece goes out at once. */
export function createStreamCompressor() {
  return createGzip({ level: streamLevel, flush: constants.Z_SYNC_FLUSH });
}

/** Gzip at the level that Node chooses: a browser waits for it. */
export const compressQuickly: (bytes: Buffer) => Promise<Buffer> = promisify(gzip);

/** The same for what is made while somebody waits. */
export function gzipStream() {
  return createGzip();
}

export function gunzipStream() {
  return createGunzip();
}

/** A window as large as the file, up to what every browser takes (RFC 7932: 24 bits), saves 3 % of `workbench.js`. */
function brotliParameters(size: number): Record<number, number> {
  const window = Math.ceil(Math.log2(size + 16));
  return {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: Math.min(
      Math.max(window, constants.BROTLI_MIN_WINDOW_BITS),
      constants.BROTLI_MAX_WINDOW_BITS,
    ),
    [constants.BROTLI_PARAM_SIZE_HINT]: size,
  };
}
