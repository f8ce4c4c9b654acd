import { WholeNumber } from "@waiide/protocol";
import { type Static, Type } from "typebox";

/** Lines before and after the commented ones, by which these are found again. */
const neighbors = 3;
/** Of the commented lines; many are recognized by their first ones. */
const maxLines = 20;
/** Characters of a line. */
const maxWidth = 300;

/** Characters of a line that is recognized without its neighbors. */
const minTelling = 4;

const Lines = Type.Array(Type.String());

/** Where a thread is in its file, with the text by which the place is found again. Lines from 1. */
export const AnchorSchema = Type.Object({
  line: WholeNumber({ minimum: 1 }),
  end: WholeNumber({ minimum: 1 }),
  lines: Lines,
  before: Lines,
  after: Lines,
  /** The lines are gone: this is where they were. */
  lost: Type.Boolean(),
});
export type Anchor = Static<typeof AnchorSchema>;

/** @param end the last line; undefined where there are no such lines */
export function anchorAt(text: readonly string[], line: number, end: number): Anchor | undefined {
  if (line < 1 || end < line || end > text.length) return undefined;
  return {
    line,
    end,
    lines: cut(text.slice(line - 1, Math.min(end, line - 1 + maxLines))),
    before: cut(text.slice(Math.max(0, line - 1 - neighbors), line - 1)),
    after: cut(text.slice(end, end + neighbors)),
    lost: false,
  };
}

/**
 * Anchors in another text of their file: the same lines, in the place whose neighbors fit best, or the nearest one; or changed
 * lines between the same neighbors. Where nothing fits, an anchor is lost, and may be found again later.
 */
export function findAnchors(text: readonly string[], anchors: readonly Anchor[]): Anchor[] {
  const shown = cut(text);
  return anchors.map((anchor) => findAnchor(text, shown, anchor));
}

/** @param shown the text, as anchors keep it */
function findAnchor(text: readonly string[], shown: readonly string[], anchor: Anchor): Anchor {
  const { line, end, lost, before, after } = anchor;
  const isThere = holds(shown, line - 1, anchor) && scoreAt(shown, line - 1, anchor) === before.length + after.length;
  if (isThere && !lost && end <= text.length) return anchor;
  const found = bestOf(candidates(shown, anchor), line) ?? bestOf(between(shown, anchor), line);
  const moved = found === undefined ? undefined : anchorAt(text, found, Math.min(found + end - line, text.length));
  if (moved !== undefined) return moved;
  const last = Math.max(1, Math.min(end, text.length));
  return { ...anchor, line: Math.min(line, last), end: last, lost: true };
}

interface Candidate {
  readonly line: number;
  readonly score: number;
}

/** Places with the same lines. Without a neighbor it must be the only one, and say something. */
function candidates(text: readonly string[], anchor: Anchor): Candidate[] {
  const all = text.flatMap((_, index) =>
    holds(text, index, anchor) ? [{ line: index + 1, score: scoreAt(text, index, anchor) }] : [],
  );
  const isTelling = all.length === 1 && anchor.lines.some((one) => one.trim().length >= minTelling);
  return all.filter(({ score }) => score > 0 || isTelling);
}

function holds(text: readonly string[], index: number, { lines }: Anchor): boolean {
  return lines.every((one, offset) => text[index + offset] === one);
}

/** Places with other lines between the nearest neighbors on both sides. */
function between(text: readonly string[], anchor: Anchor): Candidate[] {
  const above = anchor.before.at(-1);
  const [below] = anchor.after;
  const height = anchor.end - anchor.line + 1;
  if ([above, below].every((one) => one === undefined || one.trim() === "")) return [];
  return text.flatMap((_, index) => {
    const fits = text[index - 1] === above && text[index + height] === below;
    return fits ? [{ line: index + 1, score: scoreAt(text, index, anchor) }] : [];
  });
}

/** How many of the neighbors are there still, the nearest first. */
function scoreAt(text: readonly string[], index: number, { line, end, before, after }: Anchor): number {
  const next = index + end - line + 1;
  const above = before.toReversed().findIndex((one, offset) => text[index - 1 - offset] !== one);
  const below = after.findIndex((one, offset) => text[next + offset] !== one);
  return (above === -1 ? before.length : above) + (below === -1 ? after.length : below);
}

function bestOf(found: readonly Candidate[], near: number): number | undefined {
  const [best] = [...found].sort(
    (one, other) => other.score - one.score || Math.abs(one.line - near) - Math.abs(other.line - near),
  );
  return best?.line;
}

function cut(lines: readonly string[]): string[] {
  return lines.map((line) => line.slice(0, maxWidth));
}
