import { readFile, stat } from "node:fs/promises";
import { hasCode } from "../base/error-code.ts";
import { contentTypeOf } from "../http/content-type.ts";

/** Larger files are no icons. Bytes. */
const maxIcon = 256 * 1024;

export interface Icon {
  readonly type: string;
  readonly bytes: Buffer;
}

/** @returns undefined where the file is missing, unreadable, or too large: lists then show the app without a picture */
export async function readIcon(file: string): Promise<Icon | undefined> {
  try {
    const { size } = await stat(file);
    if (size > maxIcon) return undefined;
    return { type: contentTypeOf(file), bytes: await readFile(file) };
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "EACCES", "EISDIR", "ELOOP")) return undefined;
    throw error;
  }
}
