/** Mark at the beginning of some texts (U+FEFF), which is no part of their first line. */
const mark = "\ufeff";

/** A text and its byte order mark, if it has one. */
export function splitMark(text: string): { mark: string; text: string } {
  return text.startsWith(mark) ? { mark, text: text.slice(1) } : { mark: "", text };
}
