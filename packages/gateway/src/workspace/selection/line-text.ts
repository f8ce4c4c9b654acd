/** Lines and columns from 0, the end exclusive; `endCol` null: to the end of its line. */
export interface Range {
  readonly line: number;
  readonly col: number;
  readonly endLine: number;
  readonly endCol: number | null;
}

/** Lines compared in one search for a text: many equal ones could take forever. */
const maxCompared = 5_000_000;

/** A text by lines, as VS Code counts them: LF, CRLF and a lone CR each end one. */
export class LineText {
  readonly text: string;
  /** Without their ends. */
  readonly lines: readonly string[];
  readonly #starts: readonly number[];
  #compared = 0;

  constructor(text: string) {
    const lines: string[] = [];
    const starts: number[] = [];
    let start = 0;
    for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) {
      starts.push(start);
      lines.push(text.slice(start, index));
      start = index + end.length;
    }
    this.text = text;
    this.lines = [...lines, text.slice(start)];
    this.#starts = [...starts, start];
  }

  holds({ line, col, endLine, endCol }: Range): boolean {
    const first = this.lines[line];
    const last = this.lines[endLine];
    if (first === undefined || last === undefined || endLine < line) return false;
    const end = endCol ?? last.length;
    return col <= first.length && end <= last.length && (line < endLine || col <= end);
  }

  offsetsOf({ line, col, endLine, endCol }: Range): { start: number; end: number } {
    const end = endCol ?? this.lines[endLine]?.length ?? 0;
    return { start: (this.#starts[line] ?? 0) + col, end: (this.#starts[endLine] ?? 0) + end };
  }

  cut(range: Range): string {
    const { start, end } = this.offsetsOf(range);
    return this.text.slice(start, end);
  }

  /** @param isOpen keeps the end at the end of its line */
  rangeOf(start: number, end: number, isOpen: boolean): Range {
    const first = this.#placeOf(start);
    const last = this.#placeOf(end);
    const isLineEnd = last.col === this.lines[last.line]?.length;
    return { line: first.line, col: first.col, endLine: last.line, endCol: isOpen && isLineEnd ? null : last.col };
  }

  /**
   * The one place where a text occurs, with any line endings. A text that began and ended with whole lines must do so again.
   * @returns undefined if there is none, more than one, or too much to compare
   */
  findOnce(text: string, like: Range): Range | undefined {
    if (text.trim() === "") return undefined;
    const wanted = new LineText(text).lines;
    const last = wanted.length - 1;
    let found: Range | undefined;
    this.#compared = 0;
    for (let line = 0; line + last < this.lines.length; line += 1) {
      if (this.#compared > maxCompared) return undefined;
      for (const place of this.#placesAt(line, wanted, like)) {
        if (found !== undefined) return undefined;
        found = place;
      }
    }
    return found;
  }

  /** Where `wanted` begins in this line. */
  *#placesAt(line: number, wanted: readonly string[], like: Range): Generator<Range> {
    const first = this.lines[line] ?? "";
    const [head = ""] = wanted;
    const last = wanted.length - 1;
    for (let col = first.indexOf(head); col !== -1; col = first.indexOf(head, col + 1)) {
      if (like.col === 0 && col > 0) return;
      if (last === 0) {
        const end = col + head.length;
        if (like.endCol !== null || end === first.length) yield this.#rangeLike(line, col, line, end, like);
      } else if (col + head.length === first.length && this.#goesOn(line, wanted, like)) {
        yield this.#rangeLike(line, col, line + last, wanted[last]?.length ?? 0, like);
      }
      if (col >= first.length) return;
    }
  }

  /** Whether the lines after the first are there, too. */
  #goesOn(line: number, wanted: readonly string[], like: Range): boolean {
    const last = wanted.length - 1;
    const tail = wanted[last] ?? "";
    const end = this.lines[line + last] ?? "";
    // The last line first: where many lines are equal, it is the one that differs.
    if (like.endCol === null ? end !== tail : !end.startsWith(tail)) return false;
    for (let index = 1; index < last; index += 1) {
      this.#compared += 1;
      if (wanted[index] !== this.lines[line + index]) return false;
    }
    return true;
  }

  #rangeLike(line: number, col: number, endLine: number, endCol: number, like: Range): Range {
    return { line, col, endLine, endCol: like.endCol === null ? null : endCol };
  }

  #placeOf(offset: number): { line: number; col: number } {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low, col: offset - (this.#starts[low] ?? 0) };
  }
}
