/** Content of versions that guests were given, so that a save needs no copy of what it was based on (RULES R13). */
export class History {
  readonly #max: number;
  /** The least recently used first. */
  readonly #contents = new Map<string, Buffer>();
  #bytes = 0;

  /** @param most bytes kept in all */
  constructor(max: number) {
    this.#max = max;
  }

  /** @param path of the file itself, after links */
  keep(path: string, version: string, content: Buffer): void {
    const key = keyOf(path, version);
    this.#drop(key);
    // One large file does not drive out all others.
    if (content.length > this.#max / 4) return;
    this.#contents.set(key, content);
    this.#bytes += content.length;
    for (const oldest of this.#contents.keys()) {
      if (this.#bytes <= this.#max) return;
      this.#drop(oldest);
    }
  }

  find(path: string, version: string): Buffer | undefined {
    const key = keyOf(path, version);
    const content = this.#contents.get(key);
    if (content === undefined) return undefined;
    this.#contents.delete(key);
    this.#contents.set(key, content);
    return content;
  }

  #drop(key: string): void {
    const content = this.#contents.get(key);
    if (content === undefined) return;
    this.#contents.delete(key);
    this.#bytes -= content.length;
  }
}

function keyOf(path: string, version: string): string {
  return `${version}:${path}`;
}
