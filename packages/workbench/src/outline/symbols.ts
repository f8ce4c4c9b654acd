/** A symbol of a file, for the outline and Go to Symbol. Lines from 1. */
export interface FilePart {
  readonly name: string;
  readonly kind: "heading" | "class" | "function" | "value" | "list" | "object";
  readonly line: number;
  lastLine: number;
  readonly children: FilePart[];
}

interface Mark {
  readonly name: string;
  readonly kind: FilePart["kind"];
  readonly line: number;
  /** Nesting depth; larger is deeper. */
  readonly depth: number;
}

/** Makes a tree of symbols in line order: a deeper symbol belongs to the one before it. */
export function nested(marks: readonly Mark[], lines: number): FilePart[] {
  const top: FilePart[] = [];
  const open: { readonly part: FilePart; readonly depth: number }[] = [];
  const closeTo = (depth: number, line: number) => {
    while ((open.at(-1)?.depth ?? -1) >= depth) {
      const closed = open.pop();
      if (closed !== undefined) closed.part.lastLine = Math.max(closed.part.line, line - 1);
    }
  };
  for (const { name, kind, line, depth } of marks) {
    closeTo(depth, line);
    const part: FilePart = { name, kind, line, lastLine: line, children: [] };
    (open.at(-1)?.part.children ?? top).push(part);
    open.push({ part, depth });
  }
  closeTo(0, lines + 1);
  return top;
}

/** Headings, except lines in code blocks that look like headings. */
export function markdownParts(text: string): FilePart[] {
  const lines = text.split(/\r\n|\r|\n/);
  const marks: Mark[] = [];
  let fence: string | undefined;
  lines.forEach((line, index) => {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence))) {
      fence = fence === undefined ? mark : undefined;
      return;
    }
    const heading = fence === undefined ? /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line) : null;
    if (heading === null) return;
    const [, level = "#", name = ""] = heading;
    marks.push({ name: name || level, kind: "heading", line: index + 1, depth: level.length });
  });
  return nested(marks, lines.length);
}

/** Classes and functions, nested by indentation; multi-line strings are not recognized. */
export function pythonParts(text: string): FilePart[] {
  const lines = text.split(/\r\n|\r|\n/);
  const marks = lines.flatMap((line, index): Mark[] => {
    const found = /^(\s*)(class|(?:async\s+)?def)\s+([\p{L}_][\p{L}\p{N}_]*)/u.exec(line);
    if (found === null) return [];
    const [, indent = "", keyword, name = ""] = found;
    const depth = indent.replaceAll("\t", "        ").length;
    return [{ name, kind: keyword === "class" ? "class" : "function", line: index + 1, depth }];
  });
  return nested(marks, lines.length);
}
