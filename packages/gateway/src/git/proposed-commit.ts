import { isUtf8 } from "node:buffer";
import { appendFile, copyFile, link, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../base/error-code.ts";
import { type Change, changesBetween } from "./changes.ts";
import { type CommitText, readCommit } from "./commit-text.ts";
import type { Git } from "./git.ts";
import { GitError } from "./git-error.ts";
import { makeGitFolder } from "./own-repository.ts";
import type { OwnerRepository } from "./owner-repository.ts";
import type { Hides } from "./snapshot.ts";
import { gitFolders, listTree, type TreeLimits } from "./tree.ts";

/** Of one proposal. */
const maxCommits = 200;
const maxChanges = 1_000;
/** Bytes of a commit's message. */
const maxText = 1024 * 1024;

/** A repository of ours into which one push goes. */
export interface ReceivingOptions {
  readonly git: Git;
  readonly format: OwnerRepository["format"];
  /** The new repository; is not there yet. */
  readonly folder: string;
  /** What the guest cloned: the repository of the share that is offered now, and the commit in it. */
  readonly offered: string;
  readonly shown: string;
  /** Of the push. Bytes. */
  readonly maxSize: number;
}

/** Makes the repository: it borrows what was offered until the push is complete. No hook is in it, and none is run (RULES R25). */
export async function makeReceiving({ format, folder, shown, maxSize }: ReceivingOptions): Promise<void> {
  await makeGitFolder(folder, format);
  await mkdir(join(folder, "refs", "heads"), { recursive: true, mode: 0o700 });
  await writeFile(join(folder, "refs", "heads", "shown"), `${shown}\n`, { mode: 0o600 });
  const rules = ["fsckObjects = true", `maxInputSize = ${maxSize}`, "unpackLimit = 1", "autogc = false"];
  const denied = ["denyDeletes = true", "denyNonFastForwards = true"];
  await appendFile(join(folder, "config"), `[receive]\n\t${[...rules, ...denied].join("\n\t")}\n`);
}

export function borrowed({ offered }: Pick<ReceivingOptions, "offered">): Readonly<Record<string, string>> {
  return { GIT_ALTERNATE_OBJECT_DIRECTORIES: join(offered, "objects") };
}

/** What a push brought, once it was looked at. */
export interface ProposedCommit {
  readonly commit: string;
  readonly tree: string;
  readonly shownTree: string;
  readonly commits: number;
  readonly changes: readonly Change[];
  readonly text: CommitText;
}

/**
 * Looks at what was pushed, and makes the repository complete in itself.
 * @param ref that was pushed
 * @throws GitError refused, for what nobody should have to look at
 */
export async function examineProposal(
  options: ReceivingOptions,
  ref: string,
  hides: Hides,
  limits: TreeLimits,
): Promise<ProposedCommit> {
  const { git, folder: gitFolder, shown, offered } = options;
  const run = { gitFolder, variables: borrowed(options) };
  const line = (...args: string[]) => git.line(gitFolder, args, run);
  const commit = await line("rev-parse", "--verify", "--end-of-options", `${ref}^{commit}`);
  const { code } = await git.run({ ...run, args: ["merge-base", "--is-ancestor", shown, commit], codes: [0, 1] });
  if (code !== 0) throw new GitError("refused", "it does not build on the newest shared commit; pull that first");
  const range = `${shown}..${commit}`;
  const commits = Number(await line("rev-list", "--count", range));
  if (commits > maxCommits) throw new GitError("limit", `it has more than ${maxCommits} commits`);
  const [tree, shownTree] = [await line("rev-parse", `${commit}^{tree}`), await line("rev-parse", `${shown}^{tree}`)];
  const changes = await changesBetween(git, gitFolder, shownTree, tree, run.variables);
  if (changes.length === 0) throw new GitError("refused", "it changes nothing");
  if (changes.length > maxChanges) throw new GitError("limit", `it changes more than ${maxChanges} files`);
  await requireModest(options, { tree, range }, hides, limits, changes);
  const content = await git.bytes(gitFolder, ["cat-file", "commit", commit], { ...run, maxOutput: maxText });
  await keepObjects(offered, gitFolder);
  return { commit, tree, shownTree, commits, changes, text: readCommit(content) };
}

/** Files only, with names that guests may see. */
async function requireModest(
  options: ReceivingOptions,
  { tree, range }: { readonly tree: string; readonly range: string },
  hides: Hides,
  limits: TreeLimits,
  changes: readonly Change[],
): Promise<void> {
  const { git, folder: gitFolder } = options;
  const run = { gitFolder, variables: borrowed(options) };
  const { entries } = await listTree(git, run, tree, limits);
  const changed = new Set(changes.map(({ path }) => path));
  if (entries.some(({ mode, path }) => !mode.startsWith("100") && changed.has(path))) {
    throw new GitError("refused", "links and submodules cannot be proposed");
  }
  const names = await git.bytes(gitFolder, ["log", "--format=", "--name-only", "--no-renames", "-m", "-z", range], run);
  if (!isUtf8(names)) throw new GitError("refused", "it has names that are not UTF-8");
  const isHidden = hides(gitFolders(entries));
  const touched = names
    .toString("utf8")
    .split("\0")
    .map((name) => name.replace(/^\n/, ""));
  if (touched.some((name) => name !== "" && isHidden(name))) {
    throw new GitError("refused", "it names files that are hidden from guests");
  }
}

/** From then on it borrows nothing: what was offered goes when the branch moves. */
async function keepObjects(offered: string, folder: string): Promise<void> {
  const [from, to] = [join(offered, "objects", "pack"), join(folder, "objects", "pack")];
  for (const name of await readdir(from)) {
    try {
      await link(join(from, name), join(to, name));
    } catch (error) {
      if (!hasCode(error, "EPERM", "EXDEV", "EMLINK", "ENOTSUP", "EEXIST")) throw error;
      await copyFile(join(from, name), join(to, name));
    }
  }
}
