import { isUtf8 } from "node:buffer";
import { isUnambiguousJson } from "@waiide/protocol";

/**
 * The value of a JSON file that a person wrote, with or without a byte order mark. Nothing of a damaged file is used.
 * @throws Error whose message says what is wrong
 */
export function parseJsonText(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new Error("it is not text in UTF-8");
  const text = bytes.toString("utf8").replace(/^\ufeff/, "");
  if (text.trim() === "") throw new Error("it is empty");
  const value: unknown = JSON.parse(text);
  if (!isUnambiguousJson(text)) throw new Error("it has a key twice, or is nested too deeply");
  return value;
}

/**
 * The same, where the file must hold an object.
 * @throws Error whose message says what is wrong
 */
export function parseJsonObject(bytes: Buffer): Record<string, unknown> {
  const value = parseJsonText(bytes);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error("it does not hold a JSON object");
}
