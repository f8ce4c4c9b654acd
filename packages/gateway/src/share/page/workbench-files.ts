import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type WorkbenchManifest, WorkbenchManifestSchema } from "@waiide/protocol";
import Value from "typebox/value";
import { reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";

/** The guest workbench as its build left it: read when the first guest comes. */
export class WorkbenchFiles {
  readonly folder: string;
  readonly #logger: Logger;
  #manifest: Promise<WorkbenchManifest | undefined> | undefined;

  constructor(folder: string, logger: Logger) {
    this.folder = folder;
    this.#logger = logger;
  }

  /** Undefined where this WAIIDE was built without it. */
  manifest(): Promise<WorkbenchManifest | undefined> {
    this.#manifest ??= this.#read();
    return this.#manifest;
  }

  async #read(): Promise<WorkbenchManifest | undefined> {
    const file = join(this.folder, "manifest.json");
    try {
      return Value.Parse(WorkbenchManifestSchema, JSON.parse(await readFile(file, "utf8")));
    } catch (error) {
      this.#logger.error({ file, reason: reasonOf(error) }, "the guest workbench cannot be used");
      return undefined;
    }
  }
}
