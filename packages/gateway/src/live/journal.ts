import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fdatasync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { ChangeJsonSchema, WholeNumber } from "@waiide/protocol";
import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import { type Author, AuthorSchema } from "./author.ts";

/** Changes reach the disk itself at the latest after so many milliseconds: what a power failure may take. */
const flushInterval = 100;
/** A journal that was longer than this when the file was saved begins anew. Bytes. */
const compactSize = 1024 * 1024;

/** How a journal's name ends that was put aside, and how long it is kept. Milliseconds. */
const asideEnd = ".unreadable";
const keptAside = 30 * 24 * 3_600_000;

const Rev = WholeNumber();

/** What the file holds, as far as is known: the text of `rev`, unless another text is given. */
const DiskSchema = Type.Object({ rev: Rev, version: Type.String(), text: Type.Optional(Type.String()) });

const HeaderSchema = Type.Object({
  journal: Type.Literal(1),
  /** Where the file is: absolute path of a shared folder, and from there. */
  root: Type.String(),
  path: Type.String(),
  epoch: Type.String(),
  /** Of `text`. */
  rev: Rev,
  text: Type.String(),
  eol: Type.Union([Type.Literal("\n"), Type.Literal("\r\n")]),
  mark: Type.String(),
  disk: DiskSchema,
  /** The last change of each client. */
  clients: Type.Record(Type.String(), WholeNumber()),
});
export type JournalHeader = Static<typeof HeaderSchema>;

const ChangeRecordSchema = Type.Object({
  /** After the change. */
  rev: Rev,
  /** Number of the author, in the order of their records. */
  by: Rev,
  client: Type.String(),
  seq: WholeNumber(),
  change: ChangeJsonSchema,
});
export type ChangeRecord = Static<typeof ChangeRecordSchema>;

const AuthorRecordSchema = Type.Object({ author: AuthorSchema });
const SavedRecordSchema = Type.Object({ saved: DiskSchema });
export type DiskRecord = Static<typeof DiskSchema>;

const isHeader = Compile(HeaderSchema);
const isChange = Compile(ChangeRecordSchema);
const isAuthor = Compile(AuthorRecordSchema);
const isSaved = Compile(SavedRecordSchema);

/** A journal as it was found. */
export interface JournalContent {
  readonly header: JournalHeader;
  readonly authors: readonly Author[];
  /** Changes up to the header's revision are history only; those after it are in no text yet. */
  readonly changes: readonly ChangeRecord[];
  readonly disk: DiskRecord;
}

/**
 * One live file's journal: a header and a line for each change, written before anybody sees the change. What was acknowledged
 * survives the end of the process at any instant (RULES R24). Lines that a crash cut off are dropped.
 */
export class Journal {
  readonly #file: string;
  #descriptor: number;
  #size: number;
  readonly #authors = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  private constructor(file: string, descriptor: number, size: number) {
    this.#file = file;
    this.#descriptor = descriptor;
    this.#size = size;
  }

  /** @param place absolute path of the live file */
  static fileOf(folder: string, place: string): string {
    return join(folder, `${createHash("sha256").update(place).digest("hex")}.log`);
  }

  /** Begins a journal, in place of one that there was. */
  static create(file: string, header: JournalHeader): Journal {
    mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
    const journal = new Journal(file, openSync(`${file}.new`, "w", 0o600), 0);
    journal.#append(header);
    renameSync(`${file}.new`, file);
    return journal;
  }

  /** @returns undefined where there is none that can be read */
  static read(file: string): JournalContent | undefined {
    if (!existsSync(file)) return undefined;
    const lines = readFileSync(file, "utf8").split("\n");
    // What stands after the last line end was cut off.
    const records = lines.slice(0, -1).map(parse);
    const [header, ...rest] = records;
    return isHeader.Check(header) ? contentOf(header, rest) : undefined;
  }

  static remove(file: string): void {
    rmSync(file, { force: true });
  }

  /**
   * Puts one aside that cannot be understood, as it may hold what people wrote. It stays for 30 days.
   */
  static putAside(file: string): void {
    renameSync(file, `${file}${asideEnd}`);
  }

  /** Deletes journals that were put aside long ago, and what was left of beginning one. @param names of files in the folder */
  static prune(folder: string, names: readonly string[], now: number): void {
    for (const name of names) {
      const file = join(folder, name);
      const isOld = name.endsWith(asideEnd) && statSync(file).mtimeMs < now - keptAside;
      if (isOld || name.endsWith(".new") || name.endsWith(".next")) rmSync(file, { force: true });
    }
  }

  /** Whether it is worth beginning anew. */
  get isLong(): boolean {
    return this.#size > compactSize;
  }

  /** @throws ENOSPC and the like: then the change is not in it */
  change(author: Author, record: Omit<ChangeRecord, "by">): void {
    this.#append({ ...record, by: this.#numberOf(author) });
  }

  saved(disk: DiskRecord): void {
    this.#append({ saved: disk });
  }

  /** Begins anew with another header. @param past changes up to the header's revision, for those who come back */
  restart(header: JournalHeader, past: readonly (Omit<ChangeRecord, "by"> & { author: Author })[]): void {
    const fresh = Journal.create(`${this.#file}.next`, header);
    for (const { author, ...record } of past) fresh.change(author, record);
    renameSync(`${this.#file}.next`, this.#file);
    closeSync(this.#descriptor);
    clearTimeout(fresh.#timer);
    this.#descriptor = fresh.#descriptor;
    this.#size = fresh.#size;
    this.#authors.clear();
    for (const [key, number] of fresh.#authors) this.#authors.set(key, number);
    this.#flushSoon();
  }

  /** @param isNeeded whether it stays for the next start */
  close(isNeeded: boolean): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    closeSync(this.#descriptor);
    if (!isNeeded) Journal.remove(this.#file);
  }

  #numberOf(author: Author): number {
    const key = JSON.stringify(author);
    const known = this.#authors.get(key);
    if (known !== undefined) return known;
    this.#append({ author });
    this.#authors.set(key, this.#authors.size);
    return this.#authors.size - 1;
  }

  #append(record: object): void {
    const bytes = Buffer.from(`${JSON.stringify(record)}\n`);
    let written = 0;
    try {
      while (written < bytes.length) {
        written += writeSync(this.#descriptor, bytes, written, bytes.length - written, this.#size + written);
      }
    } catch (error) {
      // Half a line would make the next one unreadable.
      ftruncateSync(this.#descriptor, this.#size);
      throw error;
    }
    this.#size += bytes.length;
    this.#flushSoon();
  }

  #flushSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // An error here shows at the next write, too, which then fails.
      fdatasync(this.#descriptor, () => undefined);
    }, flushInterval).unref();
  }
}

/** Reads up to the first line that is none: after it nothing can be trusted. */
function contentOf(header: JournalHeader, records: readonly unknown[]): JournalContent {
  const authors: Author[] = [];
  const changes: ChangeRecord[] = [];
  let { disk } = header;
  for (const record of records) {
    if (isChange.Check(record) && record.by < authors.length) changes.push(record);
    else if (isAuthor.Check(record)) authors.push(record.author);
    else if (isSaved.Check(record)) disk = record.saved;
    else break;
  }
  return { header, authors, changes, disk };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
