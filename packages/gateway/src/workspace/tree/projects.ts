import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../../base/error-code.ts";
import { unlessMissing } from "../../system/missing-file.ts";

/** Entries that are checked. */
const maxEntries = 500;

/** Names that can stand in a message: guests may have made others (RULES R17). */
const plainName = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,59}$/u;

/** What people keep in the folder of a project. */
const marks = [
  ...[".git", "pyproject.toml", "package.json", "Cargo.toml", "go.mod", "pom.xml", "Makefile", "requirements.txt"],
  ...["environment.yml", "setup.py", "DESCRIPTION", "README.md", "CMakeLists.txt", "Project.toml", ".vscode"],
];

/** Folders right below one that look like projects, those changed last first. @returns names */
export async function projectsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    // Then none is offered.
    if (hasCode(error, "EACCES")) return [];
    throw error;
  });
  const folders = entries.filter((entry) => entry.isDirectory() && plainName.test(entry.name)).slice(0, maxEntries);
  const looked = await Promise.all(folders.map(({ name }) => lookAt(folder, name)));
  return looked
    .filter((project) => project !== undefined)
    .sort((first, second) => second.changed - first.changed)
    .map(({ name }) => name);
}

async function lookAt(folder: string, name: string): Promise<{ name: string; changed: number } | undefined> {
  try {
    const { mtimeMs } = await lstat(join(folder, name));
    const found = await Promise.all(marks.map((mark) => unlessMissing(lstat(join(folder, name, mark)))));
    return found.some((stats) => stats !== undefined) ? { name, changed: mtimeMs } : undefined;
  } catch (error) {
    // Not readable for us.
    if (hasCode(error, "EACCES", "EPERM", "ENOENT")) return undefined;
    throw error;
  }
}
