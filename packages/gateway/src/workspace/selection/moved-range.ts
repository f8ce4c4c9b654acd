import { diffLines, type Hunk } from "../documents/line-diff.ts";
import type { LineText, Range } from "./line-text.ts";

/**
 * Where a range is after a change of its text. Lines put in above move it, lines put in or changed inside belong to it. Its
 * first and last lines hold it: they must be there still, or be recognisably the same lines.
 * @returns undefined where that is not certain
 */
export function moveRange(before: LineText, after: LineText, range: Range): Range | undefined {
  const hunks = diffLines(before.lines, after.lines);
  if (hunks === undefined) return undefined;
  let moved = range;
  for (const hunk of hunks) {
    const next = moveOver(slidOut(hunk, after.lines, range), before, after, range, moved);
    if (next === undefined) return undefined;
    moved = next;
  }
  return after.holds(moved) ? moved : undefined;
}

/**
 * Lines put in next to equal ones could as well stand a little higher or lower. Where that takes them out of the range, it
 * is what happened: then the guest sees the lines that were shared, and no others.
 */
function slidOut(hunk: Hunk, lines: readonly string[], range: Range): Hunk {
  let { start, newStart, newEnd } = hunk;
  if (hunk.end > start || start <= range.line || start > range.endLine) return hunk;
  while (start > range.line && lines[newStart - 1] === lines[newEnd - 1]) {
    [start, newStart, newEnd] = [start - 1, newStart - 1, newEnd - 1];
  }
  if (start <= range.line) return { start, end: start, newStart, newEnd };
  ({ start, newStart, newEnd } = hunk);
  while (start <= range.endLine && lines[newStart] === lines[newEnd]) {
    [start, newStart, newEnd] = [start + 1, newStart + 1, newEnd + 1];
  }
  return start > range.endLine ? { start, end: start, newStart, newEnd } : hunk;
}

/** @param range as it was before all changes; `moved`: with those of the hunks so far */
function moveOver(hunk: Hunk, before: LineText, after: LineText, range: Range, moved: Range): Range | undefined {
  const { start, end, newStart, newEnd } = hunk;
  const growth = newEnd - newStart - (end - start);
  if (end <= range.line) {
    return { ...moved, line: moved.line + growth, endLine: moved.endLine + growth };
  }
  if (start > range.endLine) return moved;
  if (start > range.line && end <= range.endLine) return { ...moved, endLine: moved.endLine + growth };
  // It reaches beyond the range, or changes the number of lines at an edge: which of them belong to it is unknown.
  if (start < range.line || end > range.endLine + 1 || growth !== 0) return undefined;
  let result: Range | undefined = moved;
  if (start <= range.line) result = moveEdge(hunk, "start", before, after, range, result);
  if (end > range.endLine && result !== undefined) result = moveEdge(hunk, "end", before, after, range, result);
  return result;
}

/** The first or last line of the range was changed itself. */
function moveEdge(
  hunk: Hunk,
  edge: "start" | "end",
  before: LineText,
  after: LineText,
  range: Range,
  moved: Range,
): Range | undefined {
  const line = edge === "start" ? range.line : range.endLine;
  const old = before.lines[line] ?? "";
  const now = after.lines[hunk.newStart + (line - hunk.start)] ?? "";
  const same = commonEnds(old, now);
  // Less than half of it is left: it may be another line.
  if ((same.prefix + same.suffix) * 2 < Math.max(old.length, now.length)) return undefined;
  const col = edge === "start" ? range.col : range.endCol;
  if (col === null || (edge === "start" && col === 0)) return moved;
  const movedCol = moveColumn(col, edge, old, now, same);
  // Equal characters at the edge: the change could as well stand on its other side.
  if (movedCol === undefined || movedCol !== moveColumn(col, edge, old, now, commonEnds(old, now, "suffix"))) {
    return undefined;
  }
  return edge === "start" ? { ...moved, col: movedCol } : { ...moved, endCol: movedCol };
}

interface Ends {
  readonly prefix: number;
  readonly suffix: number;
}

/** A change before the column moves it; one after it does not; one across it leaves it uncertain. */
function moveColumn(
  col: number,
  edge: "start" | "end",
  old: string,
  now: string,
  { prefix, suffix }: Ends,
): number | undefined {
  const changedEnd = old.length - suffix;
  // Put in exactly at the edge: outside.
  if (prefix > col || (prefix === col && edge === "end")) return col;
  if (changedEnd < col || (changedEnd === col && edge === "start")) return col + now.length - old.length;
  return undefined;
}

/** Characters that two lines have in common at their beginnings and, apart from those, at their ends; or the other way round. */
function commonEnds(one: string, other: string, first: "prefix" | "suffix" = "prefix"): Ends {
  const max = Math.min(one.length, other.length);
  const forward = (limit: number) => {
    let count = 0;
    while (count < limit && one[count] === other[count]) count += 1;
    return count;
  };
  const backward = (limit: number) => {
    let count = 0;
    while (count < limit && one.at(-1 - count) === other.at(-1 - count)) count += 1;
    return count;
  };
  if (first === "prefix") {
    const prefix = forward(max);
    return { prefix, suffix: backward(max - prefix) };
  }
  const suffix = backward(max);
  return { prefix: forward(max - suffix), suffix };
}
