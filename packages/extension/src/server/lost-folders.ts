import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parse } from "jsonc-parser";
import { commands, type Memento, workspace } from "vscode";

const reloadedKey = "waiide.reloadedForFolders";

/**
 * VS Code can open a `.code-workspace` file without its folders. It starts with those that this browser remembers, at first none,
 * and forgets to take the file's if the file is read in the very moment before it takes up the others (`createMultiFolderWorkspace`
 * in its configurationService.ts). It remembers what it read, so the same page has them after a reload.
 * @param memory of this workspace
 */
export async function reloadIfFoldersAreLost(memory: Memento): Promise<void> {
  const { workspaceFile } = workspace;
  if (workspaceFile?.scheme !== "file") return;
  const areLost = !showsFolders() && (await namesFolder(workspaceFile.fsPath)) && !showsFolders();
  const wasReloaded = memory.get<boolean>(reloadedKey) === true;
  if (areLost !== wasReloaded) await memory.update(reloadedKey, areLost || undefined);
  // Where that brought no folders, VS Code has another reason, and a page must not load again and again.
  if (areLost && !wasReloaded) await commands.executeCommand("workbench.action.reloadWindow");
}

function showsFolders(): boolean {
  return (workspace.workspaceFolders ?? []).length > 0;
}

/** Whether the file names a folder that is there: VS Code leaves out what is something else. */
async function namesFolder(file: string): Promise<boolean> {
  const content: unknown = parse(await readFile(file, "utf8"), [], { allowTrailingComma: true });
  const folders = objectOf(content).folders;
  const paths = (Array.isArray(folders) ? folders : []).map((folder: unknown) => objectOf(folder).path);
  return paths.some((path) => typeof path === "string" && path !== "" && isFolder(resolve(dirname(file), path)));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
