import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, rename, statfs, unlink } from "node:fs/promises";
import { hasCode } from "../../base/error-code.ts";
import { unlessMissing } from "../../system/missing-file.ts";
import { FileError, fileErrorOf } from "../file-error.ts";
import type { FileLimits } from "../limits.ts";
import { temporaryFileName } from "../rules/rules.ts";
import type { Folder } from "./folder.ts";

// Writes files whole or not at all: new content is complete on disk before it takes its place.

/** New files: for their owner to write, for others to read, never to run (RULES R11); the umask takes more away. */
const newFileMode = 0o644;

/** Mode and owner that a replacing file takes over. */
export interface FileAttributes {
  readonly mode: bigint;
  readonly uid: bigint;
  readonly gid: bigint;
}

/** New content beside a file, complete and on disk, not yet in its place. */
export class Replacement {
  readonly #folder: Folder;
  readonly #name: string;

  private constructor(folder: Folder, name: string) {
    this.#folder = folder;
    this.#name = name;
  }

  /** Writes the content under a name that guests never see. Nothing stays behind if that fails. */
  static async prepare(folder: Folder, content: Buffer, like: FileAttributes): Promise<Replacement> {
    const name = temporaryFileName(randomBytes(12).toString("hex"));
    const handle = await createExclusively(folder, name, 0o600);
    const replacement = new Replacement(folder, name);
    try {
      await handle.writeFile(content);
      await takeOver(handle, like);
      await handle.sync();
    } catch (error) {
      await replacement.discard();
      throw error;
    } finally {
      await handle.close();
    }
    return replacement;
  }

  /** Puts it in the place of `name`, in one step. A link of that name is replaced itself. */
  async commit(name: string): Promise<void> {
    await rename(this.#folder.entry(this.#name), this.#folder.entry(name));
  }

  async discard(): Promise<void> {
    await unlessMissing(unlink(this.#folder.entry(this.#name)));
  }
}

/**
 * Makes a file that was not there.
 * @throws EEXIST
 */
export async function createFile(folder: Folder, name: string, content: Buffer): Promise<void> {
  const handle = await createExclusively(folder, name, newFileMode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } catch (error) {
    await unlessMissing(unlink(folder.entry(name)));
    throw error;
  } finally {
    await handle.close();
  }
}

/**
 * @param bytes about to be written
 * @throws FileError NO_SPACE where less than the owner's reserve would be left (RULES R14)
 */
export async function requireSpace(folder: Folder, bytes: number, limits: FileLimits): Promise<void> {
  const { bavail, blocks, bsize } = await statfs(folder.path);
  const left = bavail * bsize - bytes;
  if (left < limits.minimumFree || left < limits.minimumFreePart * blocks * bsize) {
    throw new FileError("NO_SPACE", "The owner's disk is almost full: guests cannot write there now.");
  }
}

async function createExclusively(folder: Folder, name: string, mode: number): Promise<FileHandle> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  try {
    return await open(folder.entry(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  } catch (error) {
    // The system call alone would count as a read.
    throw hasCode(error, "EACCES", "EPERM") ? fileErrorOf(error, "change") : error;
  }
}

/**
 * The mode stays, without the bits that change who a program runs as; owner and group where the system permits it. The
 * rights of a group that could not stay are not given to another.
 */
async function takeOver(handle: FileHandle, { mode, uid, gid }: FileAttributes): Promise<void> {
  const ours = await handle.stat({ bigint: true });
  const isWhole = (uid === ours.uid && gid === ours.gid) || (await isPermitted(handle.chown(Number(uid), Number(gid))));
  const hasGroup = isWhole || gid === ours.gid || (await isPermitted(handle.chown(Number(ours.uid), Number(gid))));
  await handle.chmod(Number(mode & (hasGroup ? 0o777n : 0o707n)));
}

async function isPermitted(change: Promise<void>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    if (hasCode(error, "EPERM")) return false;
    throw error;
  }
}
