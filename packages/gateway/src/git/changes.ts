import type { CommitChange } from "@waiide/protocol";
import type { Git } from "./git.ts";

/** A changed file, and what it held before. */
export interface Change extends CommitChange {
  /** The blob; null: there was none. */
  readonly before: string | null;
}

const kinds: Readonly<Record<string, CommitChange["what"]>> = { A: "added", D: "deleted", R: "renamed" };

/** What differs between two trees of a repository of ours, by path. @param variables for what it borrows */
export async function changesBetween(
  git: Git,
  gitFolder: string,
  base: string,
  tree: string,
  variables?: Readonly<Record<string, string>>,
): Promise<Change[]> {
  const args = ["diff-tree", "-r", "-z", "-M", "-l2000", "--raw", "--no-abbrev", base, tree];
  const fields = String(await git.bytes(gitFolder, args, { variables })).split("\0");
  const changes: Change[] = [];
  for (let at = 0; at + 1 < fields.length; ) {
    const [, , before = "", , status = ""] = (fields[at] ?? "").split(" ");
    const what = kinds[status[0] ?? ""] ?? "changed";
    const isRename = what === "renamed";
    const [from, path] = isRename ? [fields[at + 1], fields[at + 2]] : [undefined, fields[at + 1]];
    changes.push({
      path: path ?? "",
      what,
      ...(from !== undefined && { from }),
      before: what === "added" ? null : before,
    });
    at += isRename ? 3 : 2;
  }
  return changes.sort((one, other) => (one.path < other.path ? -1 : 1));
}
