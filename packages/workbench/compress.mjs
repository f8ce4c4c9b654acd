// Compresses one file, in a worker thread: `workerData` names the file and where the results go.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** @param {{ file: string, target: string }} job writes `target` with `.br` and `.gz` */
function compress({ file, target }) {
  const bytes = readFileSync(file);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  write(`${target}.br`, brotliCompressSync(bytes, { params }));
  write(`${target}.gz`, gzipSync(bytes, { level: 9 }));
}

/**
 * @param {string} file
 * @param {Uint8Array} bytes
 */
function write(file, bytes) {
  writeFileSync(`${file}.new`, bytes);
  renameSync(`${file}.new`, file);
}

parentPort?.on("message", (job) => {
  compress(job);
  parentPort?.postMessage(job);
});
