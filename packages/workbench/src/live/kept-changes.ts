import { VSBuffer } from "@codingame/monaco-vscode-api/vscode/vs/base/common/buffer";
import { Schemas } from "@codingame/monaco-vscode-api/vscode/vs/base/common/network";
import { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import type { IFileService } from "@codingame/monaco-vscode-api/vscode/vs/platform/files/common/files.service";
import { LiveClient, type LiveClientState } from "@waiide/protocol/live";

/**
 * Changes that the gateway has not acknowledged, in the share's database, for the next life of the page. VS Code keeps the text that is
 * shown; this says which changes of it are still to be sent, so that none is lost and none is made twice.
 */
export class KeptChanges {
  readonly #files: IFileService;
  readonly #kept = new Set<string>();

  constructor(files: IFileService) {
    this.#files = files;
  }

  async keep(path: string, state: LiveClientState): Promise<void> {
    this.#kept.add(path);
    await this.#files.writeFile(addressOf(path), VSBuffer.fromString(JSON.stringify(state)));
  }

  /** They were acknowledged. */
  async forget(path: string): Promise<void> {
    if (this.#kept.delete(path)) await this.#remove(path);
  }

  /** Hands out what was kept, once: two pages that sent it with the same number would lose what is typed next. */
  async take(path: string): Promise<LiveClient | undefined> {
    if (!(await this.#files.exists(addressOf(path)))) return undefined;
    const { value } = await this.#files.readFile(addressOf(path));
    await this.#remove(path);
    return LiveClient.restore(JSON.parse(value.toString()) as LiveClientState);
  }

  async #remove(path: string): Promise<void> {
    if (await this.#files.exists(addressOf(path))) await this.#files.del(addressOf(path));
  }
}

function addressOf(path: string): URI {
  return URI.from({ scheme: Schemas.vscodeUserData, path: `/Live/${encodeURIComponent(path)}.json` });
}
