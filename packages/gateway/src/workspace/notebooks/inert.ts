import { FileError } from "../file-error.ts";
import type { NotebookChecker } from "./checker.ts";

/**
 * Whether VS Code opens a file of this name or path as a notebook: every name that a file system or program equates with
 * `.ipynb`.
 */
export function isNotebook(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1).normalize("NFKC");
  return /\.ipynb[. ]*$/.test(name.replace(/\p{Default_Ignorable_Code_Point}/gu, "").toLowerCase());
}

export interface Written {
  /** The guest's session. */
  readonly session: string;
  /** All known paths of the file. */
  readonly paths: readonly string[];
  readonly bytes: Buffer;
  /** The former content; undefined: too large to check. */
  readonly before: readonly (Buffer | undefined)[];
}

/**
 * Looking is safe (RULES R11): refuses what the owner's IDE would run by only showing it. Every notebook that a guest
 * writes, or renames into one, is checked here.
 * @throws FileError UNSAFE
 */
export async function requireInert(
  { session, paths, bytes, before }: Written,
  checker: NotebookChecker,
): Promise<void> {
  if (!paths.some(isNotebook)) return;
  const known = before.filter((one) => one !== undefined);
  if (known.length < before.length) throw new FileError("UNSAFE", "The notebook is too large to be checked.");
  await checker.require(session, bytes, known);
}
