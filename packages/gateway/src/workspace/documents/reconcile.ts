import { FileError } from "../file-error.ts";
import { isText, versionOf } from "./content.ts";

/** What a guest made of a base. */
export interface Edit {
  /** Version of the base. */
  readonly base: string;
  /** The base itself, where it is known. */
  readonly baseContent: Buffer | undefined;
  readonly bytes: Buffer;
  /** Sent as text; anything else is never merged. */
  readonly isText: boolean;
}

/**
 * The content to write: the guest's, or a merge if the file changed meanwhile (RULES R13).
 * @param merge of both texts; undefined where they overlap
 * @throws FileError CONFLICT with the current version where they overlap
 */
export async function reconcile(
  edit: Edit,
  current: { version: string; bytes: Buffer | undefined },
  merge: (base: string, mine: string, theirs: string) => Promise<string | undefined>,
): Promise<Buffer> {
  const { bytes, baseContent: base } = edit;
  if (current.version === edit.base || current.bytes?.equals(bytes)) return bytes;
  if (edit.isText && base !== undefined && current.bytes !== undefined && isText(base) && isText(current.bytes)) {
    const merged = await merge(String(base), String(bytes), String(current.bytes));
    if (merged !== undefined) return Buffer.from(merged);
  }
  throw new FileError("CONFLICT", "Somebody else changed the file.", { version: current.version });
}

/**
 * The base that came with a save.
 * @throws FileError INVALID if it is not what the version names
 */
export function baseContentOf(
  base: string,
  content: string | undefined,
  encoding: "utf8" | "base64",
): Buffer | undefined {
  if (content === undefined || encoding !== "utf8") return undefined;
  const bytes = Buffer.from(content);
  if (versionOf(bytes) !== base) throw new FileError("INVALID", "The base is not the content of its version.");
  return bytes;
}
