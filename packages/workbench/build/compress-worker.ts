import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { compress } from "../../gateway/src/system/compression.ts";

// The thread that compresses the files that it is sent, one by one.

/** Writes `target` with `.br` and `.gz`. */
export interface CompressionJob {
  readonly file: string;
  readonly target: string;
}

parentPort?.on("message", async ({ file, target }: CompressionJob) => {
  const bytes = readFileSync(file);
  for (const compression of ["br", "gz"] as const) {
    const result = `${target}.${compression}`;
    writeFileSync(`${result}.new`, await compress(compression, bytes));
    renameSync(`${result}.new`, result);
  }
  parentPort?.postMessage(target);
});
