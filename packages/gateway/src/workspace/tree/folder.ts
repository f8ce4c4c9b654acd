import type { BigIntStats } from "node:fs";
import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir, readlink } from "node:fs/promises";
import type { EntryKind } from "@waiide/protocol";

/** Linux's O_PATH, which Node does not name: a handle on a place, which is neither read nor written, nor woken up. */
const pathOnly = 0o10000000;

/**
 * An open folder. Operations on its entries use the handle, so that they stay in this folder whatever happens to its path
 * (RULES R9).
 */
export class Folder {
  readonly #handle: FileHandle;
  readonly #isBorrowed: boolean;

  /** @param isBorrowed another owner closes the handle, later */
  constructor(handle: FileHandle, isBorrowed = false) {
    this.#handle = handle;
    this.#isBorrowed = isBorrowed;
  }

  /** Opens a folder by its path, links included: for the root alone. */
  static async open(path: string): Promise<Folder> {
    return new Folder(await open(path, pathOnly | constants.O_DIRECTORY));
  }

  /** Another handle on the same folder. */
  duplicate(): Promise<FileHandle> {
    return open(this.path, pathOnly | constants.O_DIRECTORY);
  }

  /** The folder itself, as this process can name it. */
  get path(): string {
    return `/proc/self/fd/${this.#handle.fd}`;
  }

  /** An entry, as this process can name it. `name` is one segment, never `.` or `..`. */
  entry(name: string): string {
    return `${this.path}/${name}`;
  }

  /** @throws ENOTDIR for everything else, links included */
  async openFolder(name: string): Promise<Folder> {
    return new Folder(await open(this.entry(name), pathOnly | constants.O_DIRECTORY | constants.O_NOFOLLOW));
  }

  /** A handle on an entry, a link as itself: it can be asked for its stats, and opened by `/proc/self/fd`. */
  openEntry(name: string): Promise<FileHandle> {
    return open(this.entry(name), pathOnly | constants.O_NOFOLLOW);
  }

  stat(): Promise<BigIntStats> {
    return this.#handle.stat({ bigint: true });
  }

  /** Of the entry itself, if it is a link. */
  statEntry(name: string): Promise<BigIntStats> {
    return lstat(this.entry(name), { bigint: true });
  }

  readLink(name: string): Promise<string> {
    return readlink(this.entry(name));
  }

  /** In no order. Names that are not UTF-8 come with replacement characters, and cannot be opened. */
  names(): Promise<string[]> {
    return readdir(this.path);
  }

  /** With the kinds that the folder itself records; `other` includes links. */
  async entries(): Promise<{ name: string; kind: EntryKind | "other" }[]> {
    const entries = await readdir(this.path, { withFileTypes: true });
    return entries.map((entry) => {
      const kind = entry.isFile() ? "file" : entry.isDirectory() ? "folder" : "other";
      return { name: entry.name, kind };
    });
  }

  /** The same folder for a user who is done before this one is closed. */
  borrow(): Folder {
    return new Folder(this.#handle, true);
  }

  async close(): Promise<void> {
    if (!this.#isBorrowed) await this.#handle.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
