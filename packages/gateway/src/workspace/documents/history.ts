import { LRUCache } from "lru-cache";

/** Content of versions that guests were given, so that a save needs no copy of what it was based on (RULES R13). */
export class History {
  readonly #contents: LRUCache<string, Buffer>;

  /** @param max bytes kept in all */
  constructor(max: number) {
    // A quarter at most: one large file must not drive out all others. The cache takes no entry of size 0.
    const sizeCalculation = ({ length }: Buffer) => Math.max(1, length);
    this.#contents = new LRUCache({ maxSize: max, maxEntrySize: Math.floor(max / 4), sizeCalculation });
  }

  /** @param path of the file itself, after links */
  keep(path: string, version: string, content: Buffer): void {
    this.#contents.set(keyOf(path, version), content);
  }

  find(path: string, version: string): Buffer | undefined {
    return this.#contents.get(keyOf(path, version));
  }
}

function keyOf(path: string, version: string): string {
  return `${version}:${path}`;
}
