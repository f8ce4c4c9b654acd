import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CommitChange } from "@waiide/protocol";
import { listFolder, unlessMissing } from "../../system/missing-file.ts";

/** What is known of a proposal; its repository stands beside it. */
export interface StoredProposal {
  readonly id: string;
  readonly user: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Ids in its repository. */
  readonly commit: string;
  readonly tree: string;
  readonly shownTree: string;
  /** In the owner's repository: what it was made for. */
  readonly original: string;
  readonly isHistory: boolean;
  readonly commits: number;
  readonly changes: readonly CommitChange[];
  readonly message: string;
  readonly author: string;
  readonly email: string;
}

/** The proposals of one share, each in a folder of its own; they go with the share. */
export class ProposalFolder {
  readonly #path: string;

  /** @param share the folder of the share */
  constructor(share: string) {
    this.#path = join(share, "proposals");
  }

  folderOf(id: string): string {
    return join(this.#path, id);
  }

  repositoryOf(id: string): string {
    return join(this.#path, id, "repository.git");
  }

  /** The oldest first. What was half made is none. */
  async list(): Promise<StoredProposal[]> {
    const found = await Promise.all((await listFolder(this.#path)).map((id) => this.#read(id)));
    return found.filter((one) => one !== undefined).sort((one, other) => one.at - other.at);
  }

  /** From here on it counts. */
  async keep(proposal: StoredProposal): Promise<void> {
    const file = join(this.folderOf(proposal.id), "proposal.json");
    await writeFile(`${file}.next`, JSON.stringify(proposal), { mode: 0o600 });
    await rename(`${file}.next`, file);
  }

  async remove(id: string): Promise<void> {
    await rm(this.folderOf(id), { recursive: true, force: true });
  }

  /** Removes what a crash left half made. */
  async clean(): Promise<void> {
    for (const id of await listFolder(this.#path)) if ((await this.#read(id)) === undefined) await this.remove(id);
  }

  async #read(id: string): Promise<StoredProposal | undefined> {
    const text = await unlessMissing(readFile(join(this.folderOf(id), "proposal.json"), "utf8"));
    return text === undefined ? undefined : (JSON.parse(text) as StoredProposal);
  }
}
