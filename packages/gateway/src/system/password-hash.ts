import { type Argon2Algorithm, argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify(argon2);

/** `$argon2id$v=19$m=65536,t=3,p=4$<salt>$<hash>` (the PHC string format), as code-server's `hashed-password`. */
const pattern =
  /^\$(?<algorithm>argon2(?:id|i|d))\$v=19\$m=(?<memory>\d{1,7}),t=(?<passes>\d{1,4}),p=(?<parallelism>\d{1,3})\$(?<salt>[A-Za-z0-9+/]{11,86})\$(?<hash>[A-Za-z0-9+/]{16,172})$/;

/** KiB. More would let every wrong password take the machine's memory. */
const maxMemory = 1024 * 1024;
const maxPasses = 100;

interface ParsedHash {
  readonly algorithm: Argon2Algorithm;
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly nonce: Buffer;
  readonly hash: Buffer;
}

/** The reason why a text is no hash that can be checked; undefined: it is one. */
export function hashFault(text: string): string | undefined {
  const parsed = parse(text);
  if (parsed === undefined)
    return "must be an Argon2 hash like $argon2id$v=19$m=65536,t=3,p=4$…; “waiide hash-password” makes one";
  if (parsed.memory > maxMemory || parsed.passes > maxPasses) return "asks for too much memory or time";
  return parsed.memory < 8 * parsed.parallelism || parsed.parallelism < 1 || parsed.passes < 1
    ? "has parameters that Argon2 does not know"
    : undefined;
}

/** Whether the hash is one of this password. */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  const parsed = parse(hash);
  if (parsed === undefined) return false;
  const { algorithm, hash: expected, ...parameters } = parsed;
  const found = await derive(algorithm, { message: password, tagLength: expected.length, ...parameters });
  return timingSafeEqual(found, expected);
}

/** A hash for the setting `hashed-password`, as RFC 9106 recommends. */
export async function hashOf(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const found = await derive("argon2id", {
    message: password,
    nonce,
    memory: 65_536,
    passes: 3,
    parallelism: 4,
    tagLength: 32,
  });
  const text = (bytes: Buffer) => bytes.toString("base64").replace(/=+$/, "");
  return `$argon2id$v=19$m=65536,t=3,p=4$${text(nonce)}$${text(found)}`;
}

function parse(text: string): ParsedHash | undefined {
  const { groups } = pattern.exec(text) ?? {};
  if (groups === undefined) return undefined;
  const { algorithm, memory, passes, parallelism, salt = "", hash = "" } = groups;
  return {
    algorithm: algorithm as Argon2Algorithm,
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    nonce: Buffer.from(salt, "base64"),
    hash: Buffer.from(hash, "base64"),
  };
}
