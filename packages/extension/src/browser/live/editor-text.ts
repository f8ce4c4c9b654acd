import { ChangeSet, type Text, Text as TextOf } from "@waiide/protocol/live";

/** A place in a text as VS Code names it: both count from 0. */
export interface Place {
  readonly line: number;
  readonly character: number;
}

/** One change as VS Code reports it. */
export interface EditorChange {
  readonly range: { readonly start: Place; readonly end: Place };
  readonly text: string;
}

/** One edit to make in an editor; offsets of the text before all of them. */
export interface EditorEdit {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** The text of an editor with `\n` line ends, whatever the editor has. */
export function textOf(content: string): Text {
  return TextOf.of(content.split(/\r\n?|\n/));
}

export function offsetAt(text: Text, { line, character }: Place): number {
  const { from, to } = text.line(Math.min(line + 1, text.lines));
  return Math.min(from + character, to);
}

export function placeAt(text: Text, offset: number): Place {
  const { number, from } = text.lineAt(offset);
  return { line: number - 1, character: offset - from };
}

/**
 * VS Code merges changes of a moment (a key and what it closes or indents) into one event: each is meant for the text after
 * the ones before it.
 */
export function changeOf(before: Text, changes: readonly EditorChange[]): ChangeSet {
  let whole = ChangeSet.empty(before.length);
  let text = before;
  for (const { range, text: insert } of changes) {
    const one = ChangeSet.of(
      { from: offsetAt(text, range.start), to: offsetAt(text, range.end), insert: textOf(insert) },
      text.length,
    );
    text = one.apply(text);
    whole = whole.compose(one);
  }
  return whole;
}

/** Own carets in an editor, as offsets; selections have a start and an end. */
export interface OwnCarets {
  /** Carets, and ends of selections. */
  readonly ends: ReadonlySet<number>;
  readonly starts: ReadonlySet<number>;
}

/** Edits to make, and whether VS Code would drag an own caret along with them. */
export interface EditorEdits {
  readonly edits: readonly EditorEdit[];
  readonly drags: boolean;
}

/**
 * The edits that make a change of others in an editor. VS Code drags a caret along when text is inserted at it. So the
 * character behind the caret is replaced by the new text and itself: what is before a replaced range stays where it is. Where that
 * is not possible, the carets are put back afterwards.
 */
export function editsOf(change: ChangeSet, before: Text, { ends, starts }: OwnCarets): EditorEdits {
  const edits: EditorEdit[] = [];
  let drags = false;
  change.iterChanges((from, to, _fromB, _toB, inserted) => {
    const isInsertion = from === to;
    const next = isInsertion && ends.has(from) ? characterAt(before, from) : "";
    drags ||= isInsertion && ((ends.has(from) && next === "") || starts.has(from));
    edits.push({ from, to: to + next.length, insert: inserted.toString() + next });
  });
  return { edits, drags };
}

/** A whole one: never half of a pair. Empty at the end. */
function characterAt(text: Text, offset: number): string {
  const [first = ""] = text.sliceString(offset, offset + 2);
  return first;
}

/**
 * The blanks at ends of lines that a change removes at given places; `at` counts in the text after it. A formatter may change
 * other places along with them.
 * @param places offsets where others write; undefined: not known, all count
 */
export function trimmedAt(
  change: ChangeSet,
  before: Text,
  places: readonly number[] | undefined,
): { readonly at: number; readonly text: string }[] {
  const found: { at: number; text: string }[] = [];
  change.iterChanges((from, to, fromB, _toB, inserted) => {
    const text = before.sliceString(from, to);
    const isTrim = inserted.length === 0 && /^[ \t]+$/.test(text) && before.lineAt(from).to === to;
    if (isTrim && (places?.some((place) => place >= from && place <= to) ?? true)) found.push({ at: fromB, text });
  });
  return found;
}
