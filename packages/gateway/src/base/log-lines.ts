import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { stripVTControlCharacters } from "node:util";

const maxLineLength = 2000;

/** The last lines of a program, for people: without colors and blank lines, long lines cut. */
export class LogLines {
  readonly #capacity: number;
  #lines: string[] = [];

  constructor(capacity = 200) {
    this.#capacity = capacity;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  add(line: string): void {
    const text = stripVTControlCharacters(line).trimEnd();
    if (text === "") return;
    this.#lines.push(text.length > maxLineLength ? `${text.slice(0, maxLineLength)}…` : text);
    if (this.#lines.length > this.#capacity) this.#lines = this.#lines.slice(-this.#capacity);
  }
}

/** Calls back for each line of a stream, until it ends. */
export function eachLine(stream: Readable, use: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", use);
}
