import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";

/**
 * VS Code's Restricted Mode, which owners can turn on while guests may write files and webviews have no origin of their own: in an
 * untrusted folder VS Code runs no script of a notebook, sanitizes Markdown cells, and starts no task. The choice outlives the
 * gateway.
 */
export class RestrictedMode {
  readonly #file: string;
  readonly #isNeeded: () => boolean;
  #on: boolean;

  /**
   * @param file exists while the mode is turned on
   * @param isNeeded whether guests may write files; after the last such share the mode has no effect
   */
  constructor(file: string, isNeeded: () => boolean) {
    this.#file = file;
    this.#isNeeded = isNeeded;
    this.#on = existsSync(file);
  }

  get isOn(): boolean {
    return this.#on && this.#isNeeded();
  }

  async set(on: boolean): Promise<void> {
    if (on) await writeFile(this.#file, "", { mode: 0o600 });
    else await rm(this.#file, { force: true });
    this.#on = on;
  }
}
