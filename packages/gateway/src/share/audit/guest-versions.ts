import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { GuestVersion } from "@waiide/protocol";
import { reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { listFolder, unlessMissing } from "../../system/missing-file.ts";
import { tooLarge } from "../../workspace/documents/content.ts";
import { keptName, retention } from "./kept-files.ts";

/** Of one share; the oldest go first. Bytes. */
const maxBytes = 100_000_000;
/** Of one share. */
const maxVersions = 500;
/** As `versionOf` makes them. */
const versionPattern = /^[0-9a-f]{64}$/;

/** Whose changes are in a version. */
export interface VersionWriters {
  /** Their names, for the owner. */
  readonly who: string;
  /** As `guestOf` says: they may have it back. */
  readonly guests: readonly string[];
}

/** The facts stored beside a version's content. */
interface About extends GuestVersion {
  /** Missing in versions of earlier releases, which only the owner gets. */
  readonly guests?: readonly string[];
}

/** A version with its content. */
export interface OwnVersion {
  readonly version: string;
  readonly at: string;
  readonly bytes: Buffer;
}

/** Where a guest's version belongs. */
export interface KeptUnder {
  readonly share: string;
  /** Relative to the share's root. */
  readonly path: string;
}

interface Stored {
  readonly name: string;
  readonly size: number;
  readonly at: number;
}

/**
 * What guests had written where the owner changed the same lines, in the gateway's data folder: whichever of the two their
 * editors then write, the other is there (RULES R13).
 */
export class GuestVersions {
  readonly #folder: string;
  readonly #logger: Logger;

  constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  /**
   * Resolves once it is on the disk.
   * @returns false where it could not be kept, which is logged
   */
  async keep({ share, path }: KeptUnder, version: string, content: Buffer, writers: VersionWriters): Promise<boolean> {
    try {
      if (content.length > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
      const file = this.#fileOf(share, path, version);
      await mkdir(this.#folderOf(share), { recursive: true, mode: 0o700 });
      // The same text again: its earlier writers keep their right to it.
      const before = (await this.#about(`${file}.json`))?.guests ?? [];
      await this.#makeRoom(share, content.length);
      await writeFile(file, content, { mode: 0o600, flush: true });
      const guests = [...new Set([...before, ...writers.guests])];
      const about: About = { version, at: new Date().toISOString(), who: writers.who, guests };
      await writeFile(`${file}.json`, JSON.stringify(about), { mode: 0o600, flush: true });
      return true;
    } catch (error) {
      this.#logger.warn({ share, path, reason: reasonOf(error) }, "a guest's version of a file could not be stored");
      return false;
    }
  }

  /** The newest first. */
  async list(under: KeptUnder): Promise<GuestVersion[]> {
    return (await this.#list(under)).map(({ version, at, who }) => ({ version, at, who }));
  }

  /**
   * A version that this guest wrote.
   * @param guest as `guestOf` names them
   * @param version default: the guest's newest
   * @param most bytes
   * @returns undefined where nothing was kept
   * @throws FileError TOO_LARGE
   */
  async findOwn(
    under: KeptUnder,
    guest: string,
    version: string | undefined,
    most: number,
  ): Promise<OwnVersion | undefined> {
    const own = (await this.#list(under)).filter(({ guests = [] }) => guests.includes(guest));
    const about = version === undefined ? own[0] : own.find((one) => one.version === version);
    if (about === undefined) return undefined;
    const size = (await unlessMissing(stat(this.#fileOf(under.share, under.path, about.version))))?.size ?? 0;
    if (size > most) throw tooLarge(most);
    const bytes = await this.find(under, about.version);
    return bytes && { version: about.version, at: about.at, bytes };
  }

  async #list({ share, path }: KeptUnder): Promise<About[]> {
    const names = await listFolder(this.#folderOf(share));
    const own = names.filter((name) => name.startsWith(`${keptName(path)}.`) && name.endsWith(".json"));
    const found = await Promise.all(own.map((name) => this.#about(join(this.#folderOf(share), name))));
    return found.filter((one) => one !== undefined).sort((one, other) => other.at.localeCompare(one.at));
  }

  /** @returns undefined where nothing of that name was kept */
  async find({ share, path }: KeptUnder, version: string): Promise<Buffer | undefined> {
    if (!versionPattern.test(version)) return undefined;
    return unlessMissing(readFile(this.#fileOf(share, path, version)));
  }

  /** Removes what the audit no longer covers. */
  async prune(now: number): Promise<void> {
    for (const share of await listFolder(this.#folder)) {
      for (const { name, at } of await this.#stored(share)) if (now - at > retention) await this.#remove(share, name);
    }
  }

  async #makeRoom(share: string, size: number): Promise<void> {
    const kept = (await this.#stored(share)).sort((one, other) => one.at - other.at);
    let bytes = kept.reduce((sum, one) => sum + one.size, size);
    for (const [index, { name, size: freed }] of kept.entries()) {
      if (bytes <= maxBytes && kept.length - index < maxVersions) return;
      await this.#remove(share, name);
      bytes -= freed;
    }
  }

  async #stored(share: string): Promise<Stored[]> {
    const folder = this.#folderOf(share);
    const names = await listFolder(folder);
    const contents = names.filter((name) => !name.endsWith(".json"));
    return Promise.all(
      contents.map(async (name) => {
        const { size, mtimeMs } = await stat(join(folder, name));
        return { name, size, at: mtimeMs };
      }),
    );
  }

  async #remove(share: string, name: string): Promise<void> {
    const file = join(this.#folderOf(share), name);
    await rm(`${file}.json`, { force: true });
    await rm(file, { force: true });
  }

  /** The facts about a version; undefined: it was removed meanwhile, or the machine stopped while writing it. */
  async #about(file: string): Promise<About | undefined> {
    const text = await unlessMissing(readFile(file, "utf8"));
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as About;
    } catch (error) {
      this.#logger.warn({ file, reason: reasonOf(error) }, "whose version of a file this is cannot be read");
      return undefined;
    }
  }

  #folderOf(share: string): string {
    return join(this.#folder, share);
  }

  #fileOf(share: string, path: string, version: string): string {
    return join(this.#folderOf(share), `${keptName(path)}.${version}`);
  }
}
