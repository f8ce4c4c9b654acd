import { FileError } from "../file-error.ts";
import type { EntryLocation } from "../tree/tree.ts";
import { fold } from "./name-list.ts";

/**
 * With these names together git takes a folder for a repository (setup.c, `is_git_directory`) and runs what its
 * configuration names (RULES R11), whatever the folder is called. With `commondir` objects and refs may lie elsewhere.
 */
const repositories: readonly (readonly string[])[] = [
  ["head", "objects", "refs"],
  ["head", "objects", "reftable"],
  ["head", "commondir"],
];

/**
 * Call it in the queue of all creations and moves: of two guests who bring the parts at once, one must see the other's.
 * @throws FileError DENIED if an entry of this name would make its folder look like a git directory
 */
export async function requireNoRepository({ folder, name }: EntryLocation): Promise<void> {
  const added = fold(name);
  const concerned = repositories.filter((parts) => parts.includes(added));
  if (concerned.length === 0) return;
  const names = new Set((await folder.names()).map(fold));
  names.add(added);
  if (concerned.some((parts) => parts.every((part) => names.has(part)))) {
    throw new FileError("DENIED", "Guests cannot create anything that git would treat as a repository.");
  }
}
