import type { Text } from "@codemirror/state";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** SHA-256 of a live text as UTF-8, hexadecimal. Browsers have one of their own only on HTTPS, and hubs may be on plain HTTP. */
export function textHash(text: string | Text): string {
  return bytesToHex(sha256(utf8ToBytes(text.toString())));
}
