import picomatch from "picomatch";

/** Names whose answer is kept. */
const maxAnswers = 10_000;

/** Characters that make a pattern more than a name. */
const special = /[*?[\]{}()!+@|\\]/;

interface PathPattern {
  readonly pattern: string;
  readonly length: number;
  /** Its last segment, if that is a plain name: it decides for most paths. */
  readonly last: string | undefined;
  readonly expression: RegExp;
}

/** A list of names and globs, fast enough for every entry of every folder. */
export class NameList {
  /** The pattern as it was given, by the folded name. */
  readonly #literals = new Map<string, string>();
  readonly #globs: { readonly pattern: string; readonly expression: RegExp }[] = [];
  /** All globs of one segment in one expression. */
  readonly #anyGlob: RegExp | undefined;
  /** Patterns of several segments, matched against as many segments in a row. */
  readonly #paths: PathPattern[] = [];
  /** Answers of earlier names. Many lists exist, so that lru-cache, which takes its room in advance, would cost megabytes. */
  readonly #answers = new Map<string, string | undefined>();

  constructor(patterns: readonly string[]) {
    for (const pattern of patterns) {
      const steps = pattern
        .replace(/^(\.?\/)+|\/+$/g, "")
        .split("/")
        .map(fold);
      const folded = steps.join("/");
      if (folded === "") continue;
      if (steps.length > 1) this.#paths.push(pathPattern(pattern, steps));
      else if (special.test(folded)) this.#globs.push({ pattern, expression: expressionOf(folded) });
      else if (!this.#literals.has(folded)) this.#literals.set(folded, pattern);
    }
    if (this.#globs.length > 0)
      this.#anyGlob = new RegExp(this.#globs.map(({ expression }) => expression.source).join("|"));
  }

  /**
   * @param segments folded
   * @param from patterns of several segments may begin before it, but must end at it or later
   * @returns the pattern that matches a path, or a folder it lies in
   */
  match(segments: readonly string[], from = 0): string | undefined {
    for (let index = from; index < segments.length; index += 1) {
      const pattern = this.#matchName(segments[index] ?? "") ?? this.#matchPath(segments, index);
      if (pattern !== undefined) return pattern;
    }
    return undefined;
  }

  #matchName(name: string): string | undefined {
    if (this.#answers.has(name)) return this.#answers.get(name);
    const pattern = this.#literals.get(name) ?? this.#matchGlob(name);
    if (this.#answers.size >= maxAnswers) this.#answers.clear();
    this.#answers.set(name, pattern);
    return pattern;
  }

  #matchGlob(name: string): string | undefined {
    if (this.#anyGlob?.test(name) !== true) return undefined;
    return this.#globs.find(({ expression }) => expression.test(name))?.pattern;
  }

  #matchPath(segments: readonly string[], index: number): string | undefined {
    for (const { pattern, length, last, expression } of this.#paths) {
      if (length > index + 1 || (last !== undefined && last !== segments[index])) continue;
      if (expression.test(segments.slice(index + 1 - length, index + 1).join("/"))) return pattern;
    }
    return undefined;
  }
}

function pathPattern(pattern: string, steps: readonly string[]): PathPattern {
  const folded = steps.join("/");
  const end = steps.at(-1) ?? "";
  const isPlain = !special.test(end) && !/[{}()]/.test(folded);
  return { pattern, length: steps.length, last: isPlain ? end : undefined, expression: expressionOf(folded) };
}

function expressionOf(glob: string): RegExp {
  return picomatch.makeRe(glob, { dot: true });
}

/** The segments of a path, folded. */
export function foldedSegments(path: string): string[] {
  return path
    .split("/")
    .filter((name) => name !== "")
    .map(fold);
}

/**
 * Names that some file system takes for the same become the same: case (`.GIT`), compatibility forms, characters that
 * are ignored (HFS+), dots and blanks at the end (SMB, NTFS). One name too many is better than one too few.
 */
export function fold(name: string): string {
  const lower = /^[!-~]*$/.test(name)
    ? name.toLowerCase()
    : name
        .normalize("NFKD")
        .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
        .toUpperCase()
        .toLowerCase()
        .normalize("NFKC");
  return lower.replace(/[. ]+$/, "") || lower;
}
