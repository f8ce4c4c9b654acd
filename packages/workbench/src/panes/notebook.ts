import { getService, type IEditorGroup } from "@codingame/monaco-vscode-api";
import {
  RegisteredEditorPriority,
  registerEditor,
  registerEditorPane,
} from "@codingame/monaco-vscode-api/service-override/tools/views";
import {
  type DisposableStore,
  type IDisposable,
  toDisposable,
} from "@codingame/monaco-vscode-api/vscode/vs/base/common/lifecycle";
import type { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import {
  EditorInputCapabilities,
  type ISaveOptions,
} from "@codingame/monaco-vscode-api/vscode/vs/workbench/common/editor";
import type { EditorInput } from "@codingame/monaco-vscode-api/vscode/vs/workbench/common/editor/editorInput";
import { toRegisteredEditorPriorityInfo } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorResolverService";
import { ITextFileService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/textfile/common/textfiles.service";
import type { Addresses } from "../files/addresses.ts";
import type { NotebookView } from "../notebook/notebook-view.ts";
import { LoadingPane, textUntil } from "./loading-pane.ts";
import { nameOf, PaneInput } from "./pane-input.ts";
import { surroundingsOf } from "./surroundings.ts";

const typeId = "waiide.notebook";

/** A notebook's editor is a view of the file's text, which owns saving and the unsaved state. */
class NotebookInput extends PaneInput {
  readonly #textFiles: ITextFileService;
  /** The panes that show it. */
  readonly #views = new Set<Pick<NotebookView, "commit">>();

  constructor(file: URI, textFiles: ITextFileService) {
    super(file, file, nameOf(file));
    this.#textFiles = textFiles;
    this._register(
      textFiles.files.onDidChangeDirty(({ resource }) => {
        if (resource.toString() === file.toString()) this._onDidChangeDirty.fire();
      }),
    );
  }

  override get typeId(): string {
    return typeId;
  }

  override get editorId(): string {
    return typeId;
  }

  override get capabilities(): EditorInputCapabilities {
    return this.#textFiles.files.get(this.file)?.isReadonly()
      ? EditorInputCapabilities.Readonly
      : EditorInputCapabilities.None;
  }

  override isDirty(): boolean {
    return this.#textFiles.isDirty(this.file);
  }

  shownBy(view: Pick<NotebookView, "commit">): IDisposable {
    this.#views.add(view);
    return toDisposable(() => this.#views.delete(view));
  }

  override async save(_group: number, options?: ISaveOptions): Promise<EditorInput | undefined> {
    // Saving includes what was typed a moment ago.
    for (const view of this.#views) view.commit();
    return (await this.#textFiles.save(this.file, options)) === undefined ? undefined : this;
  }

  override async revert(): Promise<void> {
    await this.#textFiles.revert(this.file);
  }
}

export async function registerNotebooks(addresses: Addresses): Promise<void> {
  class NotebookPane extends LoadingPane {
    constructor(group: IEditorGroup) {
      super(typeId, group);
    }

    override initialize(): HTMLElement {
      return Object.assign(document.createElement("div"), { className: "waiide-pane notebook", tabIndex: -1 });
    }

    override async load(input: EditorInput, store: DisposableStore): Promise<void> {
      if (!(input instanceof NotebookInput)) throw new Error("this editor is for notebooks");
      await showNotebook(input, this.container, addresses, store);
    }
  }
  registerEditorPane(typeId, "Notebook", NotebookPane, [NotebookInput]);
  const textFiles = await getService(ITextFileService);
  registerEditor(
    "*.ipynb",
    { id: typeId, label: "Notebook", priority: toRegisteredEditorPriorityInfo(RegisteredEditorPriority.builtin) },
    { singlePerResource: true },
    { createEditorInput: ({ resource }) => ({ editor: new NotebookInput(resource, textFiles) }) },
  );
}

async function showNotebook(
  input: NotebookInput,
  container: HTMLElement,
  addresses: Addresses,
  store: DisposableStore,
): Promise<void> {
  const { file } = input;
  const { NotebookView } = await import("../notebook/notebook-view.ts");
  const textFiles = await getService(ITextFileService);
  const surroundings = await surroundingsOf(addresses.pathOf(file) ?? "", addresses);
  const model = await textUntil(store, file);
  if (model === undefined) return;
  const isReadonly = () => Boolean(textFiles.files.get(file)?.isReadonly() ?? true);
  const view = store.add(new NotebookView({ container, model, surroundings, isReadonly }));
  store.add(input.shownBy(view));
  store.add(
    textFiles.files.onDidChangeReadonly(({ resource }) => {
      if (resource.toString() === file.toString()) view.show();
    }),
  );
}
