import type { Git } from "./git.ts";
import { GitError } from "./git-error.ts";
import type { Quarantine } from "./quarantine.ts";

/** Where the main branch is looked for. */
const mainBranches = [
  "refs/remotes/origin/HEAD",
  "refs/heads/main",
  "refs/heads/master",
  "refs/remotes/origin/main",
  "refs/remotes/origin/master",
];

/** Asks for commits by the names that people use, and for nothing but ids from then on (RULES R25). */
export class Revisions {
  readonly #git: Git;
  readonly #quarantine: Quarantine;

  constructor(git: Git, quarantine: Quarantine) {
    this.#git = git;
    this.#quarantine = quarantine;
  }

  /** The id of a commit. @returns undefined: there is none of this name */
  async commit(name: string): Promise<string | undefined> {
    const { code, output } = await this.#run(
      ["rev-parse", "--verify", "-q", "--end-of-options", `${name}^{commit}`],
      [0, 1, 128],
    );
    const id = String(output).trim().split("\n").at(-1) ?? "";
    return code === 0 && /^[0-9a-f]{40,64}$/.test(id) ? id : undefined;
  }

  /** The full name of a branch. @returns undefined: it is none */
  async branch(name: string): Promise<string | undefined> {
    const full = name.startsWith("refs/") ? name : `refs/heads/${name}`;
    if (!/^refs\/(heads|remotes)\/./.test(full)) return undefined;
    const { code } = await this.#run(["show-ref", "--verify", "-q", "--", full], [0, 1, 128]);
    return code === 0 ? full : undefined;
  }

  /** The branch that HEAD is on, by its full name. */
  async headBranch(): Promise<string | undefined> {
    const { code, output } = await this.#run(["symbolic-ref", "-q", "HEAD"], [0, 1]);
    return code === 0 ? String(output).trim() : undefined;
  }

  /** What a commit is compared with: where it left the main branch, else the commit before it; null: nothing. */
  async defaultBase(id: string): Promise<string | null> {
    for (const name of mainBranches) {
      const main = await this.commit(name);
      if (main === undefined) continue;
      const { code, output } = await this.#run(["merge-base", main, id], [0, 1]);
      const base = String(output).trim();
      if (code === 0 && base !== id && base !== "") return base;
      break;
    }
    return (await this.commit(`${id}^1`)) ?? null;
  }

  /** Whether a commit is in another's history; false also where it is not known any more. */
  async isAncestor(older: string, newer: string): Promise<boolean> {
    const { code } = await this.#run(["merge-base", "--is-ancestor", older, newer], [0, 1, 128]);
    return code === 0;
  }

  /** The content of a commit, as git keeps it. */
  async content(id: string): Promise<Buffer> {
    const size = Number(String((await this.#run(["cat-file", "-s", id])).output));
    if (size > maxCommit) throw new GitError("limit", "the commit's message is larger than WAIIDE handles");
    return (await this.#run(["cat-file", "commit", id])).output;
  }

  #run(args: readonly string[], codes?: readonly number[]) {
    const { folder, variables } = this.#quarantine;
    return this.#git.run({ gitFolder: folder, args, variables, codes });
  }
}

/** Bytes. */
const maxCommit = 1024 * 1024;
