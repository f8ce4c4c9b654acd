import { type Placement, WholeNumber } from "@waiide/protocol";
import { type Static, Type } from "typebox";
import Value from "typebox/value";
import { BoundedTable } from "../../base/bounded-table.ts";
import { versionOf } from "../documents/content.ts";
import { LineText, type Range } from "./line-text.ts";
import { moveRange } from "./moved-range.ts";

/** Lines from 1, columns from 0 in UTF-16, the end exclusive; `end_col` null: to the end of its line. */
export type SelectionRange = Pick<Placement, "line" | "col" | "end_line" | "end_col">;

/** Replacements that may be under way at once. */
const maxReplacements = 16;

const Position = WholeNumber({ minimum: 0 });

/** The stored form of a selection. */
const StoredSchema = Type.Object({
  text: Type.String(),
  range: Type.Object({
    line: WholeNumber({ minimum: 1 }),
    col: Position,
    end_line: WholeNumber({ minimum: 1 }),
    end_col: Type.Union([Position, Type.Null()]),
  }),
  outdated: Type.Boolean(),
  file: Type.String({ description: "Version of the whole file when the place was last certain." }),
});
type Stored = Static<typeof StoredSchema>;

/** Of a record that cannot be read the place is not certain, and no text is known. */
const lost: Stored = { text: "", range: { line: 1, col: 0, end_line: 1, end_col: 0 }, outdated: true, file: "" };

/**
 * Follows the lines of a selection share through all changes of their file (RULES R12). Line numbers alone never decide:
 * the place is found by comparing the file with what it was when the place was last certain, and where that does not
 * give one answer the last text stays, marked out of date.
 */
export class SelectionTracker {
  /** The place or the text has changed: worth storing. */
  onMoved: (() => void) | undefined;
  #text: string;
  #range: Range;
  #outdated: boolean;
  #file: string;
  /** The file's text when the place was last certain; unknown after a restart. */
  #last: LineText | undefined;
  /** The version that was checked last, so that an unchanged file is not compared again. */
  #seen: string | undefined;
  /** What `replace` made, by the version of the file that it is to become. */
  #changedAt = Date.now();
  readonly #replacements = new BoundedTable<string, Range>(maxReplacements);

  private constructor(text: string, range: Range, outdated: boolean, file: string, last?: LineText) {
    this.#text = text;
    this.#range = range;
    this.#outdated = outdated;
    this.#file = file;
    this.#last = last;
  }

  /**
   * @param content of the whole file, without a byte order mark
   * @returns undefined if the range does not lie in the content, or is empty
   */
  static create(content: string, range: SelectionRange): SelectionTracker | undefined {
    const lines = new LineText(content);
    const inner = { line: range.line - 1, col: range.col, endLine: range.end_line - 1, endCol: range.end_col };
    if (!lines.holds(inner)) return undefined;
    const text = lines.cut(inner);
    return text === "" ? undefined : new SelectionTracker(text, inner, false, versionOf(content), lines);
  }

  /** @param json what `serialize` made; one that is damaged by now has no place any more */
  static restore(json: string): SelectionTracker {
    const { text, range, outdated, file } = parseStored(json) ?? lost;
    const inner = { line: range.line - 1, col: range.col, endLine: range.end_line - 1, endCol: range.end_col };
    return new SelectionTracker(text, inner, outdated, file);
  }

  serialize(): string {
    const { outdated, ...range } = this.placement;
    return JSON.stringify({ text: this.#text, range, outdated, file: this.#file } satisfies Stored);
  }

  /** As of the last `place`. */
  get placement(): Placement {
    const { line, col, endLine, endCol } = this.#range;
    return { line: line + 1, col, end_line: endLine + 1, end_col: endCol, outdated: this.#outdated };
  }

  /** When this process last saw the text change. Milliseconds since 1970. */
  get changedAt(): number {
    return this.#changedAt;
  }

  /** As of the last `place`. */
  get text(): string {
    return this.#text;
  }

  /** Finds the selection in what the file is now. @param content of the whole file, without a byte order mark */
  place(content: string): { placement: Placement; text: string } {
    const file = versionOf(content);
    if (file !== this.#seen) this.#find(new LineText(content), file);
    this.#seen = file;
    return { placement: this.placement, text: this.#text };
  }

  /**
   * Notes where the selection is in a text that was followed all along.
   * @param content of the whole file; `lines`: the same, with any line ends
   */
  settleAt(content: string, lines: LineText, start: number, end: number): void {
    const range = lines.rangeOf(start, end, this.#range.endCol === null);
    this.#seen = versionOf(content);
    this.#settle(new LineText(content), this.#seen, range);
  }

  /** The file is gone or no longer text: the last text stays. */
  lose(): { placement: Placement; text: string } {
    this.#seen = undefined;
    this.#markOutdated();
    return { placement: this.placement, text: this.#text };
  }

  /**
   * The whole content with a new text in the selection's place; nothing else changes. Once that is what the file holds,
   * `place` knows it again.
   */
  replace(content: string, newText: string): string | "outdated" {
    if (this.place(content).placement.outdated) return "outdated";
    const { start, end } = new LineText(content).offsetsOf(this.#range);
    const changed = content.slice(0, start) + newText + content.slice(end);
    const range = new LineText(changed).rangeOf(start, start + newText.length, this.#range.endCol === null);
    this.#replacements.set(versionOf(changed), range);
    return changed;
  }

  #find(lines: LineText, file: string): void {
    const range = this.#rangeIn(lines, file);
    if (range === undefined) this.#markOutdated();
    else this.#settle(lines, file, range);
  }

  #rangeIn(lines: LineText, file: string): Range | undefined {
    const replaced = this.#replacements.get(file);
    if (replaced !== undefined) return replaced;
    if (this.#last !== undefined) {
      const moved = moveRange(this.#last, lines, this.#range);
      if (moved !== undefined && lines.cut(moved) !== "") return moved;
    } else if (file === this.#file && lines.holds(this.#range) && lines.cut(this.#range) === this.#text) {
      return this.#range;
    }
    return lines.findOnce(this.#text, this.#range);
  }

  #settle(lines: LineText, file: string, range: Range): void {
    const before = this.serialize();
    const text = lines.cut(range);
    if (text !== this.#text) this.#changedAt = Date.now();
    this.#text = text;
    this.#range = range;
    this.#outdated = false;
    this.#file = file;
    this.#last = lines;
    this.#replacements.clear();
    if (this.serialize() !== before) this.onMoved?.();
  }

  #markOutdated(): void {
    if (this.#outdated) return;
    this.#outdated = true;
    this.onMoved?.();
  }
}

function parseStored(json: string): Stored | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return Value.Check(StoredSchema, value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
