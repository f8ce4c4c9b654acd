import { getService } from "@codingame/monaco-vscode-api";
import { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import { ILanguageService } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/languages/language.service";
import { IModelService } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/services/model.service";
import { ITextModelService } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/services/resolverService.service";
import { INotificationService } from "@codingame/monaco-vscode-api/vscode/vs/platform/notification/common/notification.service";
import { IEditorService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorService.service";
import type { CommitChange, SharedCommit } from "@waiide/protocol";
import type { Addresses } from "../files/addresses.ts";
import { nameOf } from "../panes/pane-input.ts";
import type { Session } from "../session/session.ts";
import { SessionError } from "../session/session-error.ts";

const scheme = "waiide-before";
/** Stands for the side of a comparison on which there is no file. */
const nothing = "none";

/** Shows what a commit changed in a file. */
export class CommitDiffs {
  readonly #session: Session;
  readonly #addresses: Addresses;
  /** What files held before, by address. */
  readonly #texts = new Map<string, string>();

  private constructor(session: Session, addresses: Addresses) {
    this.#session = session;
    this.#addresses = addresses;
  }

  static async register(session: Session, addresses: Addresses): Promise<CommitDiffs> {
    const diffs = new CommitDiffs(session, addresses);
    const [models, texts] = [await getService(ITextModelService), await getService(IModelService)];
    const languages = await getService(ILanguageService);
    models.registerTextModelContentProvider(scheme, {
      provideTextContent: async (resource) =>
        texts.getModel(resource) ??
        texts.createModel(
          diffs.#texts.get(resource.toString()) ?? "",
          languages.createByFilepathOrFirstLine(resource),
          resource,
        ),
    });
    return diffs;
  }

  async open(change: CommitChange, { id }: SharedCommit): Promise<void> {
    const editors = await getService(IEditorService);
    const now = this.#addresses.uriOf(change.path);
    try {
      const before = await this.#before(change, id);
      // A picture, for example: it has no lines to compare.
      if (before === undefined) await editors.openEditor({ resource: now });
      else {
        await editors.openEditor({
          original: { resource: before },
          modified: { resource: change.what === "deleted" ? this.#empty(change.path, id) : now },
          label: `${nameOf(now)} (${change.what})`,
          options: { pinned: false },
        });
      }
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      (await getService(INotificationService)).warn(error.message);
    }
  }

  /** @returns undefined: what was there is no text */
  async #before({ what, path, from = path }: CommitChange, commit: string): Promise<URI | undefined> {
    if (what === "added") return this.#empty(path, commit);
    const { encoding, content } = await this.#session.request("commit-base", { path: from });
    if (encoding !== "utf8") return undefined;
    const address = URI.from({ scheme, path: this.#addresses.uriOf(from).path, query: commit });
    this.#texts.set(address.toString(), content);
    return address;
  }

  #empty(path: string, commit: string): URI {
    return URI.from({ scheme, path: this.#addresses.uriOf(path).path, query: `${commit}-${nothing}` });
  }
}
