import { readFile } from "node:fs/promises";
import { LRUCache } from "lru-cache";
import { compressQuickly } from "../../system/compression.ts";

/** Compressed files in memory, for servers without a folder of compressed files. Each is compressed once. */
export class GzipCache {
  readonly #done: LRUCache<string, Buffer>;
  readonly #running = new Map<string, Promise<Buffer>>();

  /** @param capacity in bytes, of compressed data */
  constructor(capacity = 48 * 1024 * 1024) {
    this.#done = new LRUCache({ maxSize: capacity, sizeCalculation: ({ length }) => length });
  }

  /**
   * The gzip of a file. Requests that come while it is made share the one job.
   * @param version changes when the file does
   */
  get(file: string, version: string): Promise<Buffer> {
    const key = `${version} ${file}`;
    const done = this.#done.get(key);
    if (done !== undefined) return Promise.resolve(done);
    const job = this.#running.get(key) ?? this.#make(file, key).finally(() => this.#running.delete(key));
    this.#running.set(key, job);
    return job;
  }

  async #make(file: string, key: string): Promise<Buffer> {
    const compressed = await compressQuickly(await readFile(file));
    this.#done.set(key, compressed);
    return compressed;
  }
}
