import { isUtf8 } from "node:buffer";
import { posix } from "node:path";
import { fold } from "../workspace/rules/name-list.ts";
import type { Git, GitRun } from "./git.ts";
import { GitError } from "./git-error.ts";

/** One file of a commit. */
export interface TreeEntry {
  readonly mode: string;
  readonly type: "blob" | "commit";
  readonly id: string;
  /** Bytes; 0 for submodules. */
  readonly size: number;
  /** Relative to the commit's root. */
  readonly path: string;
}

export const linkMode = "120000";
const fileMode = "100644";
/** What git writes itself; old versions wrote more. */
const knownModes = /^(100644|100755|120000|160000)$/;

/** How much may be shared. */
export interface TreeLimits {
  readonly entries: number;
  /** Bytes of all files, and of one. */
  readonly size: number;
  readonly file: number;
}

export interface Tree {
  readonly entries: readonly TreeEntry[];
  /** Entries whose names nobody can show. */
  readonly unreadable: number;
}

/**
 * All files of a tree.
 * @throws GitError for what no checked out commit can hold, and for more than is permitted
 */
export async function listTree(
  git: Git,
  run: Pick<GitRun, "gitFolder" | "variables">,
  tree: string,
  limits: TreeLimits,
): Promise<Tree> {
  const { output } = await git.run({ ...run, args: ["ls-tree", "-rlz", "--full-tree", tree] });
  const entries: TreeEntry[] = [];
  const seen = new Set<string>();
  let [size, unreadable] = [0, 0];
  for (let start = 0; start < output.length; ) {
    const end = output.indexOf(0, start);
    const line = output.subarray(start, end < 0 ? output.length : end);
    start = end < 0 ? output.length : end + 1;
    const entry = parseEntry(line);
    if (entry === undefined) unreadable += 1;
    else {
      requireSane(entry, seen);
      size += entry.size;
      entries.push(entry);
    }
    if (entries.length > limits.entries) throw new GitError("limit", `it has more than ${limits.entries} files`);
    if (size > limits.size) throw new GitError("limit", `its files have more than ${limits.size} bytes together`);
    if ((entry?.size ?? 0) > limits.file)
      throw new GitError("limit", `a file in it has more than ${limits.file} bytes`);
  }
  return { entries, unreadable };
}

/** @returns undefined: its name is not UTF-8 */
function parseEntry(line: Buffer): TreeEntry | undefined {
  const tab = line.indexOf(9);
  const [mode = "", type = "", id = "", size = ""] = line.subarray(0, tab).toString("latin1").split(/ +/);
  const path = line.subarray(tab + 1);
  if (type !== "blob" && type !== "commit") throw new GitError("refused", "it holds something that is no file");
  if (type === "blob" && !/^\d+$/.test(size))
    throw new GitError("unknown", "some of its files are not in the repository (a partial clone?)");
  if (!isUtf8(path)) return undefined;
  const known = knownModes.test(mode) ? mode : fileMode;
  return { mode: known, type, id, size: type === "blob" ? Number(size) : 0, path: path.toString("utf8") };
}

/** Nobody can check such a tree out; somebody made it to deceive. */
function requireSane({ path }: TreeEntry, seen: Set<string>): void {
  const isOdd = path.split("/").some((name) => ["", ".", ".."].includes(name) || isGitName(name));
  if (isOdd || seen.has(path)) throw new GitError("refused", "it holds names that git does not permit");
  seen.add(path);
}

/** Names that some file system takes for `.git`. */
function isGitName(name: string): boolean {
  return fold(name) === ".git" || /^git~\d+$/i.test(name.replace(/[. ]+$/, ""));
}

/** Folders that git would take for a repository: guests see none (RULES R10). */
export function gitFolders(entries: readonly TreeEntry[]): string[] {
  const paths = new Set(entries.map(({ path }) => path));
  const folders = new Set<string>();
  for (const path of paths) for (let at = posix.dirname(path); at !== "."; at = posix.dirname(at)) folders.add(at);
  return [...folders, ""].filter((folder) => {
    const within = (name: string) => (folder === "" ? name : `${folder}/${name}`);
    if (!paths.has(within("HEAD"))) return false;
    return paths.has(within("commondir")) || (folders.has(within("objects")) && folders.has(within("refs")));
  });
}

/**
 * Writes a tree of some entries.
 * @param index a file of ours that is not there yet
 */
export async function writeTree(
  git: Git,
  run: Pick<GitRun, "gitFolder" | "variables">,
  index: string,
  entries: readonly TreeEntry[],
): Promise<string> {
  const variables = { ...run.variables, GIT_INDEX_FILE: index };
  const input = Buffer.from(entries.map(({ mode, id, path }) => `${mode} ${id}\t${path}\0`).join(""));
  await git.run({ ...run, variables, args: ["update-index", "-z", "--index-info"], input });
  return git.line(run.gitFolder, ["write-tree"], { variables });
}

/** Contents of small objects, by their ids. */
export async function readSmall(
  git: Git,
  run: Pick<GitRun, "gitFolder" | "variables">,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (ids.length === 0) return found;
  const { output } = await git.run({ ...run, args: ["cat-file", "--batch"], input: `${ids.join("\n")}\n` });
  let at = 0;
  for (const id of ids) {
    const end = output.indexOf(10, at);
    const [, , size = ""] = output.subarray(at, end).toString("latin1").split(" ");
    if (!/^\d+$/.test(size))
      throw new GitError("unknown", "some of its files are not in the repository (a partial clone?)");
    found.set(id, output.subarray(end + 1, end + 1 + Number(size)).toString("utf8"));
    at = end + 1 + Number(size) + 1;
  }
  return found;
}

/**
 * Whether a link cannot lead out of the folder that holds the tree, whatever the other links are: it goes up first, not higher
 * than the top, and only down from there.
 */
export function isInnerLink(path: string, target: string): boolean {
  if (target.startsWith("/") || target.includes("\0")) return false;
  const names = target.split("/").filter((name) => name !== "" && name !== ".");
  const ups = names.findIndex((name) => name !== "..");
  const up = ups < 0 ? names.length : ups;
  return up <= path.split("/").length - 1 && !names.slice(up).includes("..");
}

/** Links that lead elsewhere become files with their text. */
export function withInnerLinks(entries: readonly TreeEntry[], targets: ReadonlyMap<string, string>): TreeEntry[] {
  return entries.map((entry) => {
    if (entry.mode !== linkMode || isInnerLink(entry.path, targets.get(entry.id) ?? "/")) return entry;
    return { ...entry, mode: fileMode };
  });
}
