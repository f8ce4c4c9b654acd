import { type Stats, unwatchFile, watchFile } from "node:fs";
import { reasonOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { Config } from "./config.ts";

/** Milliseconds. Polled, because no watcher follows the links that Kubernetes replaces in mounted configuration. */
const defaultInterval = 5_000;

export interface ConfigWatchOptions {
  readonly file: string;
  /** Reads all sources again. */
  readonly reload: () => Config;
  readonly onChange: (config: Config) => void;
  readonly logger: Logger;
  readonly interval?: number;
}

/** Applies changes of the administrator's configuration file while the gateway runs (RULES R19). */
export class ConfigWatch {
  readonly #options: ConfigWatchOptions;
  readonly #look = (now: Stats, before: Stats) => {
    // Node also calls back once for a missing file.
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
        "the configuration file has changed; limits of shares apply now, everything else after a restart",
      );
    } catch (error) {
      logger.error({ file, reason: reasonOf(error) }, "the configuration file has changed, but cannot be used");
    }
  }
}
