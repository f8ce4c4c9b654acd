import { getService } from "@codingame/monaco-vscode-api";
import { SimpleEditorPane } from "@codingame/monaco-vscode-api/service-override/tools/views";
import { DisposableStore, type IDisposable } from "@codingame/monaco-vscode-api/vscode/vs/base/common/lifecycle";
import type { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import type { ITextModel } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/model";
import { ITextModelService } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/services/resolverService.service";
import type { EditorInput } from "@codingame/monaco-vscode-api/vscode/vs/workbench/common/editor/editorInput";

/**
 * An editor whose file takes a while to load. The pane gets the store before it loads: the next file disposes that store, and
 * a file that finishes loading too late neither shows itself nor disposes the one that is shown.
 */
export abstract class LoadingPane extends SimpleEditorPane {
  #loading: Promise<void> | undefined;

  /** @param store disposed when the pane shows another file: check it after each await */
  abstract load(input: EditorInput, store: DisposableStore): Promise<void>;

  override async renderInput(input: EditorInput): Promise<IDisposable> {
    const store = new DisposableStore();
    // The scroll position of the last file.
    this.wrapper.scrollTop = 0;
    this.#loading = this.load(input, store).catch((error: unknown) => {
      if (!store.isDisposed) throw error;
    });
    return store;
  }

  /** While it loads, the workbench shows progress, and the error if it fails. */
  override async setInput(...given: Parameters<SimpleEditorPane["setInput"]>): Promise<void> {
    await super.setInput(...given);
    await this.#loading;
  }
}

/** The text of a file, until the store is disposed; undefined if it has been. */
export async function textUntil(store: DisposableStore, file: URI): Promise<ITextModel | undefined> {
  const reference = await (await getService(ITextModelService)).createModelReference(file);
  if (!store.isDisposed) return store.add(reference).object.textEditorModel;
  reference.dispose();
  return undefined;
}
