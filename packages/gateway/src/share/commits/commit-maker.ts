import { randomBytes } from "node:crypto";
import { mkdir, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { CommitInfo, GetKind, SharedCommit } from "@waiide/protocol";
import { changesBetween } from "../../git/changes.ts";
import { checkOut } from "../../git/checkout.ts";
import type { Git } from "../../git/git.ts";
import { GitError } from "../../git/git-error.ts";
import { makeBranch, type NewBranchOptions } from "../../git/new-branch.ts";
import { findRepository, type OwnerRepository } from "../../git/owner-repository.ts";
import { type GitPlaces, PlaceCheck } from "../../git/places.ts";
import { Quarantine } from "../../git/quarantine.ts";
import { Revisions } from "../../git/revisions.ts";
import { type Hides, makeSnapshot, type Snapshot } from "../../git/snapshot.ts";
import type { Survey } from "../../git/survey.ts";
import type { TreeLimits } from "../../git/tree.ts";
import type { FileLimits } from "../../workspace/limits.ts";
import { homesFor } from "../../workspace/rules/homes.ts";
import { FileRules } from "../../workspace/rules/rules.ts";
import type { CommitFolder, Manifest } from "./commit-folder.ts";
import { keepHistory, surveyOf } from "./commit-history.ts";

/** What guests see of the id of a commit that has no other name. Characters. */
const shortId = 10;

const gitKind = { isHidden: true, isHome: false, protection: undefined };

export interface CommitMakerOptions {
  readonly git: Git;
  readonly places: GitPlaces;
  /** Names (globs) that guests never see. */
  readonly hidden: readonly string[];
  readonly limits: TreeLimits;
  /** What must stay free on the disk. */
  readonly space: Pick<FileLimits, "minimumFree" | "minimumFreePart">;
}

/** Which commit is shown, and how the owner named it. */
export interface CommitChoice {
  readonly ref: string;
  readonly baseName: string | null;
  readonly follow: boolean;
  readonly get: GetKind;
  /** The survey of the history that the owner confirmed, by its hash. */
  readonly confirmed?: string | undefined;
}

export interface ContentRules {
  readonly hides: Hides;
  readonly limits: TreeLimits;
}

/** What a new branch is made from. */
export type ProposalSource = Omit<NewBranchOptions, "git" | "repository" | "quarantine" | "branch">;

export interface Made {
  readonly manifest: Manifest;
  readonly commit: Pick<SharedCommit, "name" | "branch" | "id" | "base">;
  /** It does not follow what the folder held: the branch's history was changed. */
  readonly isRewritten: boolean;
}

/** Reads a commit of the owner's repository once, and makes the repository and the files that guests see of it (RULES R26). */
export class CommitMaker {
  readonly #options: CommitMakerOptions;

  constructor(options: CommitMakerOptions) {
    this.#options = options;
  }

  /** The repository that a folder lies in. @throws GitError */
  async find(folder: string): Promise<OwnerRepository> {
    return findRepository(folder, await PlaceCheck.of(this.#options.places));
  }

  /**
   * @param earlier what the folder holds, if it is brought up to date
   * @throws GitError; then the folder holds what it held
   */
  async make(
    folder: CommitFolder,
    repository: OwnerRepository,
    choice: CommitChoice,
    earlier?: Manifest,
  ): Promise<Made> {
    const { git } = this.#options;
    await mkdir(folder.path, { recursive: true, mode: 0o700 });
    await this.#requireSpace(folder);
    const random = randomBytes(8).toString("hex");
    await using quarantine = await Quarantine.make(folder.repository(`${random}.reading.git`), repository);
    const revisions = new Revisions(git, quarantine);
    const found = await this.#resolve(revisions, choice);
    const isKept = earlier !== undefined && (await revisions.isAncestor(earlier.info.id, found.id));
    const name = `${random}.git`;
    const hides = await this.#hides(repository);
    const branch = branchName(found.branch);
    const historyName = `${random}.history.git`;
    const history =
      choice.get !== "history"
        ? null
        : await keepHistory(
            {
              git,
              repository,
              quarantine,
              commit: found.id,
              branch,
              isHidden: hides([]),
              name: historyName,
              folder: folder.repository(historyName),
            },
            earlier?.history ? { before: earlier.history } : { hash: choice.confirmed },
          );
    const snapshot = await makeSnapshot({
      ...this.#options,
      repository,
      quarantine,
      revisions,
      folder: folder.repository(name),
      commit: found.id,
      base: found.base,
      branch,
      hides,
      earlier: isKept ? { folder: folder.repository(earlier.repository), commit: earlier.commit } : undefined,
    });
    const changes = await changesBetween(git, folder.repository(name), snapshot.baseTree, snapshot.tree);
    await checkOut(git, folder.repository(name), snapshot.tree, folder.files, folder.index);
    const manifest: Manifest = {
      repository: name,
      ...snapshotIds(snapshot),
      baseName: choice.baseName,
      history,
      info: infoOf(snapshot, found, changes.length),
      changes,
    };
    await folder.publish(manifest);
    return { manifest, commit: found, isRewritten: earlier !== undefined && !isKept };
  }

  /**
   * What the history of a commit holds that its owner may not want to share.
   * @param folder of ours, for what git reads; it is removed
   */
  async survey(folder: CommitFolder, repository: OwnerRepository, choice: CommitChoice): Promise<Survey> {
    const { git } = this.#options;
    await mkdir(folder.path, { recursive: true, mode: 0o700 });
    try {
      await using quarantine = await Quarantine.make(folder.repository("reading.git"), repository);
      const { id } = await this.#resolve(new Revisions(git, quarantine), choice);
      const isHidden = (await this.#hides(repository))([]);
      return await surveyOf({ git, repository, quarantine, commit: id, isHidden });
    } finally {
      await folder.remove();
    }
  }

  /** What guests never see of a repository, and how much of it may be shared. @throws GitError */
  async rulesOf(repository: OwnerRepository): Promise<ContentRules> {
    return { hides: await this.#hides(repository), limits: this.#options.limits };
  }

  /** Makes a proposal a new branch of the owner's repository. @throws GitError; then that is as it was */
  async makeBranch(
    folder: CommitFolder,
    repository: OwnerRepository,
    source: ProposalSource,
    branch: string,
  ): Promise<string> {
    const { git } = this.#options;
    const name = `${randomBytes(8).toString("hex")}.reading.git`;
    await using quarantine = await Quarantine.make(folder.repository(name), repository);
    return await makeBranch({ ...source, git, repository, quarantine, branch });
  }

  /** Makes the files what they should be, whatever a crash left. */
  async restore(folder: CommitFolder, manifest: Manifest): Promise<void> {
    await folder.clean(manifest);
    await checkOut(
      this.#options.git,
      folder.repository(manifest.repository),
      manifest.tree,
      folder.files,
      folder.index,
    );
  }

  async #resolve(revisions: Revisions, { ref, baseName, follow }: CommitChoice): Promise<Made["commit"]> {
    const named = ref === "HEAD" ? ((await revisions.headBranch()) ?? ref) : ref;
    const branch = await revisions.branch(named);
    if (follow && branch === undefined) throw new GitError("unknown", `there is no branch “${ref}”`);
    const id = await revisions.commit(branch ?? named);
    if (id === undefined) throw new GitError("unknown", `there is no commit “${ref}” in the repository`);
    const base = baseName === null ? await revisions.defaultBase(id) : await revisions.commit(baseName);
    if (base === undefined) throw new GitError("unknown", `there is no commit “${baseName}” in the repository`);
    const isId = /^[0-9a-f]{7,64}$/.test(ref);
    const name = branch?.replace(/^refs\/(heads|remotes)\//, "") ?? (isId ? id.slice(0, shortId) : ref);
    return { name, branch: branch ?? null, id, base };
  }

  async #requireSpace({ path }: CommitFolder): Promise<void> {
    const { minimumFree, minimumFreePart } = this.#options.space;
    const { bavail, blocks, bsize } = await statfs(path);
    const left = bavail * bsize;
    if (left < minimumFree || left < minimumFreePart * blocks * bsize) {
      throw new GitError("limit", "the disk is almost full");
    }
  }

  async #hides(repository: OwnerRepository): Promise<Hides> {
    const { hidden } = this.#options;
    // A bare repository is hidden by its name; what it holds is not.
    const isBare = repository.folder === repository.gitFolder;
    const root = isBare ? dirname(repository.folder) : repository.folder;
    const { paths: homes } = await homesFor(root);
    const rulesOf = () =>
      new FileRules({
        hidden,
        protected: [],
        isHome: !isBare && homes.includes(root),
        root,
        homes: isBare ? [] : homes,
      });
    if (rulesOf().isHidden(""))
      throw new GitError("refused", "the repository is hidden from guests, or in a hidden folder");
    return (gitFolders) => {
      const rules = rulesOf();
      for (const place of gitFolders) rules.places.set(place, gitKind);
      return (path) => rules.isHidden(path);
    };
  }
}

/** The name of the branch in the repository of the share. */
function branchName(branch: string | null): string {
  return branch?.replace(/^refs\/(heads|remotes)\//, "") ?? "shared";
}

function snapshotIds({ commit, tree, baseTree }: Snapshot): Pick<Manifest, "commit" | "tree" | "baseTree"> {
  return { commit, tree, baseTree };
}

function infoOf({ text, leftOut }: Snapshot, { id, name, base }: Made["commit"], changes: number): CommitInfo {
  const { author, email, message } = text;
  return { id, name, message, author, email, date: dateOf(text.date), base, changes, left_out: leftOut };
}

/** A commit can name any number. */
function dateOf(time: number): string {
  const latest = 8_640_000_000_000_000;
  return new Date(Math.min(time, latest)).toISOString();
}
