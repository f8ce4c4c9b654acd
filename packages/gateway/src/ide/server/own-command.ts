import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { childNode } from "../../system/node-program.ts";

export interface OwnCommandOptions {
  /** Holds the commands and nothing else, so that PATH gets nothing else either. */
  readonly folder: string;
  /** Absolute path of this program's own script. */
  readonly program: string;
  readonly logger: Logger;
  /** The Node that it runs with. */
  readonly node?: string;
}

/**
 * The commands `waiide` and `code` for terminals in the owner's IDE. Their PATH is that of a login shell, which need not have the folder
 * where npm or pip put ours; WAIIDE's extension appends this one. It stays the same from start to start, so that open terminals
 * are not called outdated.
 */
export class OwnCommand {
  readonly #options: OwnCommandOptions;

  constructor(options: OwnCommandOptions) {
    this.#options = options;
  }

  /** Tells the extension of the folder. */
  get environment(): Readonly<Record<string, string>> {
    return { WAIIDE_COMMAND_FOLDER: this.#options.folder };
  }

  /** Never fails: everything else works without it. */
  async write(): Promise<void> {
    const { folder, program, logger, node = childNode() } = this.#options;
    const start = `#!/bin/sh\nexec ${quoted(node)} ${quoted(program)}`;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await this.#writeScript("waiide", `${start} "$@"\n`);
      await this.#writeScript("code", `${start} code "$@"\n`);
    } catch (error) {
      logger.warn({ folder, reason: reasonOf(error) }, "terminals in the IDE may not find “waiide” and “code”");
    }
  }

  async #writeScript(name: string, script: string): Promise<void> {
    const file = join(this.#options.folder, name);
    await writeFile(`${file}.${process.pid}`, script, { mode: 0o700 });
    await rename(`${file}.${process.pid}`, file);
  }
}

/** As one word of the shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
