import { isUtf8 } from "node:buffer";
import { isUnambiguousJson } from "@waiide/protocol";

/**
 * The value of a JSON file that a person wrote, byte order mark or not.
 * @throws Error that says in words what is wrong: nothing of a damaged file is used
 */
export function parseJsonText(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new Error("it is not text in UTF-8");
  const text = bytes.toString("utf8").replace(/^\ufeff/, "");
  if (text.trim() === "") throw new Error("it is empty");
  const value: unknown = JSON.parse(text);
  if (!isUnambiguousJson(text)) throw new Error("it has a key twice, or is nested too deeply");
  return value;
}
