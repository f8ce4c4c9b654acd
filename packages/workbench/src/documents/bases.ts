/** What a text is based on: a version of the file and, if it is text, its content. */
export interface Base {
  /** null: the file must not exist yet. */
  readonly version: string | null;
  readonly text: string | undefined;
}

/** No file has it: the base is a text that was never saved as it stands, and only its content counts, if it is known. */
export const noVersion = "0".repeat(64);

interface Read extends Base {
  readonly path: string;
}

/** How many reads are remembered until the editor says which of them it took. */
const remembered = 16;

/**
 * Which version each open text is based on (RULES R13). A file is read for many reasons, and the editor may leave a read
 * unused because somebody typed meanwhile; so a read only becomes the base when the editor has that very text.
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

  /** The file was read; whether an editor takes it is not known yet. */
  read(path: string, base: Base): void {
    this.#reads.unshift({ path, ...base });
    this.#reads.length = Math.min(this.#reads.length, remembered);
  }

  /** The editor shows `text` as what is saved. */
  taken(path: string, text: string): void {
    const reads = this.#reads.filter((read) => read.path === path);
    const shown = plain(text);
    // What is not UTF-8 was decoded by the editor: the newest is the best guess, and a conflict is never merged.
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

/** As an editor has it: one kind of line end, no byte order mark. */
function plain(text: string): string {
  return text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
}
