import Papa from "papaparse";

/** UTF-16 units; few rows are longer. */
const minPartSize = 256 * 1024;

/** Rows of one page. */
export const pageSize = 500;

export interface RowPage {
  readonly rows: readonly (readonly string[])[];
  /** Index of the first row; 0 is the row after the header. */
  readonly first: number;
  readonly isLast: boolean;
}

/**
 * The rows of delimiter-separated text (RFC 4180), a page at a time: only the visible rows are parsed, however long the text
 * is.
 */
export class Rows {
  readonly header: readonly string[];
  readonly delimiter: string;
  readonly #text: string;
  readonly #newline: Newline;
  /** Offset in the text of each known page; the last entry is the next page. */
  readonly #starts: number[];

  /** @param delimiter undefined: guessed from the first lines */
  constructor(text: string, delimiter?: string) {
    this.#text = text.startsWith("\uFEFF") ? text.slice(1) : text;
    const sample = Papa.parse<string[]>(this.#text.slice(0, 100_000), {
      preview: 50,
      delimiter: delimiter ?? delimiterOf(this.#text.slice(0, 100_000)),
      skipEmptyLines: true,
    });
    this.delimiter = sample.meta.delimiter || ",";
    this.#newline = sample.meta.linebreak as Newline;
    const { rows, next } = this.#parse(0, 1);
    this.header = rows[0] ?? [];
    this.#starts = [next];
  }

  /** @param number from 0; each page must be parsed after the one before it */
  page(number: number): RowPage {
    while (this.#starts.length <= number) {
      const last = this.#starts.length - 1;
      const { next } = this.#parse(this.#starts[last] as number, pageSize);
      if (next >= this.#text.length) break;
      this.#starts.push(next);
    }
    const shown = Math.min(number, this.#starts.length - 1);
    const { rows, next } = this.#parse(this.#starts[shown] as number, pageSize);
    return { rows, first: shown * pageSize, isLast: next >= this.#text.length };
  }

  #parse(start: number, max: number): { rows: string[][]; next: number } {
    const end = this.#text.length;
    if (start >= end) return { rows: [], next: end };
    // The parser scans its whole input before it returns the first row.
    for (let length = minPartSize; ; length *= 4) {
      const { data, meta } = Papa.parse<string[]>(this.#text.slice(start, start + length), {
        delimiter: this.delimiter,
        newline: this.#newline,
        preview: max,
        fastMode: false,
      });
      const isWhole = start + length >= end;
      if (!meta.truncated && !isWhole) continue;
      // After the last character of the last row.
      const next = meta.truncated ? start + meta.cursor : end;
      return { rows: data.filter((row) => row.length > 1 || row[0] !== ""), next };
    }
  }
}

type Newline = "\r" | "\n" | "\r\n";

const delimiters = [",", ";", "\t", "|"] as const;

/** The most frequent delimiter of the first line: numbers in other lines may contain commas. @returns empty: the parser's guess */
function delimiterOf(text: string): string {
  const [line = ""] = text.replace(/"[^"]*"/g, "").split(/[\r\n]/, 1);
  const counts = delimiters.map((sign) => line.split(sign).length - 1);
  const max = Math.max(...counts);
  const best = delimiters.filter((_sign, index) => counts[index] === max);
  return max > 0 && best.length === 1 ? (best[0] ?? "") : "";
}
