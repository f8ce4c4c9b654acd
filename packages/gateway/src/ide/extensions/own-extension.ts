import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../../base/error-code.ts";
import { reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { unlessMissing } from "../../system/missing-file.ts";
import type { IdeServer } from "../install/ide-server.ts";
import { extensionFile } from "../server/page-script.ts";
import type { Preparation } from "../server/process.ts";
import { formerBuiltins, removeFormer } from "./former-extensions.ts";
import { missingExtensions } from "./missing-extensions.ts";
import { readVsixIdentity } from "./vsix.ts";

/** `publisher.name` of packages/extension. */
export const ownExtensionId = "waiide.waiide-hub";

/** As the build of packages/extension names it. */
const fileName = "waiide-hub.vsix";

/** Where the built extension is. */
export function ownExtensionFile(here?: string, self?: string): string {
  return extensionFile(fileName, here, self);
}

export interface OwnExtensionOptions {
  /** The .vsix; need not be there. */
  readonly file: string;
  /** `--server-data-dir` of the owner's IDE. */
  readonly dataFolder: string;
  readonly logger: Logger;
}

/**
 * WAIIDE's own extension, as a built-in of the owner's IDE. It is installed into the IDE's data folder, as the IDE's own
 * may be read-only, and only when it is another one than the last time, as a second installation would pull the files away from
 * under a server that runs on the same data. In a run of its own before the server's (0.4 s): of what a server installs while
 * it starts it tells the first page, and VS Code's page asks the gallery about whatever is installed while it is open.
 */
export class OwnExtension {
  readonly #options: OwnExtensionOptions;

  constructor(options: OwnExtensionOptions) {
    this.#options = options;
  }

  /** What the server is to be started with. Never fails: the IDE is worth more than one of its extensions. */
  async prepare(server: IdeServer): Promise<Preparation> {
    const { logger, file } = this.#options;
    try {
      return await this.#prepare(server);
    } catch (error) {
      const missing = hasCode(error, "ENOENT");
      const reason = missing ? "it was not built" : reasonOf(error);
      logger.warn({ file, reason }, "the IDE starts without WAIIDE's own extension: no sharing from within it");
      return {};
    }
  }

  async #prepare(server: IdeServer): Promise<Preparation> {
    const { file, dataFolder, logger } = this.#options;
    const content = await readFile(file);
    const { distribution } = server;
    const former = await formerBuiltins(server);
    const removed = await removeFormer(join(dataFolder, "extensions"), distribution.formerExtensions);
    if (removed.length > 0) logger.info({ extensions: removed }, "WAIIDE's own extension replaces a former one");
    const preparation = former.length === 0 ? {} : { skippedBuiltins: former };
    const hash = createHash("sha256").update(content).digest("hex");
    if (await this.#isInstalled(hash)) return preparation;
    const { version } = await readVsixIdentity(file);
    await this.#remember(hash);
    logger.info({ version }, "WAIIDE's own extension is installed");
    if (!distribution.installsBuiltins) return { ...preparation, extensions: [file] };
    return { ...preparation, builtin: file };
  }

  /** What the IDE lists counts: our note alone says what was meant to be there. */
  async #isInstalled(hash: string): Promise<boolean> {
    const { file, dataFolder } = this.#options;
    if ((await unlessMissing(readFile(this.#note, "utf8"))) !== hash) return false;
    return (await missingExtensions([file], dataFolder)).length === 0;
  }

  async #remember(hash: string): Promise<void> {
    await mkdir(join(this.#options.dataFolder, "gateway"), { recursive: true, mode: 0o700 });
    await writeFile(`${this.#note}.${process.pid}`, hash, { mode: 0o600 });
    await rename(`${this.#note}.${process.pid}`, this.#note);
  }

  /** Of all the user's servers together, as the extensions are. */
  get #note(): string {
    return join(this.#options.dataFolder, "gateway", "own-extension");
  }
}
