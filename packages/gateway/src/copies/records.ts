import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Static, Type } from "typebox";
import Value from "typebox/value";
import { reasonOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { isMissing, unlessMissing } from "../system/missing-file.ts";

const RecordSchema = Type.Object({
  id: Type.String({ pattern: "^[A-Za-z0-9_][A-Za-z0-9_-]*$" }),
  folder: Type.String({ minLength: 1 }),
  /** In which the copy grows. */
  staging: Type.String({ minLength: 1 }),
  source: Type.String(),
  owner: Type.String(),
  made_at: Type.String(),
  /** What “Set up” may run. */
  set_up: Type.Array(Type.String()),
  /** The recipient asked for it, and no window has begun with it. */
  wanted: Type.Boolean(),
  /** Ids of the owner's, until the recipient has said which of them they want. Older records have none. */
  extensions: Type.Optional(Type.Array(Type.String())),
});
export type CopyRecord = Required<Static<typeof RecordSchema>>;

/** All servers of a user have the same, since they open the same folders. @param dataFolder the setting `data-dir` */
export function recordsFolder(dataFolder: string): string {
  return join(dataFolder, "copies");
}

/**
 * The copies that were made here, one file for each, so that several programs can add theirs. They outlive the gateway: a
 * copy is a stranger's folder for as long as it exists (RULES R29).
 */
export class CopyRecords {
  readonly #folder: string;
  readonly #logger: Pick<Logger, "warn"> | undefined;

  constructor(folder: string, logger?: Pick<Logger, "warn">) {
    this.#folder = folder;
    this.#logger = logger;
  }

  async all(): Promise<CopyRecord[]> {
    const names = (await unlessMissing(readdir(this.#folder))) ?? [];
    const read = names.filter((name) => name.endsWith(".json")).map((name) => this.#read(join(this.#folder, name)));
    return (await Promise.all(read)).filter((record) => record !== undefined);
  }

  async find(id: string): Promise<CopyRecord | undefined> {
    return (await this.all()).find((record) => record.id === id);
  }

  async write(record: CopyRecord): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = this.#file(record.id);
    await writeFile(`${file}.${process.pid}`, JSON.stringify(record), { mode: 0o600, flush: true });
    await rename(`${file}.${process.pid}`, file);
  }

  async remove(id: string): Promise<void> {
    await rm(this.#file(id), { force: true });
  }

  async #read(file: string): Promise<CopyRecord | undefined> {
    try {
      return { extensions: [], ...Value.Parse(RecordSchema, JSON.parse(await readFile(file, "utf8"))) };
    } catch (error) {
      if (!isMissing(error)) this.#logger?.warn({ file, reason: reasonOf(error) }, "the record of a copy is damaged");
      return undefined;
    }
  }

  #file(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}
