import { existsSync } from "node:fs";
import { constants, copyFile, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../../base/error-code.ts";
import { reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { unlessMissing } from "../../system/missing-file.ts";
import type { GuestWrite } from "../../workspace/guest.ts";
import { keptName, pruneShares } from "./kept-files.ts";

/** Larger files are listed as changed, without what they were. Bytes. */
const maxOriginalSize = 5_000_000;
/** For one share. Bytes. */
const maxBytes = 100_000_000;

/**
 * The contents of files before a guest of a share first changed them, kept in the gateway's data folder so that the owner
 * can compare (RULES R11). The audit records who changed what.
 */
export class Originals {
  readonly #folder: string;
  readonly #logger: Logger;
  readonly #bytes = new Map<string, number>();

  constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  /** Takes note of what a guest has done to a file. */
  async note(share: string, { path, to, original }: Pick<GuestWrite, "path" | "to" | "original">): Promise<void> {
    if (to !== undefined) await this.#follow(share, path, to);
    else if (original !== undefined) await this.keep(share, path, original);
  }

  /**
   * Keeps the first content of a file; later ones of the same path change nothing. What cannot be kept is logged: a guest's save
   * does not fail for it.
   * @param content null: there was no file
   */
  async keep(share: string, path: string, content: Buffer | null): Promise<void> {
    const bytes = content ?? Buffer.alloc(0);
    if (bytes.length > maxOriginalSize || !(await this.#hasRoom(share, bytes.length))) return;
    await this.#try(path, async () => {
      await mkdir(this.#folderOf(share), { recursive: true, mode: 0o700 });
      await writeFile(this.#fileOf(share, path), bytes, { flag: "wx", mode: 0o600 });
      this.#bytes.set(share, (this.#bytes.get(share) ?? 0) + bytes.length);
    });
  }

  /** It has another name now: what it was before goes with it. */
  async #follow(share: string, from: string, to: string): Promise<void> {
    await this.#try(to, () => copyFile(this.#fileOf(share, from), this.#fileOf(share, to), constants.COPYFILE_EXCL));
  }

  /** @returns undefined where nothing was kept */
  async find(share: string, path: string): Promise<Buffer | undefined> {
    return unlessMissing(readFile(this.#fileOf(share, path)));
  }

  has(share: string, path: string): boolean {
    return existsSync(this.#fileOf(share, path));
  }

  /** Removes what the audit no longer covers. */
  async prune(now: number): Promise<void> {
    await this.#try(this.#folder, () => pruneShares(this.#folder, now));
  }

  async #hasRoom(share: string, size: number): Promise<boolean> {
    const known = this.#bytes.get(share) ?? (await this.#measure(share));
    this.#bytes.set(share, known);
    return known + size <= maxBytes;
  }

  async #measure(share: string): Promise<number> {
    let bytes = 0;
    await this.#try(share, async () => {
      const folder = this.#folderOf(share);
      for (const name of await readdir(folder)) bytes += (await stat(join(folder, name))).size;
    });
    return bytes;
  }

  /** Missing and already there are no failures. */
  async #try(path: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (hasCode(error, "ENOENT", "EEXIST")) return;
      this.#logger.warn({ path, reason: reasonOf(error) }, "what a guest changed cannot be compared later");
    }
  }

  #folderOf(share: string): string {
    return join(this.#folder, share);
  }

  #fileOf(share: string, path: string): string {
    return join(this.#folderOf(share), keptName(path));
  }
}
