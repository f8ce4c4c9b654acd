import { ChangeSet, Text } from "@codemirror/state";
import type { ChangeJson } from "./live-messages.ts";

/** The text as CodeMirror keeps it; lines end with `\n` alone. */
export function toText(text: string): Text {
  return Text.of(text.split("\n"));
}

/**
 * The change that a stranger sent, for a text of `length`; undefined where it is none. `ChangeSet.fromJSON` trusts what it
 * reads, so every number and line is looked at first, and the set is built anew. Whether it cuts a character
 * in two, only the text can tell: see `cutsCharacter`.
 */
export function parseChange(json: unknown, length: number): ChangeSet | undefined {
  if (!Array.isArray(json)) return undefined;
  const specs: { from: number; to: number; insert: Text }[] = [];
  let position = 0;
  for (const part of json as unknown[]) {
    const read = readPart(part);
    if (!read) return undefined;
    const end = position + read.length;
    if (end > length) return undefined;
    if (read.insert) specs.push({ from: position, to: end, insert: read.insert });
    position = end;
  }
  return position === length ? ChangeSet.of(specs, length) : undefined;
}

/** The JSON that `parseChange` reads. */
export function changeJson(change: ChangeSet): ChangeJson {
  return change.toJSON() as ChangeJson;
}

/** How many characters a change inserts and deletes, for limits. */
export function changeSize(change: ChangeSet): { inserted: number; deleted: number } {
  let inserted = 0;
  let deleted = 0;
  change.iterChanges((fromA, toA, _fromB, _toB, text) => {
    inserted += text.length;
    deleted += toA - fromA;
  });
  return { inserted, deleted };
}

/** The text that a change inserts, its places one below the other. */
export function insertedText(change: ChangeSet): string {
  const texts: string[] = [];
  change.iterChanges((_fromA, _toA, _fromB, _toB, text) => {
    if (text.length > 0) texts.push(text.toString());
  });
  return texts.join("\n");
}

/** Whether a change begins or ends inside a surrogate pair of the text, and would leave half a character. */
export function cutsCharacter(change: ChangeSet, text: Text): boolean {
  let cuts = false;
  change.iterChanges((from, to) => {
    cuts ||= insidePair(text, from) || insidePair(text, to);
  }, true);
  return cuts;
}

/** The same change with whole characters: editors may replace one emoji by another as half a surrogate pair. */
export function wholeCharacters(change: ChangeSet, text: Text): ChangeSet {
  if (!cutsCharacter(change, text)) return change;
  const after = change.apply(text);
  const specs: { from: number; to: number; insert: Text }[] = [];
  change.iterChanges((fromA, toA, fromB, toB) => {
    const before = insidePair(text, fromA) ? 1 : 0;
    const behind = insidePair(text, toA) ? 1 : 0;
    specs.push({ from: fromA - before, to: toA + behind, insert: after.slice(fromB - before, toB + behind) });
  });
  return ChangeSet.of(specs, text.length);
}

/** Whether the position lies between the halves of a surrogate pair. */
export function insidePair(text: Text, position: number): boolean {
  if (position <= 0 || position >= text.length) return false;
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.sliceString(position - 1, position + 1));
}

function readPart(part: unknown): { length: number; insert?: Text } | undefined {
  if (!Array.isArray(part)) return isLength(part) && part > 0 ? { length: part } : undefined;
  const [length, ...lines] = part as unknown[];
  if (!isLength(length) || !lines.every(isLine)) return undefined;
  return { length, insert: lines.length > 0 ? Text.of(lines) : Text.empty };
}

function isLength(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A line that any file can hold: no line end, no NUL, and no half of a surrogate pair. */
function isLine(value: unknown): value is string {
  return typeof value === "string" && !/[\r\n\0]/.test(value) && value.isWellFormed();
}
