import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type CommitText, readCommit, rewriteCommit } from "./commit-text.ts";
import type { Git } from "./git.ts";
import { GitError } from "./git-error.ts";
import { makeGitFolder } from "./own-repository.ts";
import type { OwnerRepository } from "./owner-repository.ts";
import type { Quarantine } from "./quarantine.ts";
import type { Revisions } from "./revisions.ts";
import {
  gitFolders,
  linkMode,
  listTree,
  readSmall,
  type TreeEntry,
  type TreeLimits,
  withInnerLinks,
  writeTree,
} from "./tree.ts";

/** Milliseconds that packing and checking may take. */
const packTimeout = 300_000;

/** Which paths guests never see, of a tree with these git directories in it (RULES R10). */
export type Hides = (gitFolders: readonly string[]) => (path: string) => boolean;

export interface SnapshotOptions {
  readonly git: Git;
  readonly repository: Pick<OwnerRepository, "format">;
  readonly quarantine: Quarantine;
  readonly revisions: Revisions;
  /** The new repository; is not there yet. */
  readonly folder: string;
  /** Ids in the owner's repository. */
  readonly commit: string;
  readonly base: string | null;
  /** What people call its only branch. */
  readonly branch: string;
  readonly hides: Hides;
  readonly limits: TreeLimits;
  /** The snapshot that this one follows, if its history was not changed: whoever has it can pull. */
  readonly earlier?: { readonly folder: string; readonly commit: string } | undefined;
}

/** A repository of our own that holds what guests may see of one commit, and nothing else (RULES R26). */
export interface Snapshot {
  readonly commit: string;
  readonly tree: string;
  readonly baseTree: string;
  readonly text: CommitText;
  /** Files of the commit that guests do not see. */
  readonly leftOut: number;
}

/**
 * Makes such a repository. Whatever goes wrong, nothing that was half made is left, and nothing was published.
 * @throws GitError
 */
export async function makeSnapshot(options: SnapshotOptions): Promise<Snapshot> {
  try {
    return await new SnapshotMaker(options).make();
  } catch (error) {
    await rm(options.folder, { recursive: true, force: true });
    throw error;
  }
}

class SnapshotMaker {
  readonly #options: SnapshotOptions;
  /** While it is made, it reads the owner's objects, and those of the snapshot before. */
  readonly #borrowing: Readonly<Record<string, string>>;

  constructor(options: SnapshotOptions) {
    const { quarantine, earlier } = options;
    this.#options = options;
    const own = quarantine.variables.GIT_ALTERNATE_OBJECT_DIRECTORIES ?? "";
    const before = earlier === undefined ? "" : `:${join(earlier.folder, "objects")}`;
    this.#borrowing = { GIT_ALTERNATE_OBJECT_DIRECTORIES: `${own}${before}` };
  }

  async make(): Promise<Snapshot> {
    const { folder, repository, revisions, commit, base, earlier } = this.#options;
    await makeGitFolder(folder, repository.format);
    await mkdir(join(folder, "refs"), { mode: 0o700 });
    const head = await this.#filtered(`${commit}^{tree}`, "head");
    const before =
      base === null ? { tree: await this.#write([], "base") } : await this.#filtered(`${base}^{tree}`, "base");
    const content = await revisions.content(commit);
    const rewritten = rewriteCommit(content, head.tree, earlier === undefined ? [] : [earlier.commit]);
    const snapshot = await this.#object(rewritten);
    await this.#pack([snapshot, before.tree]);
    await this.#publish(snapshot, before.tree);
    await this.#check([head.tree, before.tree]);
    return {
      commit: snapshot,
      tree: head.tree,
      baseTree: before.tree,
      text: readCommit(content),
      leftOut: head.leftOut,
    };
  }

  /** A tree without what guests never see. */
  async #filtered(tree: string, name: string): Promise<{ readonly tree: string; readonly leftOut: number }> {
    const { git, quarantine, limits, hides } = this.#options;
    const { entries, unreadable } = await listTree(
      git,
      { gitFolder: quarantine.folder, variables: quarantine.variables },
      tree,
      limits,
    );
    const isHidden = hides(gitFolders(entries));
    const visible = entries.filter(({ path }) => !isHidden(path));
    return { tree: await this.#write(visible, name), leftOut: entries.length - visible.length + unreadable };
  }

  async #write(entries: readonly TreeEntry[], name: string): Promise<string> {
    const { git, folder } = this.#options;
    const run = { gitFolder: folder, variables: this.#borrowing };
    const links = entries.filter(({ mode }) => mode === linkMode);
    const targets = await readSmall(
      git,
      run,
      links.map(({ id }) => id),
    );
    const index = join(folder, `${name}.index`);
    const tree = await writeTree(git, run, index, withInnerLinks(entries, targets));
    await rm(index, { force: true });
    return tree;
  }

  #object(commit: Buffer): Promise<string> {
    const { git, folder } = this.#options;
    return git.line(folder, ["hash-object", "-t", "commit", "-w", "--stdin"], {
      input: commit,
      variables: this.#borrowing,
    });
  }

  /** Copies every object that the snapshot needs: from then on it borrows nothing. */
  async #pack(ids: readonly string[]): Promise<void> {
    const { git, folder } = this.#options;
    const args = [
      "pack-objects",
      "-q",
      "--revs",
      "--delta-base-offset",
      "--threads=1",
      join(folder, "objects", "pack", "pack"),
    ];
    const input = `${ids.join("\n")}\n`;
    await git.run({ gitFolder: folder, args, input, variables: this.#borrowing, timeout: packTimeout });
  }

  async #publish(snapshot: string, baseTree: string): Promise<void> {
    const { git, folder, branch } = this.#options;
    await git.run({ gitFolder: folder, args: ["symbolic-ref", "HEAD", `refs/heads/${branch}`] });
    await git.run({ gitFolder: folder, args: ["update-ref", `refs/heads/${branch}`, snapshot] });
    await git.run({ gitFolder: folder, args: ["update-ref", "refs/waiide/base", baseTree] });
  }

  /** Looks at what was made, without the owner's repository: it is complete, and nothing hidden is in it. */
  async #check(trees: readonly string[]): Promise<void> {
    const { git, folder, limits, hides } = this.#options;
    await git.run({ gitFolder: folder, args: ["fsck", "--strict", "--full", "--no-dangling"], timeout: packTimeout });
    for (const tree of trees) {
      const { entries } = await listTree(git, { gitFolder: folder }, tree, limits);
      const isHidden = hides(gitFolders(entries));
      if (entries.some(({ path }) => isHidden(path))) throw new GitError("failed", "hidden files were left in it");
    }
  }
}
