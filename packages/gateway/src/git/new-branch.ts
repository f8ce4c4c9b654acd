import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { unlessMissing } from "../system/missing-file.ts";
import { rewriteCommit } from "./commit-text.ts";
import type { Git } from "./git.ts";
import { GitError } from "./git-error.ts";
import type { OwnerRepository } from "./owner-repository.ts";
import type { Quarantine } from "./quarantine.ts";

/** Bytes of what goes into the owner's repository. */
const maxPack = 256 * 1024 * 1024;

export interface NewBranchOptions {
  readonly git: Git;
  readonly repository: OwnerRepository;
  readonly quarantine: Quarantine;
  /** Complete in itself; of ours. */
  readonly proposal: string;
  /** In the proposal: the newest commit, its tree, and the tree that it was made from. */
  readonly commit: string;
  readonly tree: string;
  readonly shownTree: string;
  /** In the owner's repository: the commit that guests were shown. */
  readonly original: string;
  /** Guests cloned that very commit, not a snapshot of it. */
  readonly isHistory: boolean;
  /** Without `refs/heads/`. */
  readonly branch: string;
}

/**
 * Makes a new branch of the owner's repository from what a guest pushed. It adds objects and this one ref, through a git directory
 * of ours (RULES R25): no branch is overwritten, nothing is checked out or merged, no file of a working tree is touched.
 * @returns the id of the new branch's commit
 * @throws GitError; then the repository is as it was
 */
export async function makeBranch(options: NewBranchOptions): Promise<string> {
  const { git, quarantine, repository, proposal, original, isHistory } = options;
  await requireFree(options);
  const variables = {
    GIT_ALTERNATE_OBJECT_DIRECTORIES: `${quarantine.variables.GIT_ALTERNATE_OBJECT_DIRECTORIES}:${join(proposal, "objects")}`,
  };
  const run = { gitFolder: quarantine.folder, variables };
  const { code } = await git.run({
    ...run,
    variables: quarantine.variables,
    args: ["cat-file", "-e", `${original}^{commit}`],
    codes: [0, 1, 128],
  });
  if (code !== 0) throw new GitError("unknown", "your repository no longer holds the commit that it was made for");
  const commit = isHistory ? options.commit : await transplanted(options, variables);
  const pack = await git.bytes(quarantine.folder, ["pack-objects", "-q", "--revs", "--stdout", "--threads=1"], {
    variables,
    input: `${commit}\n^${original}\n`,
    maxOutput: maxPack,
  });
  const own = { ...quarantine.variables, GIT_OBJECT_DIRECTORY: repository.objects[0] ?? "" };
  await git.run({ ...run, variables: own, args: ["index-pack", "--stdin"], input: pack });
  const ref = `refs/heads/${options.branch}`;
  // Of zeros: it must not be there.
  const absent = "0".repeat(commit.length);
  await git.run({ ...run, variables: own, args: ["update-ref", "--no-deref", ref, commit, absent] });
  return commit;
}

/** @throws GitError if there is such a branch, or one in its way */
async function requireFree({ git, quarantine, repository, branch }: NewBranchOptions): Promise<void> {
  const ref = `refs/heads/${branch}`;
  const run = { gitFolder: quarantine.folder, variables: quarantine.variables };
  const { code } = await git.run({ ...run, args: ["check-ref-format", ref], codes: [0, 1] });
  if (code !== 0 || branch.startsWith("-") || branch === "HEAD") {
    throw new GitError("refused", "git permits no branch of this name");
  }
  const names = await git.line(quarantine.folder, ["for-each-ref", "--format=%(refname)", "refs/heads"], run);
  const taken = [...names.split("\n"), ...(await heads(repository))].find(
    (one) => one === ref || one.startsWith(`${ref}/`) || ref.startsWith(`${one}/`),
  );
  if (taken === undefined || taken === "") return;
  throw new GitError("refused", "your repository has a branch of this name, or one in its way; choose another name");
}

/** Branches that working trees are on, also those that have no commit yet. */
async function heads({ gitFolder, commonFolder }: OwnerRepository): Promise<string[]> {
  const trees = (await unlessMissing(readdir(join(commonFolder, "worktrees")))) ?? [];
  const folders = [gitFolder, commonFolder, ...trees.map((name) => join(commonFolder, "worktrees", name))];
  const texts = await Promise.all(folders.map((folder) => unlessMissing(readFile(join(folder, "HEAD"), "utf8"))));
  return texts.flatMap((text) => /^ref: (refs\/\S+)/.exec(text ?? "")?.[1] ?? []);
}

/**
 * Guests who cloned a snapshot have other ids, and none of what is hidden: what they changed becomes one commit that follows the
 * owner's, with the message and author of their newest one.
 */
async function transplanted(options: NewBranchOptions, variables: Readonly<Record<string, string>>): Promise<string> {
  const { git, quarantine, proposal, tree, shownTree, original, commit } = options;
  const gitFolder = quarantine.folder;
  const raw = await differences(git, proposal, shownTree, tree);
  const index = { ...variables, GIT_INDEX_FILE: join(gitFolder, "proposal.index") };
  await git.run({ gitFolder, variables: index, args: ["read-tree", original] });
  const zeros = "0".repeat(original.length);
  const input = raw.map(({ mode, id, path }) => `${mode} ${mode === "000000" ? zeros : id}\t${path}\0`).join("");
  await git.run({ gitFolder, variables: index, args: ["update-index", "-z", "--index-info"], input });
  const result = await git.line(gitFolder, ["write-tree"], { variables: index });
  const became = await differences(git, gitFolder, `${original}^{tree}`, result, variables);
  // A new file may have the name of a folder that guests do not see.
  if (namesOf(became) !== namesOf(raw)) {
    throw new GitError("refused", "it has names of files or folders of yours that guests do not see");
  }
  const content = await git.bytes(proposal, ["cat-file", "commit", commit]);
  return git.line(gitFolder, ["hash-object", "-t", "commit", "-w", "--stdin"], {
    input: rewriteCommit(content, result, [original]),
    variables,
  });
}

interface Difference {
  readonly mode: string;
  readonly id: string;
  readonly path: string;
}

async function differences(
  git: Git,
  gitFolder: string,
  from: string,
  to: string,
  variables?: Readonly<Record<string, string>>,
): Promise<Difference[]> {
  const args = ["diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", from, to];
  const fields = String(await git.bytes(gitFolder, args, { variables })).split("\0");
  const found: Difference[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, mode = "", , id = ""] = (fields[at] ?? "").split(" ");
    found.push({ mode, id, path: fields[at + 1] ?? "" });
  }
  return found;
}

function namesOf(found: readonly Difference[]): string {
  return found
    .map(({ path }) => path)
    .sort()
    .join("\0");
}
