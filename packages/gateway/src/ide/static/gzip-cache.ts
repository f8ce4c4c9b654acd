import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const compress = promisify(gzip);

/** Compressed files in memory, for servers without a folder of compressed files: each made once, the oldest go first. */
export class GzipCache {
  readonly #capacity: number;
  readonly #done = new Map<string, Buffer>();
  readonly #running = new Map<string, Promise<Buffer>>();
  #size = 0;

  /** @param capacity in bytes, of compressed data */
  constructor(capacity = 48 * 1024 * 1024) {
    this.#capacity = capacity;
  }

  /**
   * The gzip of a file. Requests that come while it is made share the one job.
   * @param version changes when the file does
   */
  get(file: string, version: string): Promise<Buffer> {
    const key = `${version} ${file}`;
    const done = this.#done.get(key);
    if (done) {
      this.#done.delete(key);
      this.#done.set(key, done);
      return Promise.resolve(done);
    }
    let job = this.#running.get(key);
    if (!job) {
      job = this.#make(file, key).finally(() => this.#running.delete(key));
      this.#running.set(key, job);
    }
    return job;
  }

  async #make(file: string, key: string): Promise<Buffer> {
    const compressed = await compress(await readFile(file));
    this.#done.set(key, compressed);
    this.#size += compressed.length;
    for (const [oldest, { length }] of this.#done) {
      if (this.#size <= this.#capacity) break;
      this.#done.delete(oldest);
      this.#size -= length;
    }
    return compressed;
  }
}
