import { dirname, join } from "node:path";
import { findProgram, isProgram } from "../../system/programs.ts";

/** Where packages that are installed beside us or in an IDE server keep the program. */
const places = [
  `@vscode/ripgrep-${process.platform}-${process.arch}/bin/rg`,
  `@vscode/ripgrep-universal/bin/${process.platform}-${process.arch}/rg`,
  "@vscode/ripgrep/bin/rg",
];

/** Folders of modules inside an IDE server: VS Code's own layout, and code-server's. */
const moduleFolders = ["node_modules", "lib/vscode/node_modules", "../node_modules", "../../node_modules", "../.."];

/**
 * Finds ripgrep: in the package installed with us, else in the IDE server, else on PATH.
 * @param ideServer folder of the IDE server
 * @param start where the search for packages installed with us begins
 * @returns its absolute path; undefined if there is none
 */
export async function findRipgrep(
  ideServer: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  start: string = import.meta.dirname,
): Promise<string | undefined> {
  const own = foldersAbove(start).map((folder) => join(folder, "node_modules"));
  const theirs = ideServer === undefined ? [] : moduleFolders.map((folder) => join(ideServer, folder));
  for (const folder of [...own, ...theirs]) {
    for (const place of places) {
      const program = join(folder, place);
      if (isProgram(program)) return program;
    }
  }
  return findProgram("rg", environment);
}

function foldersAbove(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersAbove(parent)];
}
