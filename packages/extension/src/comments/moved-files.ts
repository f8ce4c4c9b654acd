import type { MovedFiles } from "@waiide/protocol";
import { Disposable, type Uri, workspace } from "vscode";
import { reasonOf } from "../gateway/gateway.ts";
import type { ShareApi } from "../shares/api.ts";

/** Files and folders that the gateway takes in one request. */
const most = 1_000;

/** Tells the gateway what this window renames and deletes, so that comments go along at once. */
export class MovedFilesTold {
  readonly #api: Pick<ShareApi, "moved">;
  readonly #isSharing: () => boolean;
  readonly #subscriptions: Disposable;
  /** In their order: a file may get the name that another one has just had. */
  #telling: Promise<void> = Promise.resolve();

  constructor(api: Pick<ShareApi, "moved">, isSharing: () => boolean) {
    this.#api = api;
    this.#isSharing = isSharing;
    this.#subscriptions = Disposable.from(
      workspace.onDidRenameFiles(({ files }) =>
        this.#tell(files.map(({ oldUri, newUri }) => ({ from: pathOf(oldUri), to: pathOf(newUri) ?? null }))),
      ),
      workspace.onDidDeleteFiles(({ files }) => this.#tell(files.map((uri) => ({ from: pathOf(uri), to: null })))),
    );
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #tell(all: readonly { readonly from: string | undefined; readonly to: string | null }[]): void {
    const moves = all.flatMap(({ from, to }): MovedFiles["moves"] => (from === undefined ? [] : [{ from, to }]));
    if (!this.#isSharing()) return;
    for (let next = 0; next < moves.length; next += most) {
      const some = moves.slice(next, next + most);
      this.#telling = this.#telling.then(() => this.#send(some));
    }
  }

  /** What does not arrive, the gateway finds when somebody asks for the comments. */
  async #send(moves: MovedFiles["moves"]): Promise<void> {
    try {
      await this.#api.moved({ moves });
    } catch (error) {
      console.warn("WAIIDE could not tell which files were renamed", reasonOf(error));
    }
  }
}

function pathOf({ scheme, fsPath }: Uri): string | undefined {
  return scheme === "file" ? fsPath : undefined;
}
