import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Copy, CopyChoice } from "@waiide/protocol";
import { GatewayError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { SerialQueue } from "../../base/serial-queue.ts";
import { describeEnvironment, type Environment, type ServerEnvironment } from "../../environment/environment.ts";
import { unlessMissing } from "../../system/missing-file.ts";
import type { FileLimits } from "../../workspace/limits.ts";
import type { Workspace } from "../../workspace/workspace.ts";
import type { ShareTable } from "../records/table.ts";
import type { StoredShare } from "../store/stored.ts";
import { type ArchiveKind, ArchiveTooLarge, writeArchive } from "./archive-writer.ts";
import { copyOf } from "./copy-choice.ts";
import { copiedFiles, copyContent, copyName, hashOf, sharedFolder } from "./copy-content.ts";
import { entriesOf } from "./copy-entries.ts";
import { type Walked, type WalkLimits, walk } from "./copy-walk.ts";

/** Files may change without being looked at again for this long. Milliseconds. */
const freshFor = 60_000;
/** Seconds after which those are asked to come back who come while a copy is made. */
const retryAfter = 5;

export interface CopiesOptions {
  /** In the gateway's data, outside of every scope. */
  readonly folder: string;
  readonly table: Pick<ShareTable, "shareActor" | "findLive" | "policy">;
  /** The files that guests of a share see. */
  readonly openFiles: (share: StoredShare) => Promise<Workspace>;
  readonly server: ServerEnvironment;
  /** Name of the owner. */
  readonly owner: string;
  readonly limits: WalkLimits & { readonly archive: number };
  /** What must stay free on the disk. */
  readonly space: Pick<FileLimits, "minimumFree" | "minimumFreePart">;
  readonly logger: Logger;
  /** Milliseconds. */
  readonly clock?: () => number;
  /** How long a request waits for a copy that is being made. Milliseconds. */
  readonly patience?: number;
}

/** What a copy of a share consists of, at one time. */
interface Described {
  /** What the owner chose, hashed, and of which commit. */
  readonly choice: string;
  /** The same with all that was found. */
  readonly key: string;
  readonly copy: Copy;
  readonly environment: Environment;
  /** The archives that were made of it: their files. */
  readonly archives: Map<ArchiveKind, Promise<string>>;
  checkedAt: number;
}

/** An archive to send. The caller closes the handle. */
export interface OpenedArchive {
  readonly handle: FileHandle;
  readonly size: number;
  readonly name: string;
  readonly etag: string;
}

/**
 * What others may copy of each share. A description and an archive are made once, for all who ask, with a guest's rights: what
 * guests cannot read is in none (RULES R29).
 */
export class Copies {
  readonly #options: CopiesOptions;
  readonly #described = new Map<string, Promise<Described>>();
  /** One after the other: packing takes disk and time. */
  readonly #making = new SerialQueue();
  readonly #closed = new AbortController();

  constructor(options: CopiesOptions) {
    this.#options = options;
  }

  /** @throws GatewayError SHARE_NO_COPY, SHARE_COPY_BUSY, SHARE_COPY_FAILED */
  async describe(share: StoredShare): Promise<Copy> {
    return (await this.#patiently(this.#current(share))).copy;
  }

  /** @throws GatewayError SHARE_NO_COPY, SHARE_COPY_BUSY, SHARE_COPY_FAILED */
  async archive(share: StoredShare, kind: ArchiveKind): Promise<OpenedArchive> {
    const described = await this.#patiently(this.#current(share));
    const file = await this.#patiently(this.#archiveOf(share, described, kind));
    const handle = await unlessMissing(open(file));
    // A newer one has just taken its place.
    if (handle === undefined) throw busy();
    const { size } = await handle.stat();
    return { handle, size, name: described.copy.name, etag: `"${described.key}"` };
  }

  /** The share has ended, or offers no copy any more. */
  async remove(id: string): Promise<void> {
    if (!this.#described.delete(id)) return;
    await this.#making.run(() => rm(join(this.#options.folder, id), { recursive: true, force: true }));
  }

  /** Copies are made anew after a start. */
  async recover(): Promise<void> {
    await this.#making.run(() => rm(this.#options.folder, { recursive: true, force: true }));
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#making.settled();
  }

  /** The description as it is now; the files are looked at again after a while. */
  async #current(share: StoredShare): Promise<Described> {
    const { table, clock = Date.now } = this.#options;
    const choice = copyOf(share, table.policy);
    if (choice === null) {
      await this.remove(share.id);
      throw new GatewayError("SHARE_NO_COPY");
    }
    const known = this.#described.get(share.id);
    const earlier = known && (await known.catch(() => undefined));
    const isFresh = earlier !== undefined && clock() - earlier.checkedAt < freshFor;
    if (isFresh && earlier.choice === choiceOf(share, choice)) return earlier;
    const other = this.#described.get(share.id);
    // Somebody else began to look while this one waited.
    if (other !== undefined && other !== known) return other;
    const describing = this.#making.run(() => this.#describe(share, choice, earlier));
    this.#described.set(share.id, describing);
    describing.catch(() => {
      if (this.#described.get(share.id) === describing) this.#described.delete(share.id);
    });
    return describing;
  }

  async #describe(share: StoredShare, choice: CopyChoice, earlier: Described | undefined): Promise<Described> {
    const { server, owner, clock = Date.now } = this.#options;
    return this.#withFiles(share, async (walked) => {
      const folder = share.shownCommit === null ? join(share.root, sharedFolder(share.scope)) : undefined;
      const environment = await describeEnvironment({ files: walked, folder, name: copyName(share), server }, choice);
      const files = copiedFiles(walked, choice, environment);
      const copy = copyContent({ share, owner, choice, walked, files, environment });
      const key = hashOf([files, copy, [...environment.written]]);
      const checkedAt = clock();
      if (earlier?.key === key) return Object.assign(earlier, { checkedAt });
      if (earlier !== undefined) await this.#drop(earlier);
      return { choice: choiceOf(share, choice), key, copy, environment, archives: new Map(), checkedAt };
    });
  }

  /** Those who fetch an archive of it go on: they have it open. */
  async #drop({ archives }: Described): Promise<void> {
    const files = await Promise.allSettled(archives.values());
    archives.clear();
    for (const one of files) if (one.status === "fulfilled") await rm(one.value, { force: true });
  }

  #archiveOf(share: StoredShare, described: Described, kind: ArchiveKind): Promise<string> {
    const known = described.archives.get(kind);
    if (known !== undefined) return known;
    const making = this.#making.run(() => this.#make(share, described, kind));
    described.archives.set(kind, making);
    making.catch(() => described.archives.delete(kind));
    return making;
  }

  async #make(share: StoredShare, { copy, environment }: Described, kind: ArchiveKind): Promise<string> {
    const { folder, limits, logger, table } = this.#options;
    const choice = copyOf(share, table.policy);
    if (choice === null) throw new GatewayError("SHARE_NO_COPY");
    const own = join(folder, share.id);
    await mkdir(own, { recursive: true, mode: 0o700 });
    await this.#requireSpace(own);
    const file = join(own, randomBytes(8).toString("hex"));
    try {
      await this.#withFiles(share, (walked, guest) => {
        const files = copiedFiles(walked, choice, environment);
        return writeArchive(kind, file, entriesOf(copy, environment, files, guest), limits.archive);
      });
      // Its end removed the folder, or will not: nothing of it may stay.
      if (table.findLive(share.id) === undefined) throw new GatewayError("SHARE_LOGIN");
      return file;
    } catch (error) {
      await rm(file, { force: true });
      if (error instanceof GatewayError) throw error;
      if (error instanceof ArchiveTooLarge) throw failed("the archive is too large");
      logger.warn({ err: error, share: share.id }, "the archive of a copy could not be made");
      throw failed("a file could not be read; it may have changed meanwhile");
    }
  }

  /** Looks at a share's files as any of its guests does; that ends with the share. */
  async #withFiles<Result>(
    share: StoredShare,
    use: (walked: Walked, guest: ReturnType<Workspace["guest"]>) => Promise<Result>,
  ): Promise<Result> {
    const { openFiles, table, limits } = this.#options;
    const workspace = await openFiles(share);
    const guest = workspace.guest({
      share: share.id,
      session: `copy-${share.id}`,
      actor: () => table.shareActor(share.id),
      onChanges: () => undefined,
      onWrite: () => undefined,
    });
    const scope = { folder: sharedFolder(share.scope), show: share.scope.show ?? [] };
    try {
      return await use(await walk(workspace, guest, scope, limits, this.#closed.signal), guest);
    } finally {
      guest.close();
    }
  }

  async #requireSpace(path: string): Promise<void> {
    const { minimumFree, minimumFreePart } = this.#options.space;
    const { bavail, blocks, bsize } = await statfs(path);
    const left = bavail * bsize;
    if (left < minimumFree || left < minimumFreePart * blocks * bsize) throw failed("the owner's disk is almost full");
  }

  /** A class that comes at once waits a little, and is then asked to come back. */
  async #patiently<Result>(work: Promise<Result>): Promise<Result> {
    const { patience = 20_000 } = this.#options;
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(busy()), patience);
    try {
      return await Promise.race([work, promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** What an archive depends on besides the files. */
function choiceOf({ scope, shownCommit }: StoredShare, choice: CopyChoice): string {
  return hashOf([choice, scope, shownCommit?.id]);
}

function busy(): GatewayError {
  return new GatewayError("SHARE_COPY_BUSY", { seconds: retryAfter });
}

function failed(reason: string): GatewayError {
  return new GatewayError("SHARE_COPY_FAILED", { reason });
}
