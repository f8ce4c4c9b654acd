const esc = "\u001b";
const bell = "\u0007";
/** The same as one character. */
const c1Command = "\u009d";
const c1End = "\u009c";

/** Longer commands than this are none: what follows is shown again. Characters. */
const maxCommand = 100_000;

/**
 * Takes operating system commands out of what a terminal writes: titles, links, the clipboard, marks of VS Code. Of a stream: a
 * command may begin in one part and end in another.
 */
export class CommandFilter {
  #isInside = false;
  #length = 0;
  /** An escape at the end of a part: what follows says what it is. */
  #hasEscape = false;

  take(data: string): string {
    let shown = "";
    for (const character of data) shown += this.#next(character);
    return shown;
  }

  reset(): void {
    this.#isInside = false;
    this.#hasEscape = false;
  }

  #next(character: string): string {
    if (this.#isInside) return this.#inside(character);
    if (this.#hasEscape) {
      this.#hasEscape = character === esc;
      if (character === "]") this.#begin();
      return character === "]" ? "" : esc + (character === esc ? "" : character);
    }
    this.#hasEscape = character === esc;
    if (character === c1Command) this.#begin();
    return character === esc || character === c1Command ? "" : character;
  }

  #begin(): void {
    this.#isInside = true;
    this.#length = 0;
  }

  #inside(character: string): string {
    this.#length += 1;
    const isEnd = character === bell || character === c1End || (this.#hasEscape && character === "\\");
    // Another escape sequence breaks a command off, as terminals do.
    const isBroken = this.#hasEscape && !isEnd && character !== esc;
    const hadEscape = this.#hasEscape;
    this.#hasEscape = character === esc;
    if (isEnd || isBroken || this.#length > maxCommand) this.#isInside = false;
    if (!isBroken || !hadEscape) return "";
    if (character !== "]") return esc + character;
    this.#begin();
    return "";
  }
}
