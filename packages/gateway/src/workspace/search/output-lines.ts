import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** Longer lines of output are left out. Characters. */
const maxLineLength = 2 * 1024 * 1024;

/**
 * Calls back for each line of a program's output, until the callback returns false.
 * @returns whether everything was read, and no line was left out
 */
export async function readLines(
  output: Readable,
  separator: "\n" | "\0",
  onLine: (line: string) => Promise<boolean> | boolean,
): Promise<boolean> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  let isTooLong = false;
  let isWhole = true;
  for await (const chunk of output) {
    const parts = decoder.write(chunk as Buffer).split(separator);
    for (const [index, part] of parts.entries()) {
      if (!isTooLong) rest += part;
      isTooLong ||= rest.length > maxLineLength;
      if (isTooLong) rest = "";
      if (index === parts.length - 1) break;
      if (isTooLong) isWhole = false;
      else if (!(await onLine(rest))) return false;
      rest = "";
      isTooLong = false;
    }
  }
  return isWhole;
}
