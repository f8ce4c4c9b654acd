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

/** The secret that a file holds; undefined: none. */
export async function readSecret(file: string): Promise<Buffer | undefined> {
  const found = await unlessMissing(readFile(file));
  return found?.length === length ? found : undefined;
}

/**
 * A random secret that is kept in a file of its own, for its owner's eyes alone; made where there is none.
 * @param secret to be kept if there is none
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
    // Another of the user's servers was faster.
    if (hasCode(error, "EEXIST")) return readFile(file);
    throw error;
  }
}
