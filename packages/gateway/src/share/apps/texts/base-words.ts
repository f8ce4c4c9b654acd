import { Transform, type TransformCallback } from "node:stream";

/** A text that an app writes, and what guests get in its place. */
export interface Word {
  readonly from: string;
  readonly to: string;
}

/**
 * The forms in which an app writes the base path that it was told. It is one distinctive word, so no other text changes.
 * @param base what the app was told; begins and ends with `/`
 * @param prefix where guests see the app; begins and ends with `/`
 */
export function baseWords(base: string, prefix: string): readonly Word[] {
  const escaped = (path: string) => path.replaceAll("/", "\\/");
  const encoded = (path: string) => encodeURIComponent(path);
  const plain = { from: base, to: prefix };
  const bare = ['"', "'", "`"].map((quote) => ({
    from: `${quote}${base.slice(0, -1)}${quote}`,
    to: `${quote}${prefix.slice(0, -1)}${quote}`,
  }));
  return [
    plain,
    ...bare,
    { from: escaped(base), to: escaped(prefix) },
    { from: `"${escaped(base.slice(0, -1))}"`, to: `"${escaped(prefix.slice(0, -1))}"` },
    { from: encoded(base), to: encoded(prefix) },
  ];
}

/** Replaces the words in a text. */
export function withWords(text: string, words: readonly Word[]): string {
  return words.reduce((changed, { from, to }) => changed.replaceAll(from, to), text);
}

/** Replaces words in a text that streams, also where one is split over two pieces; it keeps no more than a word's length. */
export class WordStream extends Transform {
  readonly #words: readonly Word[];
  readonly #longest: number;
  #kept = "";

  constructor(words: readonly Word[]) {
    super({ decodeStrings: false, encoding: "utf8" });
    this.#words = words;
    this.#longest = Math.max(0, ...words.map(({ from }) => from.length));
  }

  override _transform(piece: string, _encoding: BufferEncoding, done: TransformCallback): void {
    const text = withWords(this.#kept + piece, this.#words);
    const start = this.#startOfUnfinished(text);
    this.#kept = text.slice(start);
    done(null, text.slice(0, start));
  }

  override _flush(done: TransformCallback): void {
    done(null, this.#kept);
  }

  /** Where the text ends with the beginning of a word. */
  #startOfUnfinished(text: string): number {
    for (let start = Math.max(0, text.length - this.#longest + 1); start < text.length; start += 1) {
      const end = text.slice(start);
      if (this.#words.some(({ from }) => from.startsWith(end))) return start;
    }
    return text.length;
  }
}
