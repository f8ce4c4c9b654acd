/** The version that a text is based on and, if it is text, that version's content. */
export interface Base {
  /** null: the file must not exist yet. */
  readonly version: string | null;
  readonly text: string | undefined;
}

/** A version that no file has: the base is a text that was never saved in that form, so only its content counts. */
export const noVersion = "0".repeat(64);

interface Read extends Base {
  readonly path: string;
}

/** Maximum number of reads that are kept until the editor takes one of them. */
const remembered = 16;

/**
 * The version that each open text is based on (RULES R13). A file is read for many reasons, and the editor may ignore a read
 * because somebody typed meanwhile; so a read becomes the base only when the editor shows exactly that text.
 */
export class Bases {
  readonly #bases = new Map<string, Base>();
  readonly #reads: Read[] = [];

  get(path: string): Base | undefined {
    return this.#bases.get(path);
  }

  set(path: string, base: Base): void {
    this.#bases.set(path, base);
  }

  /** The file was read; an editor may take this text or not. */
  read(path: string, base: Base): void {
    this.#reads.unshift({ path, ...base });
    this.#reads.length = Math.min(this.#reads.length, remembered);
  }

  /** The editor shows `text` as the saved text. */
  taken(path: string, text: string): void {
    const reads = this.#reads.filter((read) => read.path === path);
    const shown = plain(text);
    // The editor decoded other encodings itself: the newest read is the best guess, and a conflict is never merged.
    const taken = reads.find((read) => read.text !== undefined && plain(read.text) === shown) ?? reads[0];
    if (taken !== undefined) this.#bases.set(path, { version: taken.version, text: taken.text });
  }

  forget(path: string): void {
    this.#bases.delete(path);
  }

  /** A file or folder has another path now. */
  renamed(from: string, to: string): void {
    for (const [path, base] of [...this.#bases]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      this.#bases.delete(path);
      this.#bases.set(`${to}${path.slice(from.length)}`, base);
    }
  }
}

/** As an editor has it: `\n` line ends, no byte order mark. */
function plain(text: string): string {
  return text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
}
