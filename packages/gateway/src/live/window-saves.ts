/** What windows of IDEs say of a live file that they save in the gateway's place. */
export class WindowSaves {
  /** Hashes of the texts of which a window has just written one, and of a text that a window has read. */
  #written: ReadonlySet<string> = new Set();
  #read: string | undefined;
  /** Of the window whose turn it is: at first it writes nothing yet, and what it wrote before, it has told. */
  #turn: "asking" | "writing" | undefined;
  #isClosed = false;
  readonly #waiting = new Set<() => void>();

  /** It is a window's turn to save, until `end`. */
  begin(): void {
    this.#turn = "asking";
    this.#wake();
  }

  /** The window writes now. */
  write(): void {
    if (this.#turn !== undefined) this.#turn = "writing";
  }

  end(): void {
    this.#turn = undefined;
    this.#wake();
  }

  /** @param hashes of texts, one of which a window wrote */
  wrote(hashes: readonly string[]): void {
    this.#written = new Set(hashes);
    this.#wake();
  }

  /** @param hash of a text that a window read: then no window has written it */
  read(hash: string): void {
    this.#read = hash;
    this.#wake();
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** Resolves when it is no window's turn. */
  async idle(): Promise<void> {
    while (this.#turn !== undefined && !this.#isClosed) await this.#change(undefined);
  }

  /**
   * Whether a window wrote a text. Its word is waited for as long as it is its turn to write: on a busy machine VS Code takes seconds.
   * @param wait how long the word of a window may take that wrote without a turn. Milliseconds
   */
  async hasWritten(hash: string, wait: number): Promise<boolean> {
    const until = performance.now() + wait;
    const isKnown = () => this.#written.size > 0 || this.#read === hash || this.#turn === "asking";
    while (!isKnown() && !this.#isClosed) {
      const left = this.#turn === "writing" ? undefined : until - performance.now();
      if (left !== undefined && left <= 0) break;
      await this.#change(left);
    }
    return this.#written.has(hash);
  }

  async #change(wait: number | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = wait === undefined ? undefined : setTimeout(resolve, wait);
    this.#waiting.add(resolve);
    await promise;
    this.#waiting.delete(resolve);
    clearTimeout(timer);
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
  }
}
