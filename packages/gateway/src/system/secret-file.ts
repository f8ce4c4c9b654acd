import { randomBytes } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { hasCode } from "../base/error-code.ts";
import { unlessMissing } from "./missing-file.ts";

/** 256 bits. */
const length = 32;

export function newSecret(): Buffer {
  return randomBytes(length);
}

/** The secret in a file; undefined: it holds none. */
export async function readSecret(file: string): Promise<Buffer | undefined> {
  const found = await unlessMissing(readFile(file));
  return found?.length === length ? found : undefined;
}

/**
 * The random secret in a file that only its owner can read. If there is none, it is made.
 * @param secret the one to keep if there is none
 */
export async function readOrMakeSecret(file: string, secret = newSecret()): Promise<Buffer> {
  const found = await unlessMissing(readFile(file));
  if (found?.length === length) return found;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  try {
    const handle = await open(file, found ? "w" : "wx", 0o600);
    try {
      await handle.writeFile(secret);
    } finally {
      await handle.close();
    }
    return secret;
  } catch (error) {
    // Another server of the user was faster.
    if (hasCode(error, "EEXIST")) return readFile(file);
    throw error;
  }
}
