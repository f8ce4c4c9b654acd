import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../../base/error-code.ts";
import { reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { KeyedSerialQueue } from "../../base/serial-queue.ts";
import { listFolder, unlessMissing } from "../../system/missing-file.ts";
import { isText, versionOf } from "../../workspace/documents/content.ts";
import type { KeptUnder } from "./guest-versions.ts";
import { keptName, pruneShares } from "./kept-files.ts";

/** Of larger files it is not known whose changes are whose. Bytes. */
const maxSize = 5_000_000;
/** For one share. Bytes. */
const maxBytes = 100_000_000;

/** Why the changes of guests and others cannot be told apart: they met, or something was not kept. */
type Lost = "mixed" | "unknown";

/** A change by guests. null: there is no file; undefined: unknown. */
export interface SideWrite {
  /** With all changes of others until now. */
  readonly before: Buffer | null | Lost | undefined;
  readonly after: Buffer | null | undefined;
  /** Of the file, before and after: a write that is noted twice counts once. */
  readonly step: readonly [string | null, string | null];
}

/** What is known of a file that guests changed. Contents by their version; null: no file. */
export interface EditSide {
  /** As guests left it. */
  readonly guests: string | null;
  /** The same moment, without what guests changed. */
  readonly others?: string | null;
  /** In its place. */
  readonly lost?: Lost;
  /** Whether others changed it between two changes of guests. */
  readonly isBoth: boolean;
  readonly step: SideWrite["step"];
}

export interface EditSidesOptions {
  readonly folder: string;
  readonly logger: Logger;
  /** What the file held before the first change by guests, where it was kept; asked once that is known. */
  readonly original: (share: string, path: string) => Promise<Buffer | undefined>;
  /** Both changes of one base; undefined where they overlap. */
  readonly merge: (turn: string, base: string, mine: string, theirs: string) => Promise<string | undefined>;
}

/** A file as it would be without guests' changes. */
export type Apart = { readonly kind: "apart"; readonly content: Buffer | null } | { readonly kind: Lost };

/**
 * Tells the changes of a share's guests from everybody else's, so that the owner can take theirs back and keep their own
 * (RULES R11). For each file it keeps what guests left, and the same without their changes; each later change by others is merged
 * into the second. In the gateway's data folder.
 */
export class EditSides {
  readonly #options: EditSidesOptions;
  /** What guests wrote in a share is noted in its order. */
  readonly #turns = new KeyedSerialQueue();

  constructor(options: EditSidesOptions) {
    this.#options = options;
  }

  /** Notes a change; what cannot be kept is logged, and counts as unknown. */
  note(under: KeptUnder, write: SideWrite): Promise<void> {
    return this.#try(under, () => this.#note(under, write));
  }

  /** The file has another name now. */
  follow(under: KeptUnder, to: string): Promise<void> {
    return this.#try(under, async () => {
      const target = { share: under.share, path: to };
      const side = await this.#read(under);
      if (side === undefined) return;
      for (const version of versionsOf(side)) {
        const content = await this.#content(under, version);
        if (content !== undefined) await this.#write(this.#fileOf(target, version), content);
      }
      await this.#write(this.#fileOf(target), JSON.stringify(side));
      await this.#clean(target, side);
      // Under its former name guests left none.
      const gone: EditSide = { ...side, guests: null, step: [side.guests, null] };
      await this.#write(this.#fileOf(under), JSON.stringify(gone));
      await this.#clean(under, gone);
    });
  }

  async find(under: KeptUnder): Promise<EditSide | undefined> {
    return this.#turns.run(under.share, () => this.#read(under));
  }

  /** @returns undefined where it was not kept; empty where there was no file */
  contentOf(under: KeptUnder, side: "guests" | "others"): Promise<Buffer | undefined> {
    return this.#turns.run(under.share, async () => {
      const version = (await this.#read(under))?.[side];
      return version === null ? Buffer.alloc(0) : this.#content(under, version);
    });
  }

  /** What a file would be if guests had changed nothing; all other changes stay. @param now null: there is no file */
  without(under: KeptUnder, now: Buffer | null): Promise<Apart> {
    return this.#turns.run(under.share, async () => {
      const side = await this.#read(under);
      const content = side === undefined ? "unknown" : await this.#carry(under, side, now);
      return typeof content === "string" ? { kind: content } : { kind: "apart", content };
    });
  }

  /** Removes what the audit no longer covers. */
  prune(now: number): Promise<void> {
    return pruneShares(this.#options.folder, now);
  }

  async #note(under: KeptUnder, { before = "unknown", after, step }: SideWrite): Promise<void> {
    const known = await this.#read(under);
    if (known?.step[0] === step[0] && known.step[1] === step[1]) return;
    // A folder.
    if (known === undefined && before === "unknown" && after === null) return;
    const others = await this.#othersBefore(under, known, { before, step });
    const left = known === undefined ? step[0] : known.guests;
    const isBoth = known?.isBoth === true || typeof before === "string" || nameOf(before) !== left;
    const facts = { guests: step[1], isBoth, step };
    if (typeof others === "string") return this.#keep(under, { ...facts, lost: others }, [after]);
    const isKept = after !== undefined && (await this.#hasRoom(under, [others, after]));
    if (!isKept) return this.#keep(under, { ...facts, lost: "unknown" }, []);
    await this.#keep(under, { ...facts, others: nameOf(others) }, [others, after]);
  }

  async #keep(under: KeptUnder, side: EditSide, contents: readonly SideWrite["after"][]): Promise<void> {
    await mkdir(join(this.#options.folder, under.share), { recursive: true, mode: 0o700 });
    const there = contents.filter((content) => content != null);
    if (await this.#hasRoom(under, there)) {
      for (const content of there) await this.#write(this.#fileOf(under, versionOf(content)), content);
    }
    await this.#write(this.#fileOf(under), JSON.stringify(side));
    await this.#clean(under, side);
  }

  /** The file before guests' next change, without their earlier ones. */
  async #othersBefore(
    under: KeptUnder,
    known: EditSide | undefined,
    { before = "unknown", step }: Pick<SideWrite, "before" | "step">,
  ): Promise<Buffer | null | Lost> {
    if (known?.lost !== undefined) return known.lost;
    if (typeof before === "string") return before;
    if (known !== undefined) return this.#carry(under, known, before);
    const original = await this.#options.original(under.share, under.path);
    // Else guests changed it before, and what they left was not kept.
    return original !== undefined && versionOf(original) === (step[0] ?? versionOf("")) ? before : "unknown";
  }

  /** Others' changes since guests left the file, made to the side without guests' changes. */
  async #carry(under: KeptUnder, side: EditSide, now: Buffer | null): Promise<Buffer | null | Lost> {
    const { guests, others = null, lost } = side;
    if (lost !== undefined) return lost;
    const mine = others === null ? null : await this.#content(under, others);
    if (mine === undefined) return "unknown";
    if (nameOf(now) === guests) return mine;
    const base = guests === null ? undefined : await this.#content(under, guests);
    if (base === undefined || mine === null || now === null) return "mixed";
    if (![base, mine, now].every(isText)) return "mixed";
    const texts = [base, mine, now].map(String) as [string, string, string];
    const merged = await this.#options.merge(`sides of ${under.share}`, ...texts);
    return merged === undefined ? "mixed" : Buffer.from(merged);
  }

  async #hasRoom({ share }: KeptUnder, contents: readonly (Buffer | null)[]): Promise<boolean> {
    const sizes = contents.map((content) => content?.length ?? 0);
    if (sizes.some((size) => size > maxSize)) return false;
    const folder = join(this.#options.folder, share);
    let bytes = sizes.reduce((sum, size) => sum + size, 0);
    for (const name of await listFolder(folder)) bytes += (await stat(join(folder, name))).size;
    return bytes <= maxBytes;
  }

  async #read(under: KeptUnder): Promise<EditSide | undefined> {
    const text = await unlessMissing(readFile(this.#fileOf(under), "utf8"));
    // The machine stopped while writing it.
    return text === undefined || !text.endsWith("}") ? undefined : (JSON.parse(text) as EditSide);
  }

  async #content(under: KeptUnder, version: string | null | undefined): Promise<Buffer | undefined> {
    return version == null ? undefined : unlessMissing(readFile(this.#fileOf(under, version)));
  }

  /** Whole or not at all. */
  async #write(file: string, content: Buffer | string): Promise<void> {
    const temporary = `${file}.${randomUUID()}`;
    await writeFile(temporary, content, { mode: 0o600 });
    await rename(temporary, file);
  }

  /** Removes contents that count no more. */
  async #clean(under: KeptUnder, side: EditSide): Promise<void> {
    const prefix = keptName(under.path);
    const needed = [prefix, ...versionsOf(side).map((version) => `${prefix}.${version}`)];
    const folder = join(this.#options.folder, under.share);
    for (const name of await readdir(folder)) {
      if (name.startsWith(prefix) && !needed.includes(name)) await rm(join(folder, name), { force: true });
    }
  }

  async #try(under: KeptUnder, work: () => Promise<void>): Promise<void> {
    try {
      await this.#turns.run(under.share, work);
    } catch (error) {
      const { path } = under;
      this.#options.logger.warn({ path, reason: reasonOf(error) }, "whose changes a file has cannot be told later");
      await rm(this.#fileOf(under), { force: true }).catch((reason: unknown) => {
        if (!hasCode(reason, "ENOENT", "ENOTDIR")) throw reason;
      });
    }
  }

  #fileOf({ share, path }: KeptUnder, version?: string): string {
    const name = version === undefined ? keptName(path) : `${keptName(path)}.${version}`;
    return join(this.#options.folder, share, name);
  }
}

function versionsOf({ guests, others }: EditSide): string[] {
  return [guests, others].filter((version) => version != null);
}

function nameOf(content: Buffer | null): string | null {
  return content === null ? null : versionOf(content);
}
