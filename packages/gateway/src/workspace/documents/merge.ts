import { diffLines, type Hunk } from "./line-diff.ts";
import { lineEndingOf, withLineEnding } from "./line-ending.ts";

/**
 * Both changes of one base, by lines (RULES R13). Changes of the same or adjacent lines overlap, unless they are equal.
 * Line endings are those that one side changed them to, else as they were.
 * @returns undefined where they overlap, or differ too much to be compared
 */
export function mergeTexts(base: string, mine: string, theirs: string): string | undefined {
  if (mine === theirs) return mine;
  const endings = [base, mine, theirs].map(lineEndingOf);
  if (endings.includes("mixed")) return mergeLines(base, mine, theirs);
  const [ofBase, ofMine, ofTheirs] = endings;
  const merged = mergeLines(withLineEnding(base, "\n"), withLineEnding(mine, "\n"), withLineEnding(theirs, "\n"));
  const ending = ofMine === "none" || ofMine === ofBase ? ofTheirs : ofMine;
  return merged === undefined ? undefined : withLineEnding(merged, ending === "\r\n" ? "\r\n" : "\n");
}

/**
 * As `mergeTexts`, for texts whose lines end with LF; where the changes overlap, mine stay.
 * @returns undefined where they differ too much to be compared
 */
export function keepMine(base: string, mine: string, theirs: string): KeptMine | undefined {
  const sides = sidesOf(base, mine, theirs);
  if (sides === undefined) return undefined;
  const { lines, ours, others } = sides;
  const free = others.hunks.filter((hunk) => !ours.hunks.some((own) => touches(own, hunk)));
  const lost = others.hunks.some(
    (hunk) => !free.includes(hunk) && !ours.hunks.some((own) => isSame(own, ours.text, hunk, others.text)),
  );
  const chosen = chooseHunks(ours, { ...others, hunks: free });
  return chosen && { text: textOf(lines, chosen), overlaps: lost };
}

/** A merge, and whether lines of the others were left out. */
export interface KeptMine {
  readonly text: string;
  readonly overlaps: boolean;
}

function mergeLines(base: string, mine: string, theirs: string): string | undefined {
  const sides = sidesOf(base, mine, theirs);
  const chosen = sides && chooseHunks(sides.ours, sides.others);
  return sides && chosen && textOf(sides.lines, chosen);
}

function sidesOf(
  base: string,
  mine: string,
  theirs: string,
): { lines: string[]; ours: Side; others: Side } | undefined {
  const [lines, ours, others] = [base.split("\n"), mine.split("\n"), theirs.split("\n")];
  const first = diffLines(lines, ours);
  const second = diffLines(lines, others);
  if (first === undefined || second === undefined) return undefined;
  return { lines, ours: { hunks: first, text: ours }, others: { hunks: second, text: others } };
}

function textOf(lines: readonly string[], chosen: readonly Choice[]): string {
  const merged: string[] = [];
  let line = 0;
  for (const { hunk, text } of chosen) {
    merged.push(...lines.slice(line, hunk.start), ...text.slice(hunk.newStart, hunk.newEnd));
    line = hunk.end;
  }
  return [...merged, ...lines.slice(line)].join("\n");
}

interface Side {
  readonly hunks: readonly Hunk[];
  readonly text: readonly string[];
}

interface Choice {
  readonly hunk: Hunk;
  readonly text: readonly string[];
}

/** The hunks of both sides in order; undefined if two of them touch without being the same. */
function chooseHunks(mine: Side, theirs: Side): Choice[] | undefined {
  const chosen: Choice[] = [];
  let [own, other] = [0, 0];
  for (;;) {
    const first = mine.hunks[own];
    const second = theirs.hunks[other];
    if (first === undefined && second === undefined) return chosen;
    if (first !== undefined && second !== undefined && touches(first, second)) {
      if (!isSame(first, mine.text, second, theirs.text)) return undefined;
      chosen.push({ hunk: first, text: mine.text });
      own += 1;
      other += 1;
    } else if (second === undefined || (first !== undefined && first.start < second.start)) {
      chosen.push({ hunk: first as Hunk, text: mine.text });
      own += 1;
    } else {
      chosen.push({ hunk: second, text: theirs.text });
      other += 1;
    }
  }
}

function touches(first: Hunk, second: Hunk): boolean {
  return first.start <= second.end && second.start <= first.end;
}

function isSame(first: Hunk, text: readonly string[], second: Hunk, other: readonly string[]): boolean {
  const lines = text.slice(first.newStart, first.newEnd);
  return (
    first.start === second.start &&
    first.end === second.end &&
    lines.length === second.newEnd - second.newStart &&
    lines.every((line, index) => line === other[second.newStart + index])
  );
}
