/** Set and reset of a private mode, such as the alternate screen and the mouse (DECSET, DECRST). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with it
const modes = /\u001b\[\?([\d;]+)([hl])/g;

/** The last part of what a terminal wrote: enough to show it to somebody who comes later. */
export class Scrollback {
  readonly #max: number;
  #text = "";
  /** Of what is no longer kept: a page that starts in the middle needs them. */
  readonly #modes = new Map<string, "h" | "l">();

  /** @param max characters */
  constructor(max: number) {
    this.#max = max;
  }

  /** What brings an empty terminal to the same state. */
  get text(): string {
    return [...this.#modes].map(([mode, state]) => `\u001b[?${mode}${state}`).join("") + this.#text;
  }

  add(text: string): void {
    this.#text += text;
    // Not at each call: cutting copies the text.
    if (this.#text.length > this.#max * 2) this.#cut();
  }

  /** Text is missing here. */
  clear(): void {
    this.#text = "";
  }

  /** The kept text, at most `max` characters. */
  settle(): string {
    if (this.#text.length > this.#max) this.#cut();
    return this.text;
  }

  #cut(): void {
    const from = beginning(this.#text, this.#text.length - this.#max);
    for (const [, numbers = "", state] of this.#text.slice(0, from).matchAll(modes)) {
      for (const mode of numbers.split(";")) this.#modes.set(mode, state as "h" | "l");
    }
    this.#text = this.#text.slice(from);
  }
}

/** Where a text can be cut without cutting a character or an escape sequence: after a line, else before a sequence. */
function beginning(text: string, from: number): number {
  const line = text.indexOf("\n", from);
  if (line !== -1) return line + 1;
  const sequence = text.indexOf("\u001b", from);
  return sequence === -1 ? text.length : sequence;
}
