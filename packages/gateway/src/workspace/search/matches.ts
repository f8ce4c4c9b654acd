import type { Match } from "@waiide/protocol";

/** Of a line, around a match. Characters. */
const maxTextLength = 1_000;
const before = 200;

type Text = { readonly text: string } | { readonly bytes: string };

/**
 * `rg --json` (grep_printer's documentation of it). Not checked against a schema: it comes from a program that we started,
 * by the thousand.
 */
interface Message {
  readonly type: "begin" | "match" | "end" | "summary" | "context";
  readonly data: {
    readonly path: Text;
    readonly lines: Text;
    readonly line_number: number;
    readonly absolute_offset: number;
    readonly submatches: readonly { readonly start: number; readonly end: number }[];
  };
}

/** A line that ripgrep found something in. */
export interface FoundLine {
  /** Undefined where the path is not UTF-8. */
  readonly path: string | undefined;
  readonly line: number;
  /** Of the line's first byte in its file. */
  readonly offset: number;
  /** The line with its end. */
  readonly bytes: Buffer;
  /** In bytes of the line. */
  readonly places: readonly { readonly start: number; readonly end: number }[];
}

/** @returns undefined for other messages */
export function parseMessage(json: string): FoundLine | undefined {
  const message = JSON.parse(json) as Message;
  if (message.type !== "match") return undefined;
  const { path, lines, line_number: line, absolute_offset: offset, submatches: places } = message.data;
  return {
    path: "text" in path ? path.text.replace(/^\.\//, "") : undefined,
    line,
    offset,
    bytes: "text" in lines ? Buffer.from(lines.text) : Buffer.from(lines.bytes, "base64"),
    places,
  };
}

/** What a guest sees of a line: each match with the text around it, in UTF-16 positions. */
export function matchesOf({ line, bytes, places, offset }: FoundLine, max: number): Match[] {
  // A byte order mark is no part of the first line, as editors count.
  const skipped = offset === 0 && bytes.subarray(0, 3).equals(byteOrderMark) ? 3 : 0;
  const text = bytes
    .subarray(skipped)
    .toString()
    .replace(/\r?\n$/, "");
  let [position, byte] = [0, skipped];
  return places.slice(0, max).map((place) => {
    position += bytes.subarray(byte, Math.max(place.start, skipped)).toString().length;
    const start = Math.min(position, text.length);
    position += bytes.subarray(Math.max(place.start, skipped), place.end).toString().length;
    byte = Math.max(place.end, skipped);
    const end = Math.min(position, text.length);
    const from = text.length <= maxTextLength ? 0 : Math.max(0, Math.min(start - before, text.length - maxTextLength));
    const shown = text.slice(from, from + maxTextLength);
    return { line, text: shown, start: start - from, end: Math.min(end - from, shown.length), offset: from };
  });
}

const byteOrderMark = Buffer.from("\ufeff");
