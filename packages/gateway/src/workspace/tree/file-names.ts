/** Matches kept of one search; beyond, the result is incomplete. */
const maxKept = 50_000;

/** How well letters match: in a row, at the beginning of a word, in the file's own name. */
const inRow = 10;
const wordStart = 8;
const inName = 3;

/** Files whose path contains the letters of a pattern in order, as in “Go to File”. */
export class FileNames {
  readonly #letters: string;
  readonly #kept: { readonly path: string; readonly score: number }[] = [];
  #isFull = false;

  constructor(pattern: string) {
    this.#letters = pattern.toLowerCase().replace(/\s+/g, "");
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  add(path: string): void {
    const score = scoreOf(path, this.#letters);
    if (score === undefined) return;
    if (this.#kept.length >= maxKept) this.#isFull = true;
    else this.#kept.push({ path, score });
  }

  /** Best first; of equals the shorter one, then by name. */
  ranked(): string[] {
    this.#kept.sort(
      (first, second) =>
        second.score - first.score || first.path.length - second.path.length || (first.path < second.path ? -1 : 1),
    );
    return this.#kept.map(({ path }) => path);
  }
}

/** @returns undefined if the path does not hold the letters in order */
function scoreOf(path: string, letters: string): number | undefined {
  const text = path.toLowerCase();
  const name = text.lastIndexOf("/") + 1;
  // The file's own name first: that is what people type.
  return scoreFrom(path, text, letters, name) ?? scoreFrom(path, text, letters, 0);
}

function scoreFrom(path: string, text: string, letters: string, start: number): number | undefined {
  const name = text.lastIndexOf("/") + 1;
  let score = start === name ? inName * letters.length : 0;
  let before = -2;
  let from = start;
  for (const letter of letters) {
    const next = text.startsWith(letter, before + 1) && before >= start ? before + 1 : text.indexOf(letter, from);
    if (next === -1) return undefined;
    if (next === before + 1) score += inRow;
    if (isWordStart(path, next)) score += wordStart;
    before = next;
    from = next + letter.length;
  }
  return score;
}

function isWordStart(path: string, index: number): boolean {
  const previous = path[index - 1] ?? "/";
  const letter = path[index] ?? "";
  return /[/_\-. ]/.test(previous) || (letter !== letter.toLowerCase() && previous === previous.toLowerCase());
}
