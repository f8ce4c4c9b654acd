import { Transform, type TransformCallback } from "node:stream";
import type { Moved } from "./import-map.ts";

/** `url(/x)` and `@import "/x"`, up to the end of the address; the shim looks for the same. */
export const styleAddress = /(url\(\s*["']?|@import\s+["'])(\/[^"')\s]*)/gi;
/** What could become one with the piece that follows. A longer address than that is left as it is. */
const unfinished =
  /(?:url\(\s{0,20}["']?(?:\/[^"')\s]{0,2000})?|@import\s{0,20}(?:["'](?:\/[^"')\s]{0,2000})?)?|u|ur|url|@i?m?p?o?r?)$/i;

/** Moves the root-relative addresses of a style sheet. */
export function movedStyle(text: string, moved: Moved): string {
  return text.replace(styleAddress, (_whole, opening: string, path: string) => `${opening}${moved(path)}`);
}

/** Moves those of a style sheet that streams, also where one is split over two pieces. */
export class StyleStream extends Transform {
  readonly #moved: Moved;
  #kept = "";

  constructor(moved: Moved) {
    super({ decodeStrings: false, encoding: "utf8" });
    this.#moved = moved;
  }

  override _transform(piece: string, _encoding: BufferEncoding, done: TransformCallback): void {
    const text = this.#kept + piece;
    const start = unfinished.exec(text)?.index ?? text.length;
    this.#kept = text.slice(start);
    done(null, movedStyle(text.slice(0, start), this.#moved));
  }

  override _flush(done: TransformCallback): void {
    done(null, movedStyle(this.#kept, this.#moved));
  }
}
