/** One cell of a line: its character, and its colors (SGR sequences since the last reset). */
interface Place {
  readonly text: string;
  readonly style: string;
}

/** Sequences that move or erase; text without any is shown as it is. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern searches for control characters
const moving = /[\r\b]|\u001b(?!\[[\d;:]*m)/;
/** A control sequence (ECMA-48 §5.4), an operating system command, another escape, or a control character. */
const token =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern searches for control characters
  /\u001b\[([0-?]*)[ -/]*([@-~])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]?|[\r\n\b]|[^\u001b\r\n\b]+/gu;

/**
 * Output as a terminal shows it in the end, as in Jupyter: a carriage return goes back to the beginning of the line, backspace
 * goes back one cell, and cursor movements and erasures take effect. Colors stay, as SGR sequences.
 */
export function terminalText(text: string): string {
  if (!moving.test(text)) return text;
  const screen = new Screen();
  for (const [whole, parameters = "", final] of text.matchAll(token)) {
    if (final !== undefined) screen.control(parameters, final);
    else if (whole === "\r") screen.column = 0;
    else if (whole === "\b") screen.column = Math.max(0, screen.column - 1);
    else if (whole === "\n") screen.newLine();
    else if (!whole.startsWith("\u001b")) screen.write(whole);
  }
  return screen.text;
}

/** Maximum number of lines that one sequence can create. */
const farthest = 10_000;

class Screen {
  readonly #lines: Place[][] = [[]];
  #row = 0;
  column = 0;
  #style = "";

  newLine(): void {
    this.#moveTo(this.#row + 1);
    this.column = 0;
  }

  write(text: string): void {
    const line = this.#line;
    for (const character of text) {
      while (line.length < this.column) line.push({ text: " ", style: "" });
      line[this.column] = { text: character, style: this.#style };
      this.column += 1;
    }
  }

  control(parameters: string, final: string): void {
    const number = Math.min(Number.parseInt(parameters, 10) || 0, farthest);
    const by = Math.max(1, number);
    if (final === "m") this.#dress(parameters);
    else if (final === "A") this.#moveTo(Math.max(0, this.#row - by));
    else if (final === "B") this.#moveTo(this.#row + by);
    else if (final === "C") this.column += by;
    else if (final === "D") this.column = Math.max(0, this.column - by);
    else if (final === "E") this.#moveTo(this.#row + by, 0);
    else if (final === "F") this.#moveTo(Math.max(0, this.#row - by), 0);
    else if (final === "G") this.column = by - 1;
    else if (final === "K") this.#eraseLine(number);
    else if (final === "J") this.#eraseScreen(number);
  }

  get text(): string {
    return this.#lines.map(lineText).join("\n");
  }

  get #line(): Place[] {
    return this.#lines[this.#row] as Place[];
  }

  #moveTo(row: number, column = this.column): void {
    while (this.#lines.length <= row) this.#lines.push([]);
    this.#row = row;
    this.column = column;
  }

  #dress(parameters: string): void {
    const isReset = parameters === "" || parameters === "0";
    this.#style = isReset ? "" : `${this.#style}\u001b[${parameters}m`;
  }

  /** 0: to the end, 1: to here, 2: all of it (ECMA-48 §8.3.41). */
  #eraseLine(part: number): void {
    const line = this.#line;
    if (part === 2) line.length = 0;
    else if (part === 0) line.length = Math.min(line.length, this.column);
    else
      for (let place = 0; place <= Math.min(this.column, line.length - 1); place += 1)
        line[place] = { text: " ", style: "" };
  }

  #eraseScreen(part: number): void {
    if (part === 2) {
      for (const line of this.#lines) line.length = 0;
    } else if (part === 0) {
      this.#eraseLine(0);
      this.#lines.length = this.#row + 1;
    }
  }
}

function lineText(line: readonly Place[]): string {
  let style = "";
  let text = "";
  for (const place of line) {
    if (place.style !== style) {
      text += `${style === "" ? "" : "\u001b[0m"}${place.style}`;
      style = place.style;
    }
    text += place.text;
  }
  return style === "" ? text : `${text}\u001b[0m`;
}
