import { StringDecoder } from "node:string_decoder";
import { stripVTControlCharacters } from "node:util";

const maxLines = 20;
const maxLineLength = 500;

/** The end of a program's output, for when it fails. */
export class LastLines {
  readonly #lines: string[] = [];
  readonly #onLine: (line: string) => void;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Follows a stream to its end; a line that is too long is cut. */
  follow(stream: NodeJS.ReadableStream): void {
    const decoder = new StringDecoder("utf8");
    let rest = "";
    const take = (text: string) => {
      const [first = "", ...more] = text.split("\n");
      rest = (rest + first).slice(0, maxLineLength);
      for (const next of more) {
        this.#add(rest);
        rest = next.slice(0, maxLineLength);
      }
    };
    stream.on("data", (chunk: Buffer) => take(decoder.write(chunk)));
    stream.on("end", () => take(`${decoder.end()}\n`));
  }

  /** Oldest first. */
  last(): readonly string[] {
    return [...this.#lines];
  }

  #add(raw: string): void {
    const line = printable(raw).trimEnd();
    if (line === "") return;
    this.#lines.push(line);
    if (this.#lines.length > maxLines) this.#lines.shift();
    this.#onLine(line);
  }
}

/** Without colours and other control characters: it may be shown in pages, terminals and JSON. */
function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}/gu, " ");
}
