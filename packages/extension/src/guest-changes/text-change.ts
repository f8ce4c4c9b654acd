/** A part of a text and its replacement; positions in UTF-16 code units. */
export interface TextChange {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The shortest part of `before` that differs from `after`, so that cursors elsewhere stay; undefined: equal texts. */
export function replacedPart(before: string, after: string): TextChange | undefined {
  if (before === after) return undefined;
  const max = Math.min(before.length, after.length);
  let start = 0;
  while (start < max && before[start] === after[start]) start += 1;
  let tail = 0;
  while (tail < max - start && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  // A change must not split a surrogate pair or a line ending.
  if (start > 0 && isInside(before, start)) start -= 1;
  if (tail > 0 && isInside(before, before.length - tail)) tail -= 1;
  return { start, end: before.length - tail, text: after.slice(start, after.length - tail) };
}

function isInside(text: string, position: number): boolean {
  const pair = text.slice(position - 1, position + 1);
  return pair === "\r\n" || /^[\ud800-\udbff][\udc00-\udfff]$/.test(pair);
}
