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

/** To whom files are given. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** What giving a tree away came to. */
export interface Handover {
  /** How many files and folders changed their owner. */
  readonly given: number;
  /** The first thing that could not be given, with the reason. */
  readonly problem: string | undefined;
}

/** Where nothing can be given, as on a file system that distrusts root, there is no use in trying each file. */
const maxFailures = 100;

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Gives a folder and all below it to somebody, unless it is his already: then all below it counts as his, too, and
 * nothing is looked at. What holds something is given after what it holds, so an interrupted handover is taken up again. Links
 * are given, never followed, also by folders that somebody replaces by links meanwhile. What is mounted further down is
 * somebody else's business.
 * @param mounts absolute paths
 * @throws Error where the folder itself cannot be looked at
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
   * @param place how the system finds it: below an open folder, so that no step on the way is a link
   * @param path what it is called
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
   * Opens a folder. Root without its power over files (CAP_DAC_OVERRIDE) cannot look into another's private folder, but may
   * own it meanwhile; into one that is the new owner's already it need not look.
   */
  #open(place: string): number | undefined {
    try {
      return openSync(place, folderFlags);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
      if (isOwnedBy(lstatSync(place), this.#owner)) return undefined;
      lchownSync(place, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
      return openSync(place, folderFlags);
    }
  }

  #try<Result>(path: string, work: () => Result): Result | undefined {
    try {
      return work();
    } catch (error) {
      const { code = String(error) } = error as NodeJS.ErrnoException;
      // Deleted or replaced meanwhile by another server of the same user.
      if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") return undefined;
      this.#failures += 1;
      this.problem ??= `${path}: ${code}`;
      return undefined;
    }
  }
}
