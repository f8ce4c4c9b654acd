import { isObject, type Json } from "./json-shape.ts";

/** Names that programs act on: state of widgets, signatures, and properties of JavaScript objects. */
const active = new Set([
  "widgets",
  "trusted",
  "attachments",
  "outputs",
  "signature",
  "__proto__",
  "constructor",
  "prototype",
]);

/** A plain name; kinds of content, which renderers look for, have a slash. */
const key = /^[\w.$ -]{1,100}$/;

/** Settings, numbers and words in metadata: nothing that anything could take for content. */
export function isInertMetadata(name: string, value: Json, depth = 0): boolean {
  if (!key.test(name) || active.has(name.toLowerCase()) || depth > 5) return false;
  if (isObject(value)) return Object.entries(value).every(([inner, one]) => isInertMetadata(inner, one, depth + 1));
  if (Array.isArray(value)) return value.every((one) => isInertMetadata(name, one, depth + 1));
  return typeof value !== "string" || isWord(value);
}

function isWord(text: string): boolean {
  return text.length <= 2_000 && !/[<>]|&[#\w]+;?|^\s*(?:javascript|vbscript|command|data)\s*:/i.test(text);
}
