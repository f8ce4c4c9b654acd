import { lstat, mkdir, mkdtemp, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, extname, join, relative, sep } from "node:path";
import { hasCode } from "../base/error-code.ts";
import { unlessMissing } from "../system/missing-file.ts";
import { checkBranch, type PullOrder } from "./link.ts";
import { refusalOf } from "./own-settings.ts";
import { type UserGit, UserGitError } from "./user-git.ts";

/** The message is a sentence for the person who asked. */
export class PullRefusal extends Error {}

export interface PullOptions {
  readonly git: UserGit;
  readonly workspace: string;
  readonly say: (line: string) => void;
  readonly now?: () => Date;
}

/**
 * Clones a repository into the workspace, or brings the clone there up to date as nbgitpuller does: what the user changed stays,
 * and files of theirs that are in the way of new ones get another name.
 * @returns the clone's folder
 * @throws PullRefusal, UserGitError
 */
export async function pull(order: PullOrder, options: PullOptions): Promise<string> {
  const clone = await placeFor(order.folder, options.workspace);
  const there = await unlessMissing(lstat(clone));
  if (there !== undefined && !there.isDirectory()) throw new PullRefusal(`“${order.folder}” is a file.`);
  if (there === undefined) await cloneInto(clone, order, options);
  else await update(clone, order, options);
  return clone;
}

/** Links lead where the user has led them, but not out of the workspace for a stranger's link. */
async function placeFor(folder: string, workspace: string): Promise<string> {
  const root = await realpath(workspace);
  const parent = join(root, dirname(folder));
  let there = parent;
  for (;;) {
    const found = await unlessMissing(realpath(there));
    if (found !== undefined) {
      const way = relative(root, found);
      if (way === ".." || way.startsWith(`..${sep}`)) throw new PullRefusal(`“${folder}” leads out of your workspace.`);
      return join(found, relative(there, parent), basename(folder));
    }
    there = dirname(there);
  }
}

/** Beside its place, so that a clone which fails leaves nothing. */
async function cloneInto(clone: string, { repository, branch }: PullOrder, { git, say }: PullOptions): Promise<void> {
  const parent = dirname(clone);
  const made = await mkdir(parent, { recursive: true });
  const staging = await mkdtemp(join(parent, ".waiide-clone-"));
  try {
    const args = ["clone", "--progress", "--template=", "--no-recurse-submodules"];
    const which = branch === undefined ? [] : [`--branch=${branch}`];
    await git.run({ folder: parent, args: [...args, ...which, "--", repository, staging], say });
    await rename(staging, clone);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    if (made !== undefined) await rm(made, { recursive: true, force: true });
    if (hasCode(error, "ENOTEMPTY", "EEXIST")) throw new PullRefusal("Something else has made the folder meanwhile.");
    throw error;
  }
}

async function update(clone: string, order: PullOrder, { git, say, now }: PullOptions): Promise<void> {
  const refusal = await refusalOf(git, clone);
  if (refusal !== undefined) throw new PullRefusal(`“${order.folder}” was left as it is: ${refusal}.`);
  const run = (args: readonly string[], more: { input?: string; codes?: readonly number[] } = {}) =>
    git.run({ folder: clone, args: ["--git-dir=.git", "--work-tree=.", ...args], say, ...more });
  await checkState(run, order);
  const branch = (await run(["symbolic-ref", "--short", "HEAD"])).trim();
  checkBranch(branch);
  const theirs = `refs/remotes/origin/${branch}`;
  const args = ["fetch", "--progress", "--no-recurse-submodules", "--no-tags", "--"];
  await run([...args, order.repository, `+refs/heads/${branch}:${theirs}`]);
  await moveAside(clone, run, theirs, now?.() ?? new Date(), say);
  await bringBackDeleted(run, theirs);
  if ((await run(["status", "--porcelain", "--untracked-files=no", "-z"])) !== "") {
    await run(["commit", "--quiet", "--all", "--no-verify", "--message=Changes before a pull"]);
  }
  await merge(run, theirs);
}

type Run = (
  args: readonly string[],
  more?: { readonly input?: string; readonly codes?: readonly number[] },
) => Promise<string>;

async function checkState(run: Run, { branch, folder, repository }: PullOrder): Promise<void> {
  const address = (await run(["config", "--get", "remote.origin.url"], { codes: [0, 1] })).trim();
  if (withoutEnd(address) !== withoutEnd(repository)) {
    throw new PullRefusal(`“${folder}” was left as it is: it is a clone of ${address || "nothing"}.`);
  }
  const current = (await run(["symbolic-ref", "--quiet", "--short", "HEAD"], { codes: [0, 1] })).trim();
  if (current === "") throw new PullRefusal(`“${folder}” was left as it is: it is on no branch.`);
  if (branch !== undefined && branch !== current) {
    throw new PullRefusal(`“${folder}” was left as it is: it is on the branch ${current}, not ${branch}.`);
  }
  const isMerging = (await run(["rev-parse", "--quiet", "--verify", "MERGE_HEAD"], { codes: [0, 1] })).trim() !== "";
  if (isMerging) throw new PullRefusal(`“${folder}” was left as it is: a merge is not finished there.`);
}

function withoutEnd(address: string): string {
  return address.replace(/\/+$/, "").replace(/\.git$/, "");
}

/** Files of the user's where new ones come. */
async function moveAside(
  clone: string,
  run: Run,
  theirs: string,
  at: Date,
  say: (line: string) => void,
): Promise<void> {
  const known = new Set(names(await run(["ls-files", "-z"])));
  const added = names(await run(["diff", "--name-only", "--no-renames", "--diff-filter=A", "-z", "HEAD", theirs]));
  for (const path of added.filter((one) => !known.has(one))) {
    const own = await inTheWay(clone, path);
    if (own === undefined || known.has(own)) continue;
    const aside = await freeName(clone, own, at);
    await rename(join(clone, own), join(clone, aside));
    say(`Your own ${own} is now ${aside}`);
  }
}

/** What is at a path, or a file where it needs a folder. */
async function inTheWay(clone: string, path: string): Promise<string | undefined> {
  const parts = path.split("/");
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const part = parts.slice(0, depth).join("/");
    const about = await unlessMissing(lstat(join(clone, part)));
    if (about === undefined) return undefined;
    if (depth === parts.length || !about.isDirectory()) return part;
  }
  return undefined;
}

/** As nbgitpuller names it: `name__20261130140500.py`. */
async function freeName(clone: string, path: string, at: Date): Promise<string> {
  const stamp = at.toISOString().replace(/\D/g, "").slice(0, 14);
  const end = extname(path);
  const stem = path.slice(0, path.length - end.length);
  for (let count = 0; ; count += 1) {
    const name = `${stem}__${stamp}${count === 0 ? "" : `_${count}`}${end}`;
    if ((await unlessMissing(lstat(join(clone, name)))) === undefined) return name;
  }
}

/** Deleting a file and pulling is how people get it anew. */
async function bringBackDeleted(run: Run, theirs: string): Promise<void> {
  const there = new Set(names(await run(["ls-tree", "-r", "-z", "--name-only", theirs])));
  const deleted = names(await run(["ls-files", "--deleted", "-z"])).filter((path) => there.has(path));
  if (deleted.length === 0) return;
  const input = deleted.map((path) => `${path}\0`).join("");
  await run(["checkout", "--quiet", theirs, "--pathspec-from-file=-", "--pathspec-file-nul"], { input });
}

/** Where both changed the same lines, or one deleted what the other changed, the user's side stays. */
async function merge(run: Run, theirs: string): Promise<void> {
  try {
    await run(["merge", "--quiet", "-Xours", "--no-edit", "--no-verify", theirs]);
    return;
  } catch (error) {
    if (!(error instanceof UserGitError)) throw error;
    const unmerged = names(await run(["ls-files", "--unmerged", "-z"]));
    if (unmerged.length === 0) throw error;
    await keepOwn(run, unmerged).catch(async (failure: unknown) => {
      await run(["merge", "--abort"]);
      throw failure;
    });
  }
}

async function keepOwn(run: Run, unmerged: readonly string[]): Promise<void> {
  const stages = new Map<string, Set<string>>();
  for (const line of unmerged) {
    const [facts = "", path = ""] = line.split("\t");
    stages.set(path, (stages.get(path) ?? new Set()).add(facts.split(" ")[2] ?? ""));
  }
  const all = [...stages];
  const listed = (paths: readonly (readonly [string, Set<string>])[]) => paths.map(([path]) => `${path}\0`).join("");
  const fromFile = ["--pathspec-from-file=-", "--pathspec-file-nul"];
  const kept = all.filter(([, has]) => has.has("2"));
  const gone = all.filter(([, has]) => !has.has("2"));
  if (kept.length > 0) {
    await run(["checkout", "--quiet", "--ours", ...fromFile], { input: listed(kept) });
    await run(["add", ...fromFile], { input: listed(kept) });
  }
  if (gone.length > 0) await run(["rm", "--quiet", "-f", ...fromFile], { input: listed(gone) });
  await run(["commit", "--quiet", "--no-edit", "--no-verify"]);
}

function names(output: string): string[] {
  return output.split("\0").filter(Boolean);
}
