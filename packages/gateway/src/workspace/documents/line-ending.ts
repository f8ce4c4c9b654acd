/** How lines end in a text; `none`: it has one line. A lone CR counts as `mixed`: nothing but VS Code splits there. */
export type LineEnding = "\n" | "\r\n" | "mixed" | "none";

export function lineEndingOf(text: string): LineEnding {
  const pairs = text.split("\r\n").length - 1;
  const feeds = text.split("\n").length - 1;
  const returns = text.split("\r").length - 1;
  if (returns > pairs) return "mixed";
  if (feeds === 0) return "none";
  if (pairs === 0) return "\n";
  return pairs === feeds ? "\r\n" : "mixed";
}

export function withLineEnding(text: string, ending: "\n" | "\r\n"): string {
  return text.replace(/\r\n|\n/g, ending);
}
