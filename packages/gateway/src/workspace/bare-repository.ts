import { FileError } from "./file-error.ts";
import type { Spot } from "./tree.ts";

/**
 * Names that together make git take a folder for a repository without `.git` (setup.c, `is_git_directory`), whose
 * configuration then names programs to run (RULES R11). With `commondir` the other two may lie elsewhere.
 */
const repositories: readonly (readonly string[])[] = [
  ["head", "objects", "refs"],
  ["head", "commondir"],
];

/**
 * @throws FileError DENIED if an entry of this name would make its folder look like a bare git repository
 */
export async function requireNoRepository({ folder, name }: Spot): Promise<void> {
  const added = name.toLowerCase();
  const concerned = repositories.filter((parts) => parts.includes(added));
  if (concerned.length === 0) return;
  const names = new Set((await folder.names()).map((other) => other.toLowerCase()));
  names.add(added);
  if (concerned.some((parts) => parts.every((part) => names.has(part)))) {
    throw new FileError("DENIED", "Guests cannot make what git would take for a repository.");
  }
}
