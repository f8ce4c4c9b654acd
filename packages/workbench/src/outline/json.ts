import { type Node, parseTree } from "@codingame/monaco-vscode-api/vscode/vs/base/common/json";
import type { FilePart } from "./symbols.ts";

/** More entries would be slow. */
const maxParts = 5000;

/** Keys and their values, as far as they can be read. */
export function jsonParts(text: string): FilePart[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  const lineOf = (offset: number) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
  let left = maxParts;
  const partsOf = (node: Node | undefined): FilePart[] => {
    const children = node?.children ?? [];
    if (node?.type === "array") {
      return children.flatMap((child, index) => (child.children ? partOf(`[${index}]`, child, child) : []));
    }
    return node?.type === "object"
      ? children.flatMap((property) => partOf(String(property.children?.[0]?.value), property, property.children?.[1]))
      : [];
  };
  const partOf = (name: string, whole: Node, value: Node | undefined): FilePart[] => {
    if (left-- <= 0) return [];
    const kind = value?.type === "array" ? "list" : value?.type === "object" ? "object" : "value";
    return [
      {
        name,
        kind,
        line: lineOf(whole.offset),
        lastLine: lineOf(whole.offset + whole.length),
        children: partsOf(value),
      },
    ];
  };
  return partsOf(parseTree(text, [], { disallowComments: false, allowTrailingComma: true }));
}
