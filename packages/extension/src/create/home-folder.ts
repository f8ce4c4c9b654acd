import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Maximum number of entries of a home folder to read. */
const maxEntries = 200;

/** Names that show that a folder is a project. */
const marks = [
  ...[".git", "pyproject.toml", "package.json", "Cargo.toml", "go.mod", "pom.xml", "Makefile", "requirements.txt"],
  ...["environment.yml", "setup.py", "README.md", "CMakeLists.txt", "Project.toml", ".vscode"],
];

/** Whether a folder is this user's home folder, also by another path. */
export function isHomeFolder(folder: string): boolean {
  try {
    return realpathSync(folder) === realpathSync(homedir());
  } catch {
    // One of them is missing; the gateway says so when it is shared.
    return false;
  }
}

/** The folders in a home folder: projects first, then the newest first. */
export function foldersOf(home: string): string[] {
  const entries = readdirSync(home, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith(".")).slice(0, maxEntries);
  return folders
    .map(({ name }) => ({ name, ...lookAt(join(home, name)) }))
    .sort((first, second) => second.rank - first.rank || second.changed - first.changed)
    .map(({ name }) => name);
}

/** The names with a dot at the top of a home folder, sorted, without those that are always hidden. */
export function dotNamesOf(home: string, hidden: readonly string[]): string[] {
  const always = new Set(hidden);
  const names = readdirSync(home).filter((name) => name.startsWith(".") && !always.has(name));
  return names.sort().slice(0, maxEntries);
}

function lookAt(folder: string): { rank: number; changed: number } {
  try {
    const rank = marks.some((mark) => existsSync(join(folder, mark))) ? 1 : 0;
    return { rank, changed: statSync(folder).mtimeMs };
  } catch {
    // Deleted meanwhile, or not readable: it comes last.
    return { rank: 0, changed: 0 };
  }
}
