import type { BigIntStats } from "node:fs";
import { lstat, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BoundedTable } from "../../base/bounded-table.ts";
import { hasCode } from "../../base/error-code.ts";
import { unlessMissing } from "../../system/missing-file.ts";
import type { Folder } from "../tree/folder.ts";
import { identityOf, isPersonal } from "./homes.ts";
import type { PlaceKind } from "./known-places.ts";
import { Repositories } from "./repositories.ts";
import { joined } from "./rights.ts";
import type { FileRules } from "./rules.ts";

/** Age of a folder from which on its next change has another time. Milliseconds; the coarsest clocks count in seconds. */
const settled = 2_500;

/** Answers kept. */
const maxKnown = 20_000;

/** `f_type` of file systems that keep no modes: there every file looks executable (statfs(2)). */
const withoutModes = new Set([0x4d44, 0x2011bab0, 0xff534d42, 0xfe534d42, 0x517b, 0x5346544e, 0x7366746e, 0xf995e849]);

interface KnownKind {
  readonly signature: string;
  readonly kind: PlaceKind;
  /** It has a `.git`. */
  readonly isWorkingTree: boolean;
}

export interface FolderKindsOptions {
  /** Absolute, without links. */
  readonly root: string;
  readonly rules: FileRules;
  /** Device and inode of home folders, as `identityOf` makes it. */
  readonly homes: ReadonlySet<string>;
}

/**
 * Recognizes folders by their contents (RULES R10, R11): git directories and virtual environments of any name, home folders
 * wherever they are mounted, working trees whose git is configured to run something. The rules' places keep the result,
 * which applies to everything below.
 */
export class FolderKinds {
  readonly #root: string;
  readonly #rules: FileRules;
  readonly #homes: ReadonlySet<string>;
  readonly #repositories: Repositories;
  readonly #known = new BoundedTable<string, KnownKind>(maxKnown);
  readonly #devices = new Set<bigint>();

  constructor({ root, rules, homes }: FolderKindsOptions) {
    this.#root = root;
    this.#rules = rules;
    this.#homes = homes;
    this.#repositories = new Repositories(root, rules.places);
  }

  /**
   * The kinds of the folders above the root, and the working trees around it. A working tree inside a git directory does not
   * belong to it: git stops at its `.git`.
   */
  async lookAbove(): Promise<void> {
    await this.#repositories.lookAbove();
    let [isHidden, protection, isInWorkingTree] = [false, undefined as string | undefined, false];
    for (let folder = this.#root; ; folder = dirname(folder)) {
      const { kind, isWorkingTree } = await this.#findOut(folder, "", await stat(folder, { bigint: true }), "");
      isHidden ||= kind.isHidden && !isInWorkingTree;
      if (!kind.isHidden && folder !== this.#root) protection ??= kind.protection;
      isInWorkingTree ||= isWorkingTree;
      if (folder === dirname(folder)) break;
    }
    this.#rules.above = { isHidden, protection };
  }

  /**
   * @param place the folder, as this process can name it
   * @param path relative to the root, links followed
   */
  async look(place: string, path: string, stats: BigIntStats): Promise<void> {
    await this.#kindOf(place, path, stats);
  }

  /** Checks hidden folders on a path again: they may have become something else. All others are checked anyway. */
  async lookAgain(root: Folder, segments: readonly string[]): Promise<void> {
    let path = "";
    for (const name of segments) {
      path = joined(path, name);
      if (!this.#rules.places.isHidden(path)) continue;
      const stats = await unlessUnseen(root.statEntry(path));
      if (stats?.isDirectory() !== true) return;
      await this.look(root.entry(path), path, stats);
    }
  }

  /**
   * As `look`, for a folder on the way to something.
   * @param isToChange whether something in it will be changed: then git's configuration is read anew
   */
  async enter(place: string, path: string, stats: BigIntStats, isToChange: boolean): Promise<void> {
    const { isWorkingTree } = await this.#kindOf(place, path, stats);
    await this.#learnDevice(place, stats.dev);
    if (isWorkingTree) await this.#repositories.look(path, isToChange);
    else this.#repositories.forget(path);
    if (path === "") await this.#repositories.refreshAbove(isToChange);
  }

  async #kindOf(place: string, path: string, stats: BigIntStats): Promise<KnownKind> {
    const signature = [stats.dev, stats.ino, stats.mtimeNs, stats.ctimeNs].join(":");
    const before = this.#known.get(path);
    if (before?.signature === signature) {
      this.#rules.places.set(path, before.kind);
      return before;
    }
    const known = await this.#findOut(place, path, stats, signature);
    this.#rules.places.set(path, known.kind);
    this.#known.delete(path);
    // The clock of the file system is too coarse to tell a change from one just before.
    if (Date.now() - Number(stats.ctimeMs) > settled) this.#known.set(path, known);
    return known;
  }

  async #findOut(place: string, path: string, stats: BigIntStats, signature: string): Promise<KnownKind> {
    const [git, environment, isWorkingTree] = await Promise.all([
      gitKindOf(place),
      isEnvironment(place),
      isThere(place, ".git"),
    ]);
    const kind: PlaceKind = {
      isHidden: git === "whole",
      isHome: this.#homes.has(identityOf(stats)) || isPersonal(join(this.#root, path)),
      protection:
        git !== undefined
          ? "git may treat it as a repository and run what it names"
          : environment
            ? "programs and packages are loaded from it"
            : undefined,
    };
    return { signature, kind, isWorkingTree };
  }

  async #learnDevice(place: string, device: bigint): Promise<void> {
    if (this.#devices.has(device)) return;
    const { type } = await statfs(place);
    this.#devices.add(device);
    if (withoutModes.has(type >>> 0)) this.#rules.withoutModes.add(device);
  }
}

/**
 * Whether git takes a folder for a git directory (setup.c, `is_git_directory`): a HEAD that is no folder, with objects and
 * refs, or with `commondir`, which names them. HEAD's content does not matter: it may be written later. `part`: one of the
 * three is missing and could come from elsewhere (`commondir` of another, GIT_OBJECT_DIRECTORY).
 */
async function gitKindOf(place: string): Promise<"whole" | "part" | undefined> {
  const [head, objects, refs] = await Promise.all([
    unlessUnseen(lstat(join(place, "HEAD"))),
    unlessUnseen(stat(join(place, "objects"))),
    unlessUnseen(stat(join(place, "refs"))),
  ]);
  const hasHead = head !== undefined && !head.isDirectory();
  if (hasHead && (await isThere(place, "commondir"))) return "whole";
  const hasRefs = refs !== undefined || (hasHead && (await isThere(place, "reftable")));
  const parts = [hasHead, objects !== undefined, hasRefs].filter(Boolean).length;
  if (parts === 3) return "whole";
  return parts === 2 ? "part" : undefined;
}

async function isEnvironment(place: string): Promise<boolean> {
  return (await isThere(place, "pyvenv.cfg")) || (await isThere(place, "conda-meta"));
}

/** Also undefined in a folder that we may not read: git and guests run as the same user. */
function unlessUnseen<Result>(work: Promise<Result>): Promise<Result | undefined> {
  return unlessMissing(work).catch((error: unknown) => {
    if (hasCode(error, "EACCES")) return undefined;
    throw error;
  });
}

async function isThere(place: string, name: string): Promise<boolean> {
  return (await unlessUnseen(lstat(join(place, name)))) !== undefined;
}
