import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { CommitBlame, CommitChanges, CommitInfo, CommitLog, CommitRequest, SharedCommit } from "@waiide/protocol";
import { GatewayError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { SerialQueue } from "../../base/serial-queue.ts";
import { commitBlame, commitLog } from "../../git/commit-log.ts";
import type { Git } from "../../git/git.ts";
import { GitError } from "../../git/git-error.ts";
import type { OwnerRepository } from "../../git/owner-repository.ts";
import { readRef } from "../../git/refs.ts";
import type { Survey } from "../../git/survey.ts";
import { listFolder, unlessMissing } from "../../system/missing-file.ts";
import { invalid } from "../records/request.ts";
import { newId } from "../records/secrets.ts";
import type { StoredShare } from "../store/stored.ts";
import { CommitFolder, type Manifest } from "./commit-folder.ts";
import type { CommitMaker, ContentRules, ProposalSource } from "./commit-maker.ts";
import { ProposalFolder } from "./proposal-folder.ts";

/** Characters of an id. */
const sha256Length = 64;
/** Changes in one answer. */
const changesPage = 300;

export interface CommitsOptions {
  /** In the gateway's data, outside of every scope. */
  readonly folder: string;
  /** Bytes of all of it on the disk. */
  readonly maxTotal: number;
  readonly git: Git;
  readonly maker: CommitMaker;
  readonly logger: Logger;
}

/** What guests clone. */
export interface Offer {
  readonly offered: string;
  readonly format: OwnerRepository["format"];
  /** The commit in it. */
  readonly shown: string;
  /** In the owner's repository. */
  readonly original: string;
  /** They are the same. */
  readonly isHistory: boolean;
}

/** What a new share of a commit is made of. */
export interface PreparedCommit {
  /** Of the repository; absolute, without links. */
  readonly root: string;
  readonly commit: SharedCommit;
}

/** The commits that are shared: what guests see of each lies in a folder of the share's own (RULES R26). */
export class Commits {
  readonly #options: CommitsOptions;
  readonly #manifests = new Map<string, Promise<Manifest>>();
  /** One after the other: packing takes memory and time. */
  readonly #making = new SerialQueue();

  constructor(options: CommitsOptions) {
    this.#options = options;
  }

  /**
   * Makes what guests of a new share will see.
   * @param root absolute, without links; lies in a repository
   * @throws GatewayError
   */
  async prepare(
    id: string,
    root: string,
    request: CommitRequest,
    confirmed: string | undefined,
  ): Promise<PreparedCommit> {
    const { maker } = this.#options;
    const { ref, base = null, follow = false, get = "snapshot", propose = false } = request;
    if (propose && get === "none") throw invalid("commit", "nobody can propose changes to what they cannot clone");
    const folder = this.#folder(id);
    try {
      const repository = await maker.find(root);
      const { commit, manifest } = await this.#making.run(async () => {
        await this.#requireRoom();
        return maker.make(folder, repository, { ref, baseName: base, follow, get, confirmed });
      });
      this.#manifests.set(id, Promise.resolve(manifest));
      return { root: repository.folder, commit: { ...commit, follow, get, propose, state: "current" } };
    } catch (error) {
      await this.remove(id);
      throw refusalOf(error);
    }
  }

  /**
   * What the history of a commit holds that its owner may not want to share.
   * @param root absolute, without links; lies in a repository
   * @throws GatewayError
   */
  async survey(root: string, { ref, follow = false, get = "history" }: CommitRequest): Promise<Survey> {
    const { maker } = this.#options;
    try {
      const repository = await maker.find(root);
      const choice = { ref, baseName: null, follow, get };
      return await this.#making.run(() => maker.survey(this.#folder(`survey-${newId()}`), repository, choice));
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** Looks before a commit is made, so that the newest may exceed it. @throws GitError */
  async #requireRoom(): Promise<void> {
    const { folder, maxTotal } = this.#options;
    const sizes = await Promise.all((await listFolder(folder)).map((id) => this.#folder(id).size()));
    const total = sizes.reduce((sum, one) => sum + one, 0);
    if (total >= maxTotal) throw new GitError("limit", `all shared commits take ${maxTotal} bytes on the disk already`);
  }

  /** Where a branch of the shared repository is now; undefined: nowhere, or the repository is gone. */
  async tipOf({ root }: Pick<StoredShare, "root">, branch: string): Promise<string | undefined> {
    try {
      return await readRef(await this.#options.maker.find(root), branch);
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      return undefined;
    }
  }

  /**
   * Shows guests what the branch holds now.
   * @param isLive asked when its turn has come
   * @returns undefined: the share has ended
   * @throws GitError; then guests see what they saw
   */
  async refresh(share: StoredShare, isLive: () => boolean): Promise<Partial<SharedCommit> | undefined> {
    const { id, root, shownCommit } = share;
    const earlier = await this.#manifest(id);
    const { branch, get = "none" } = shownCommit ?? {};
    const choice = { ref: branch ?? "HEAD", baseName: earlier.baseName, follow: true, get };
    return this.#making.run(async () => {
      if (!isLive()) return undefined;
      await this.#requireRoom();
      const repository = await this.#options.maker.find(root);
      const { manifest, commit, isRewritten } = await this.#options.maker.make(
        this.#folder(id),
        repository,
        choice,
        earlier,
      );
      this.#manifests.set(id, Promise.resolve(manifest));
      return { ...commit, state: isRewritten ? "rewritten" : "current" };
    });
  }

  /**
   * As `refresh`, for the owner who asks for it.
   * @returns what the record holds from now on
   * @throws GatewayError SHARE_INVALID, COMMIT_UNAVAILABLE; then guests see what they saw
   */
  async refreshForOwner(share: StoredShare, isLive: () => boolean): Promise<SharedCommit | undefined> {
    const { shownCommit } = share;
    if (shownCommit === null) throw invalid("id", "it is no share of a commit");
    if (shownCommit.branch === null) throw invalid("id", "it is of this one commit, not of a branch");
    try {
      const { reason: _, ...before } = shownCommit;
      const moved = await this.refresh(share, isLive);
      return moved && { ...before, ...moved };
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** The owner permits guests to take less: a history that nobody may take is removed. */
  async keepLess({ id, shownCommit }: StoredShare): Promise<void> {
    await this.#making.run(async () => {
      const manifest = await this.#manifest(id);
      if (shownCommit === null || shownCommit.get === "history" || manifest.history === null) return;
      const less = { ...manifest, history: null };
      await this.#folder(id).publish(less);
      this.#manifests.set(id, Promise.resolve(less));
    });
  }

  /** The folder whose files guests of a share see. */
  filesOf({ id, root, shownCommit }: Pick<StoredShare, "id" | "root" | "shownCommit">): string {
    return shownCommit === null ? root : this.#folder(id).files;
  }

  async info({ id }: Pick<StoredShare, "id">): Promise<CommitInfo> {
    return (await this.#manifest(id)).info;
  }

  async changes({ id }: Pick<StoredShare, "id">, from = 0): Promise<CommitChanges> {
    const { changes } = await this.#manifest(id);
    const page = changes.slice(from, from + changesPage);
    const end = from + page.length;
    return {
      changes: page.map(({ before: _, ...change }) => change),
      next: end < changes.length ? end : null,
    };
  }

  /**
   * What a changed file held before.
   * @param path its place then
   * @returns undefined: it was not there
   */
  async before({ id }: Pick<StoredShare, "id">, path: string, maxOutput: number): Promise<Buffer | undefined> {
    const { repository, changes } = await this.#manifest(id);
    const change = changes.find((one) => (one.from ?? one.path) === path && one.before !== null);
    if (change?.before === null || change === undefined) return undefined;
    const gitFolder = this.#folder(id).repository(repository);
    return this.#options.git.bytes(gitFolder, ["cat-file", "blob", change.before], { maxOutput });
  }

  /** The commits before; undefined: guests get no history. @param path of a file, for those that changed it */
  async log(
    id: string,
    asked: { path?: string | undefined; from?: number | undefined },
  ): Promise<CommitLog | undefined> {
    const history = await this.#historyOf(id);
    return history && commitLog(this.#options.git, history.folder, history.commit, asked);
  }

  /** Who wrote the lines of a file; undefined: guests get no history, or there is no such file. */
  async blame(id: string, path: string): Promise<CommitBlame | undefined> {
    const history = await this.#historyOf(id);
    try {
      return history && (await commitBlame(this.#options.git, history.folder, history.commit, path));
    } catch (error) {
      if (error instanceof GitError) return undefined;
      throw error;
    }
  }

  async #historyOf(id: string): Promise<{ readonly folder: string; readonly commit: string } | undefined> {
    const { history, info } = await this.#manifest(id);
    return history === null ? undefined : { folder: this.#folder(id).repository(history.repository), commit: info.id };
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#options.git.close();
    await this.#making.settled();
  }

  /** What copies of a share are made from: archives and patches from `gitFolder`, clones from `cloned`. */
  async source({ id, root, shownCommit }: StoredShare) {
    const { repository, history: kept, commit, baseTree } = await this.#manifest(id);
    // The owner may have lowered it a moment ago.
    const history = shownCommit?.get === "history" ? kept : null;
    const name = `${basename(root).replace(/\.git$/, "")}-${shownCommit?.name ?? ""}`;
    const gitFolder = this.#folder(id).repository(repository);
    const cloned = this.#folder(id).repository(history?.repository ?? repository);
    return { gitFolder, cloned, commit, baseTree, name: name.replace(/[^\w.-]+/g, "-").replace(/^[-.]+/, "") };
  }

  /** In which a share keeps everything. */
  folderOf({ id }: Pick<StoredShare, "id">): string {
    return this.#folder(id).path;
  }

  /** What guests clone, and the owner's commit that it stands for. */
  async offerOf({ id, shownCommit }: StoredShare): Promise<Offer> {
    const { repository, history: kept, commit, info } = await this.#manifest(id);
    const history = shownCommit?.get === "history" ? kept : null;
    const offered = this.#folder(id).repository(history?.repository ?? repository);
    const format = commit.length === sha256Length ? "sha256" : "sha1";
    const isHistory = history !== null;
    return { offered, format, shown: isHistory ? info.id : commit, original: info.id, isHistory };
  }

  /** What guests never see of a share's repository, and how much it may hold. @throws GitError */
  async rulesOf({ root }: Pick<StoredShare, "root">): Promise<ContentRules> {
    const { maker } = this.#options;
    return maker.rulesOf(await maker.find(root));
  }

  /**
   * Makes a proposal a branch of the owner's repository.
   * @throws GatewayError SHARE_INVALID, COMMIT_UNAVAILABLE; then the repository is as it was
   */
  async makeBranch(share: StoredShare, source: ProposalSource, branch: string): Promise<string> {
    const { maker } = this.#options;
    try {
      const repository = await maker.find(share.root);
      return await this.#making.run(() => maker.makeBranch(this.#folder(share.id), repository, source, branch));
    } catch (error) {
      throw refusalOf(error, "branch");
    }
  }

  /** The share has ended, or was not made. */
  async remove(id: string): Promise<void> {
    this.#manifests.delete(id);
    await this.#making.run(() => this.#folder(id).remove());
  }

  /** Removes what shares left that are over, and finishes what a crash interrupted. @param live those that are not over */
  async recover(live: readonly StoredShare[]): Promise<void> {
    const { folder, logger } = this.#options;
    const shown = new Set(live.filter(({ shownCommit }) => shownCommit !== null).map(({ id }) => id));
    for (const name of (await unlessMissing(readdir(folder))) ?? []) {
      if (!shown.has(name)) await this.remove(name);
    }
    for (const id of shown) {
      await this.#restore(id).catch((error: unknown) => {
        logger.error({ err: error, share: id }, "the files of a shared commit could not be restored");
      });
    }
  }

  async #restore(id: string): Promise<void> {
    const manifest = await this.#manifest(id);
    await new ProposalFolder(this.#folder(id).path).clean();
    await this.#making.run(() => this.#options.maker.restore(this.#folder(id), manifest));
  }

  async #manifest(id: string): Promise<Manifest> {
    const known = this.#manifests.get(id);
    if (known !== undefined) return known;
    const reading = this.#folder(id)
      .read()
      .then((manifest) => {
        if (manifest === undefined) throw new Error("the files of a shared commit are missing");
        return manifest;
      });
    this.#manifests.set(id, reading);
    reading.catch(() => this.#manifests.delete(id));
    return reading;
  }

  #folder(id: string): CommitFolder {
    return new CommitFolder(join(this.#options.folder, id));
  }
}

/** For the owner's request. @param field that it is about */
export function refusalOf(error: unknown, field = "commit"): unknown {
  if (!(error instanceof GitError)) return error;
  if (error.trouble === "missing" || error.trouble === "failed") {
    return new GatewayError("COMMIT_UNAVAILABLE", { reason: error.message }, { cause: error });
  }
  return invalid(field, error.message);
}
