import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/** AES-256-GCM with the nonce and tag lengths of NIST SP 800-38D, §5.2.1. Bytes. */
const cipher = "aes-256-gcm";
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Encrypts under a key that only a link's secret gives (HKDF-SHA-256, RFC 5869).
 * @param secret of the link, random enough to be a key
 * @param purpose binds it to its place: elsewhere it cannot be opened
 */
export function seal(text: string, secret: string, purpose: string): string {
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, keyOf(secret, purpose), nonce);
  const content = Buffer.concat([sealing.update(text, "utf8"), sealing.final()]);
  return Buffer.concat([nonce, content, sealing.getAuthTag()]).toString("base64url");
}

/** @returns undefined for another secret or purpose, or if it was changed */
export function unseal(sealed: string, secret: string, purpose: string): string | undefined {
  const bytes = Buffer.from(sealed, "base64url");
  if (bytes.length < nonceBytes + tagBytes) return undefined;
  const opening = createDecipheriv(cipher, keyOf(secret, purpose), bytes.subarray(0, nonceBytes));
  opening.setAuthTag(bytes.subarray(-tagBytes));
  try {
    const content = opening.update(bytes.subarray(nonceBytes, -tagBytes));
    return Buffer.concat([content, opening.final()]).toString("utf8");
  } catch {
    // `final` fails for this reason alone.
    return undefined;
  }
}

function keyOf(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "", `waiide ${purpose}`, keyBytes));
}
