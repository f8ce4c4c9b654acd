import { readdir } from "node:fs/promises";
import { hasCode } from "../base/error-code.ts";

/**
 * Whether the system says that a file, or a folder on the way to it, is not there. ELOOP: its links lead in a circle.
 * ESTALE: another machine removed it from the network drive. ENXIO: it is a socket, or a device without a driver.
 */
export function isMissing(error: unknown): boolean {
  return hasCode(error, "ENOENT", "ENOTDIR", "ELOOP", "ESTALE", "ENXIO");
}

/** The result, or undefined if the file is not there (any more). */
export async function unlessMissing<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The names in a folder; none if it is not there. */
export async function listFolder(folder: string): Promise<string[]> {
  return (await unlessMissing(readdir(folder))) ?? [];
}
