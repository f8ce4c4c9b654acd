import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, isAbsolute } from "node:path";
import { type Static, Type } from "typebox";
import Value from "typebox/value";
import { hasCode } from "../../base/error-code.ts";
import { reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { SerialQueue } from "../../base/serial-queue.ts";
import { unlessMissing } from "../../system/missing-file.ts";

const RecordSchema = Type.Object({
  /** The workspace at that time: another one is opened first. */
  workspace: Type.String(),
  kind: Type.Union([Type.Literal("folder"), Type.Literal("workspace")]),
  path: Type.String(),
});

/** What the IDE opens: a folder, or a `.code-workspace` file. */
export type OpenedPlace = Pick<Static<typeof RecordSchema>, "kind" | "path">;

export interface LastFolderOptions {
  /** Holds the record. */
  readonly file: string;
  readonly workspace: string;
  readonly logger: Logger;
}

/** Remembers what the owner's IDE opened last, from the addresses of its pages (`?folder=`, `?workspace=`, `?ew=`). */
export class LastFolder {
  readonly #options: LastFolderOptions;
  readonly #writes = new SerialQueue();

  constructor(options: LastFolderOptions) {
    this.#options = options;
  }

  /** What to open where the address names nothing; undefined: the workspace. */
  async current(): Promise<OpenedPlace | undefined> {
    const { workspace } = this.#options;
    const record = await this.#read();
    if (record?.workspace !== workspace || !(await isThere(record))) return undefined;
    return { kind: record.kind, path: record.path };
  }

  /** Takes what a page's address names. Never fails: the page is worth more. @param query with its `?`, or empty */
  async remember(query: string): Promise<void> {
    const parameters = new URLSearchParams(query);
    const place = placeIn(parameters);
    try {
      if (place !== undefined) {
        if (await isThere(place)) await this.#writes.run(() => this.#write(place));
      } else if (parameters.has("ew")) await this.#writes.run(() => rm(this.#options.file, { force: true }));
    } catch (error) {
      this.#options.logger.warn({ reason: reasonOf(error) }, "the folder that is open cannot be remembered");
    }
  }

  async #read(): Promise<Static<typeof RecordSchema> | undefined> {
    const text = await unlessMissing(readFile(this.#options.file, "utf8"));
    if (text === undefined) return undefined;
    try {
      return Value.Parse(RecordSchema, JSON.parse(text));
    } catch (error) {
      this.#options.logger.warn({ reason: reasonOf(error) }, "the record of the folder that was open last is damaged");
      return undefined;
    }
  }

  async #write(place: OpenedPlace): Promise<void> {
    const { file, workspace } = this.#options;
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(`${file}.${process.pid}`, JSON.stringify({ workspace, ...place }), { mode: 0o600 });
    await rename(`${file}.${process.pid}`, file);
  }
}

/** What a page opens; undefined: an empty window. */
export function placeOf(
  { target }: { readonly target: string },
  lastOpened: OpenedPlace | undefined,
  { workspace }: { readonly workspace: string },
): OpenedPlace | undefined {
  const query = target.indexOf("?");
  const parameters = new URLSearchParams(query === -1 ? "" : target.slice(query));
  const named = placeIn(parameters);
  if (named !== undefined || parameters.has("ew")) return named;
  return lastOpened ?? { kind: "folder", path: workspace };
}

function placeIn(parameters: URLSearchParams): OpenedPlace | undefined {
  for (const kind of ["folder", "workspace"] as const) {
    const path = parameters.get(kind);
    if (path !== null && isAbsolute(path) && !path.includes("\0")) return { kind, path };
  }
  return undefined;
}

async function isThere({ kind, path }: OpenedPlace): Promise<boolean> {
  try {
    const about = await unlessMissing(stat(path));
    return kind === "folder" ? about?.isDirectory() === true : about?.isFile() === true;
  } catch (error) {
    if (hasCode(error, "EACCES", "EPERM", "ENAMETOOLONG")) return false;
    throw error;
  }
}
