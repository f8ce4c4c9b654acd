import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Entries of a home folder that are looked at. */
const maxEntries = 200;

/** What people keep in the folder of a project. */
const marks = [
  ...[".git", "pyproject.toml", "package.json", "Cargo.toml", "go.mod", "pom.xml", "Makefile", "requirements.txt"],
  ...["environment.yml", "setup.py", "README.md", "CMakeLists.txt", "Project.toml", ".vscode"],
];

/** Whether a folder is this user's home folder, by whatever path. */
export function isHomeFolder(folder: string): boolean {
  try {
    return realpathSync(folder) === realpathSync(homedir());
  } catch {
    // One of them is not there, and the gateway says so when it is shared.
    return false;
  }
}

/** The names of folders in a home folder: those that look like projects first, the newest of them first. */
export function foldersOf(home: string): string[] {
  const entries = readdirSync(home, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith(".")).slice(0, maxEntries);
  return folders
    .map(({ name }) => ({ name, ...lookAt(join(home, name)) }))
    .sort((first, second) => second.rank - first.rank || second.changed - first.changed)
    .map(({ name }) => name);
}

/** The names with a dot at the top of a home folder, in order; without those of a list that hides them anyway. */
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
    // Gone since it was listed, or not to be looked into: it stands last.
    return { rank: 0, changed: 0 };
  }
}
