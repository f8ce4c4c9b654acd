import { type Stats, unwatchFile, watchFile } from "node:fs";
import { reasonOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { Config } from "./config.ts";

/** Milliseconds. By asking, since mounted configuration (Kubernetes) is replaced by links that no watcher follows. */
const defaultInterval = 5_000;

export interface ConfigWatchOptions {
  readonly file: string;
  /** Reads all sources anew. */
  readonly reload: () => Config;
  readonly onChange: (config: Config) => void;
  readonly logger: Logger;
  readonly interval?: number;
}

/** Has what an administrator changes in the configuration file take effect while the gateway runs (RULES R19). */
export class ConfigWatch {
  readonly #options: ConfigWatchOptions;
  readonly #look = (now: Stats, before: Stats) => {
    // Node also calls back once for a file that is not there.
    if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino || now.size !== before.size) this.#reload();
  };

  constructor(options: ConfigWatchOptions) {
    this.#options = options;
  }

  start(): void {
    const { file, interval = defaultInterval } = this.#options;
    watchFile(file, { interval, persistent: false }, this.#look);
  }

  close(): void {
    unwatchFile(this.#options.file, this.#look);
  }

  #reload(): void {
    const { file, reload, onChange, logger } = this.#options;
    try {
      onChange(reload());
      logger.info(
        { file },
        "the configuration file has changed; the ceilings of shares apply now, all else at a restart",
      );
    } catch (error) {
      logger.error({ file, reason: reasonOf(error) }, "the configuration file has changed and cannot be used");
    }
  }
}
