import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** Bytes of randomness: ids are no secrets but must not be guessed, secrets must hold at least 128 bits (DESIGN §3.3). */
const idBytes = 9;
const secretBytes = 24;

/**
 * Names a share, a link or a guest's session. Letters, digits, `-` and `_`; none begins with `-`, which commands would take
 * for a flag.
 */
export function newId(): string {
  const id = randomBytes(idBytes).toString("base64url");
  return id.startsWith("-") ? newId() : id;
}

/** What a link or a cookie carries. Kept nowhere but there: the store has `hashOf` it. */
export function newSecret(): string {
  return randomBytes(secretBytes).toString("base64url");
}

/** Enough for secrets that are random already: no salt, no stretching. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

/** Compares hashes in constant time. */
export function isSameHash(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
