import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";

/**
 * VS Code's Restricted Mode, wanted by the owner while guests may write files and webviews have no origin of their own: in a folder
 * that is not trusted, VS Code runs no script of a notebook, sanitizes Markdown cells, and starts no task. It outlives the gateway.
 */
export class RestrictedMode {
  readonly #file: string;
  readonly #isNeeded: () => boolean;
  #on: boolean;

  /**
   * @param file is there while it is wanted
   * @param isNeeded whether guests may write files; nobody has to turn it off after the last such share
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
