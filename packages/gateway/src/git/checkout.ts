import { mkdir, rm } from "node:fs/promises";
import type { Git } from "./git.ts";

/**
 * Makes a folder hold the files of a tree, and nothing else of an earlier one. Links become files with their text.
 * @param gitFolder of ours; its attributes keep files as they are
 * @param index a file of ours that remembers the folder's state
 */
export async function checkOut(
  git: Git,
  gitFolder: string,
  tree: string,
  folder: string,
  index: string,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Of a git that ended in the middle.
  await rm(`${index}.lock`, { force: true });
  const variables = { GIT_WORK_TREE: folder, GIT_INDEX_FILE: index };
  await git.run({ gitFolder, args: ["read-tree", "--reset", "-u", tree], variables, timeout: 300_000 });
}
