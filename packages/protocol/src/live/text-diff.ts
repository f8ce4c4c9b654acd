import { ChangeSet, type Text } from "@codemirror/state";
import { insidePair } from "./change.ts";

/** Lines `from`–`to` of one text that lines of the other replace. */
interface Lines {
  readonly before: readonly [from: number, to: number];
  readonly after: readonly [from: number, to: number];
}

/**
 * A small change from one text to the other: lines that both have once are kept in place, and inside changed lines what they
 * begin and end with. It keeps carets and other people's changes where they are; it is not always the smallest.
 */
export function diffToChange(before: Text, after: Text): ChangeSet {
  const [a, b] = [before.toJSON(), after.toJSON()];
  const hunks: Lines[] = [];
  differentLines(a, b, { before: [0, a.length], after: [0, b.length] }, hunks);
  const [startsA, startsB] = [lineStarts(a), lineStarts(b)];
  const specs = hunks.map((hunk) =>
    trimmed(before, after, lineRange(hunk.before, startsA, before), lineRange(hunk.after, startsB, after)),
  );
  return ChangeSet.of(specs, before.length);
}

type Range = readonly [from: number, to: number];

/** Offsets of lines with their line ends; the last lines have theirs in front. Both texts come to their ends together. */
function lineRange([from, to]: Range, starts: readonly number[], text: Text): Range {
  const start = starts[from] ?? text.length + 1;
  const end = starts[to];
  return end === undefined ? [Math.max(0, start - 1), text.length] : [start, end];
}

function trimmed(before: Text, after: Text, old: Range, fresh: Range): { from: number; to: number; insert: Text } {
  const a = before.sliceString(...old);
  const b = after.sliceString(...fresh);
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a.charCodeAt(start) === b.charCodeAt(start)) start++;
  let end = 0;
  while (end < most - start && a.charCodeAt(a.length - 1 - end) === b.charCodeAt(b.length - 1 - end)) end++;
  const cut = (offset: number, back: number) =>
    insidePair(before, old[0] + offset) || insidePair(after, fresh[0] + back) ? 1 : 0;
  start -= cut(start, start);
  end -= cut(a.length - end, b.length - end);
  return { from: old[0] + start, to: old[1] - end, insert: after.slice(fresh[0] + start, fresh[1] - end) };
}

function lineStarts(lines: readonly string[]): number[] {
  let position = 0;
  return lines.map((line) => {
    const start = position;
    position += line.length + 1;
    return start;
  });
}

/** Patience diff: equal lines at both ends, then lines that stand once in each part, in the order that most of them keep. */
function differentLines(a: readonly string[], b: readonly string[], part: Lines, found: Lines[]): void {
  let [fromA, toA] = part.before;
  let [fromB, toB] = part.after;
  while (fromA < toA && fromB < toB && a[fromA] === b[fromB]) {
    fromA++;
    fromB++;
  }
  while (fromA < toA && fromB < toB && a[toA - 1] === b[toB - 1]) {
    toA--;
    toB--;
  }
  if (fromA === toA && fromB === toB) return;
  const anchors = commonLines(a, b, { before: [fromA, toA], after: [fromB, toB] });
  if (anchors.length === 0) {
    found.push({ before: [fromA, toA], after: [fromB, toB] });
    return;
  }
  for (const [lineA, lineB] of anchors) {
    differentLines(a, b, { before: [fromA, lineA], after: [fromB, lineB] }, found);
    [fromA, fromB] = [lineA + 1, lineB + 1];
  }
  differentLines(a, b, { before: [fromA, toA], after: [fromB, toB] }, found);
}

/** Pairs of lines that stand once on each side, the longest row of them that rises on both. */
function commonLines(a: readonly string[], b: readonly string[], part: Lines): [number, number][] {
  const once = onceIn(b, part.after);
  const pairs: [number, number][] = [];
  for (const [line, at] of onceIn(a, part.before)) {
    const other = once.get(line);
    if (at >= 0 && other !== undefined && other >= 0) pairs.push([at, other]);
  }
  return longestRising(pairs);
}

/** Where each line stands; −1 for lines that stand there more than once. */
function onceIn(lines: readonly string[], [from, to]: readonly [number, number]): Map<string, number> {
  const places = new Map<string, number>();
  for (let at = from; at < to; at++) {
    const line = lines[at] as string;
    places.set(line, places.has(line) ? -1 : at);
  }
  return places;
}

function longestRising(pairs: readonly [number, number][]): [number, number][] {
  const tails: number[] = [];
  const previous: number[] = [];
  for (const [index, pair] of pairs.entries()) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[tails[middle] as number] as [number, number])[1] < pair[1]) low = middle + 1;
      else high = middle;
    }
    previous[index] = low > 0 ? (tails[low - 1] as number) : -1;
    tails[low] = index;
  }
  const row: [number, number][] = [];
  for (let at = tails.at(-1) ?? -1; at >= 0; at = previous[at] as number) row.push(pairs[at] as [number, number]);
  return row.reverse();
}
