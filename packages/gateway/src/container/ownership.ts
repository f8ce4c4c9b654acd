import {
  closeSync,
  constants,
  type Dirent,
  fchownSync,
  fstatSync,
  lchownSync,
  lstatSync,
  openSync,
  readdirSync,
  type Stats,
} from "node:fs";
import { join } from "node:path";
import { errorCodeOf, hasCode } from "../base/error-code.ts";
import { isMissing } from "../system/missing-file.ts";

/** The new owner of files. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The result of a handover. */
export interface Handover {
  /** Number of files and folders that changed their owner. */
  readonly given: number;
  /** The first path that could not be given, with the reason. */
  readonly problem: string | undefined;
}

/** After this many failures the rest is skipped: some file systems do not trust root, and refuse every file. */
const maxFailures = 100;

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Gives a folder and everything below it to an owner. If the folder has this owner already, everything below it is taken to
 * have it too. A folder changes its owner after its content, so that an interrupted handover continues at the next start.
 * Links change their owner and are never followed, not even if a link replaces a folder meanwhile. Mount points further down
 * are skipped.
 * @param mounts absolute paths
 * @throws Error if the folder itself cannot be read
 */
export function handOver(folder: string, owner: Owner, mounts: ReadonlySet<string>): Handover {
  if (isOwnedBy(lstatSync(folder), owner)) return { given: 0, problem: undefined };
  const work = new HandingOver(owner, mounts);
  work.folder(folder, folder);
  return work;
}

function isOwnedBy({ uid, gid }: Stats, owner: Owner): boolean {
  return uid === owner.uid && gid === owner.gid;
}

class HandingOver implements Handover {
  given = 0;
  problem: string | undefined;
  readonly #owner: Owner;
  readonly #mounts: ReadonlySet<string>;
  #failures = 0;

  constructor(owner: Owner, mounts: ReadonlySet<string>) {
    this.#owner = owner;
    this.#mounts = mounts;
  }

  /**
   * @param place path through an open folder's descriptor, so that no part of it is a link
   * @param path for messages
   */
  folder(place: string, path: string): void {
    const fd = this.#try(path, () => this.#open(place));
    if (fd === undefined) return;
    try {
      const entries = readdirSync(`/proc/self/fd/${fd}`, { withFileTypes: true });
      for (const entry of entries) this.#entry(`/proc/self/fd/${fd}/${entry.name}`, join(path, entry.name), entry);
      if (isOwnedBy(fstatSync(fd), this.#owner)) return;
      this.#try(path, () => {
        fchownSync(fd, this.#owner.uid, this.#owner.gid);
        this.given += 1;
      });
    } finally {
      closeSync(fd);
    }
  }

  #entry(place: string, path: string, entry: Dirent): void {
    if (this.#failures >= maxFailures || this.#mounts.has(path)) return;
    if (entry.isDirectory()) this.folder(place, path);
    else this.#file(place, path);
  }

  #file(place: string, path: string): void {
    this.#try(path, () => {
      if (isOwnedBy(lstatSync(place), this.#owner)) return;
      lchownSync(place, this.#owner.uid, this.#owner.gid);
      this.given += 1;
    });
  }

  /**
   * Opens a folder. Root without CAP_DAC_OVERRIDE cannot read another user's private folder, but can own it meanwhile. A folder
   * that the new owner already has need not be read.
   */
  #open(place: string): number | undefined {
    try {
      return openSync(place, folderFlags);
    } catch (error) {
      if (!hasCode(error, "EACCES")) throw error;
      if (isOwnedBy(lstatSync(place), this.#owner)) return undefined;
      lchownSync(place, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
      return openSync(place, folderFlags);
    }
  }

  #try<Result>(path: string, work: () => Result): Result | undefined {
    try {
      return work();
    } catch (error) {
      // Another server of the same user deleted or replaced it meanwhile.
      if (isMissing(error)) return undefined;
      this.#failures += 1;
      this.problem ??= `${path}: ${errorCodeOf(error) ?? String(error)}`;
      return undefined;
    }
  }
}
