import { diffArrays } from "diff";

/** Lines `start` to `end` (exclusive) of the old text became lines `newStart` to `newEnd` of the new one. */
export interface Hunk {
  readonly start: number;
  readonly end: number;
  readonly newStart: number;
  readonly newEnd: number;
}

/** Beyond these a comparison is given up: guests choose the texts, and everything else waits meanwhile. */
const maxEdits = 4_000;
const maxTime = 250;

/**
 * What changed between two texts, by lines, ascending (Myers' algorithm).
 * @returns undefined if they differ too much to be compared in a short time
 */
export function diffLines(before: readonly string[], after: readonly string[]): Hunk[] | undefined {
  const changes = diffArrays([...before], [...after], { maxEditLength: maxEdits, timeout: maxTime });
  if (changes === undefined) return undefined;
  const hunks: Hunk[] = [];
  let line = 0;
  let newLine = 0;
  let open: { start: number; newStart: number } | undefined;
  const close = () => {
    if (open !== undefined) hunks.push({ ...open, end: line, newEnd: newLine });
    open = undefined;
  };
  for (const { added, removed, count } of changes) {
    if (added || removed) open ??= { start: line, newStart: newLine };
    else close();
    if (!added) line += count;
    if (!removed) newLine += count;
  }
  close();
  return hunks;
}
