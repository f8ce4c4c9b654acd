/** Deeper values are no notebook's, and exhaust the stack of whoever walks through them. */
const deepest = 60;

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Whether all programs read a JSON text alike: no object names a key twice, of which some take the first and others the last, and
 * nothing lies too deep.
 * @param text valid JSON
 */
export function isUnambiguous(text: string): boolean {
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

/** The same text for equal values, whatever the order of their keys. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`).join(",")}}`;
}
