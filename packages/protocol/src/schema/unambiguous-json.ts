/** Deeper values are no notebook's, and exhaust the stack of whatever walks through them. */
const deepest = 60;

/**
 * Whether all programs read a JSON text alike: no object names a key twice, of which some take the first and others the last, and
 * nothing lies too deep.
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
