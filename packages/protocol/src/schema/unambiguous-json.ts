/** No notebook nests deeper, and deeper values exhaust the stack of programs that walk through them. */
const deepest = 60;

/**
 * Whether all programs read a JSON text alike: no object names a key twice (some programs take the first, others the last), and
 * nothing is nested too deep.
 * @param text valid JSON
 */
export function isUnambiguousJson(text: string): boolean {
  const open: (Set<string> | undefined)[] = [];
  for (const [token, string, colon] of text.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}[\]]/g)) {
    if (string !== undefined) {
      if (colon !== undefined && !isNewIn(open.at(-1), String(JSON.parse(string)))) return false;
    } else if (token === "{" || token === "[") {
      open.push(token === "{" ? new Set() : undefined);
      if (open.length > deepest) return false;
    } else open.pop();
  }
  return true;
}

function isNewIn(names: Set<string> | undefined, name: string): boolean {
  if (names === undefined || names.has(name)) return false;
  names.add(name);
  return true;
}
