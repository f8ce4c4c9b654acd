import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, statfs } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import type { CopyRun } from "@waiide/protocol";
import { hasCode } from "../base/error-code.ts";
import { GatewayError } from "../base/errors.ts";
import { findRuns } from "../environment/runs.ts";
import { Lease } from "../system/lease.ts";
import { isMissing } from "../system/missing-file.ts";
import type { ArchiveLimits, Plan } from "./archive/entry-rules.ts";
import { unpackArchive } from "./archive/unpack.ts";
import { isTaken } from "./place.ts";
import { CopyRefusal } from "./refusal.ts";

export interface StagingLimits extends ArchiveLimits {
  /** Of the archive. Bytes. */
  readonly archive: number;
}

/** RULES R29: packed, unpacked, and how many files. */
export const copyLimits = { archive: 500 * 1024 ** 2, size: 2 * 1024 ** 3, entries: 50_000 } as const;

/** What stays free on the disk. Bytes. */
const reserve = 16 * 1024 ** 2;
/** Of the sign of life, and the silence after which a program on another machine counts as dead. Milliseconds. */
const beatInterval = 10_000;
const staleAfter = 120_000;
/** What is set aside gets this at the end of its name. */
const asideSuffix = ".copied";
/** Larger files are no settings. Bytes. */
const maxReadFile = 1024 ** 2;

export interface Unpacked {
  readonly plan: Plan;
  readonly setAside: readonly string[];
}

/**
 * A folder beside the target in which a copy grows until it is whole (RULES R29). A killed program leaves nothing else, and
 * whoever looks next removes it.
 */
export class Staging {
  readonly folder: string;
  readonly #limits: StagingLimits;
  readonly #beat: NodeJS.Timeout;
  #received = 0;

  private constructor(folder: string, lease: Lease, limits: StagingLimits) {
    this.folder = folder;
    this.#limits = limits;
    this.#beat = setInterval(() => this.#live(lease), beatInterval).unref();
  }

  /** @param folder must not exist */
  static async make(folder: string, limits: StagingLimits = copyLimits): Promise<Staging> {
    await mkdir(folder, { mode: 0o700 });
    const lease = takeLease(folder);
    if (lease === undefined) throw new CopyRefusal("another program uses its folder");
    return new Staging(folder, lease, limits);
  }

  /** Removes what a killed program left. @returns whether it is gone */
  static async sweep(folder: string): Promise<boolean> {
    if (!(await isTaken(folder))) return true;
    if (takeLease(folder) === undefined) return false;
    await rm(folder, { recursive: true, force: true });
    return true;
  }

  get received(): number {
    return this.#received;
  }

  /** Bytes of the archive, in their order. @throws CopyRefusal, and errors of the disk */
  async receive(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    const output = createWriteStream(this.#archive, { flags: "a", mode: 0o600 });
    await this.#minding(pipeline(this.#counted(chunks), output, { signal }));
  }

  /** @param top the folder in the archive in which everything lies @throws CopyRefusal, GatewayError COPY_DISK_FULL */
  async unpack(top: string, signal: AbortSignal): Promise<Unpacked> {
    const plan = await this.#minding(
      unpackArchive({
        archive: this.#archive,
        to: this.files,
        top,
        limits: this.#limits,
        signal,
        onPlan: ({ size }) => this.#requireSpace(size),
      }),
    );
    return { plan, setAside: await setAsideTasks(this.files, plan) };
  }

  get files(): string {
    return join(this.folder, "files");
  }

  /** What programs would start by themselves in it, as the files say that were unpacked. */
  async runs(): Promise<CopyRun[]> {
    const found = await readdir(this.files, { recursive: true, withFileTypes: true });
    const paths = found
      .filter((one) => one.isFile())
      .map((one) => relative(this.files, join(one.parentPath, one.name)));
    return findRuns({ paths, read: (path) => textOf(join(this.files, path)) });
  }

  /**
   * Gives the finished copy its name. A rename takes the place of an empty folder at most.
   * @throws CopyRefusal if something has that name by now
   */
  async settle(target: string): Promise<void> {
    if (await isTaken(target)) throw new CopyRefusal(`there is something at ${target} by now`);
    try {
      await rename(this.files, target);
    } catch (error) {
      if (!hasCode(error, "EEXIST", "ENOTEMPTY", "ENOTDIR", "EISDIR")) throw error;
      throw new CopyRefusal(`there is something at ${target} by now`, { cause: error });
    }
  }

  async remove(): Promise<void> {
    clearInterval(this.#beat);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Another program may have taken the folder for a dead one's. */
  #live(lease: Lease): void {
    try {
      lease.beat();
    } catch (error) {
      clearInterval(this.#beat);
      if (!isMissing(error)) throw error;
    }
  }

  get #archive(): string {
    return join(this.folder, "archive.zip");
  }

  async *#counted(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of chunks) {
      this.#received += chunk.length;
      if (this.#received > this.#limits.archive) {
        throw new CopyRefusal(`its archive is larger than ${Math.floor(this.#limits.archive / 1024 ** 2)} MB`);
      }
      yield chunk;
    }
  }

  async #requireSpace(size: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.folder);
    const free = bavail * bsize;
    if (free < size + reserve) throw diskFull(free, size + reserve);
  }

  async #minding<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      if (!hasCode(error, "ENOSPC", "EDQUOT", "EFBIG")) throw error;
      const { bavail, bsize } = await statfs(dirname(this.folder));
      throw diskFull(bavail * bsize, bavail * bsize + 1024 ** 2, error);
    }
  }
}

function takeLease(folder: string): Lease | undefined {
  const lease = Lease.take({ file: join(folder, "lease"), token: randomUUID(), staleAfter });
  return lease instanceof Lease ? lease : undefined;
}

function diskFull(free: number, needed: number, cause?: unknown): GatewayError {
  const inMegabytes = (bytes: number) => Math.ceil(bytes / 1024 ** 2);
  const details = { free: Math.floor(free / 1024 ** 2), needed: inMegabytes(needed) };
  return new GatewayError("COPY_DISK_FULL", details, { cause });
}

/**
 * Tasks that VS Code would start when the folder opens: their files stay readable under another name. Whoever trusts the folder
 * later decides about them apart from that.
 */
async function setAsideTasks(folder: string, { files }: Plan): Promise<string[]> {
  const taken = new Set(files.map(({ path }) => path));
  const aside: string[] = [];
  for (const { path } of files) {
    if (!/(?:^|\/)\.vscode\/tasks\.json$|\.code-workspace$/i.test(path)) continue;
    if (!(await startsTasks(join(folder, path)))) continue;
    let name = `${path}${asideSuffix}`;
    while (taken.has(name)) name = `${name}${asideSuffix}`;
    taken.add(name);
    await rename(join(folder, path), join(folder, name));
    aside.push(name);
  }
  return aside;
}

/** Errs on the side of yes: JSON may write the word with escapes. */
async function startsTasks(file: string): Promise<boolean> {
  const text = await textOf(file);
  return text === undefined || /runOn|\\u/i.test(text);
}

/** @returns undefined for what is too large */
async function textOf(file: string): Promise<string | undefined> {
  const handle = await open(file);
  try {
    return (await handle.stat()).size > maxReadFile ? undefined : await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}
