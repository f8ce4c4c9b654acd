import { isUtf8 } from "node:buffer";
import type { NotLiveReason } from "@waiide/protocol";
import { Text } from "@waiide/protocol/live";
import { splitMark } from "../workspace/documents/bom.ts";
import { lineEndingOf } from "../workspace/documents/line-ending.ts";

/** How a text stands in its file; live texts have neither (docs/contributing/live.md). */
export interface TextFormat {
  readonly eol: "\n" | "\r\n";
  /** The byte order mark, or empty. */
  readonly mark: string;
}

export interface Decoded {
  readonly text: Text;
  readonly format: TextFormat;
}

/** A file's text; or why it cannot be live: bytes would not come back as they were. */
export function decode(bytes: Buffer): Decoded | NotLiveReason {
  if (bytes.includes(0)) return "binary";
  if (!isUtf8(bytes)) return "encoding";
  const { mark, text } = splitMark(bytes.toString("utf8"));
  const ending = lineEndingOf(text);
  if (ending === "mixed") return "line-endings";
  const eol = ending === "\r\n" ? "\r\n" : "\n";
  return { text: Text.of(text.split(eol)), format: { eol, mark } };
}

/** What the file holds with this text. */
export function encode(text: Text, { eol, mark }: TextFormat): Buffer {
  return Buffer.from(mark + text.sliceString(0, text.length, eol), "utf8");
}

/** Whether a text is the beginning of a longer one, as if a program was still writing it. */
export function isBeginning(text: Text, whole: Text): boolean {
  return text.length < whole.length && whole.slice(0, text.length).eq(text);
}
