import { getService, type IEditorGroup } from "@codingame/monaco-vscode-api";
import { registerEditorPane } from "@codingame/monaco-vscode-api/service-override/tools/views";
import { Codicon } from "@codingame/monaco-vscode-api/vscode/vs/base/common/codicons";
import { KeyChord, KeyCode, KeyMod } from "@codingame/monaco-vscode-api/vscode/vs/base/common/keyCodes";
import type { DisposableStore } from "@codingame/monaco-vscode-api/vscode/vs/base/common/lifecycle";
import { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import {
  Action2,
  MenuId,
  registerAction2,
} from "@codingame/monaco-vscode-api/vscode/vs/platform/actions/common/actions";
import { ContextKeyExpr } from "@codingame/monaco-vscode-api/vscode/vs/platform/contextkey/common/contextkey";
import type { ServicesAccessor } from "@codingame/monaco-vscode-api/vscode/vs/platform/instantiation/common/instantiation";
import { KeybindingWeight } from "@codingame/monaco-vscode-api/vscode/vs/platform/keybinding/common/keybindingsRegistry";
import type { EditorInput } from "@codingame/monaco-vscode-api/vscode/vs/workbench/common/editor/editorInput";
import { SIDE_GROUP } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorService";
import { IEditorService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorService.service";
import type { Addresses } from "../files/addresses.ts";
import { LoadingPane, textUntil } from "./loading-pane.ts";
import { nameOf, PaneInput } from "./pane-input.ts";
import { surroundingsOf } from "./surroundings.ts";

const typeId = "waiide.markdownPreview";

/** Delay after the last change. Milliseconds. */
const settling = 200;

class PreviewInput extends PaneInput {
  override get typeId(): string {
    return typeId;
  }

  constructor(file: URI) {
    super(file, URI.from({ scheme: "waiide-preview", path: file.path }), `Preview ${nameOf(file)}`);
  }
}

export function registerMarkdownPreview(addresses: Addresses): void {
  class PreviewPane extends LoadingPane {
    constructor(group: IEditorGroup) {
      super(typeId, group);
    }

    override initialize(): HTMLElement {
      return Object.assign(document.createElement("div"), { className: "waiide-pane", tabIndex: -1 });
    }

    override async load(input: EditorInput, store: DisposableStore): Promise<void> {
      if (!(input instanceof PreviewInput)) throw new Error("this editor is for previews");
      await preview(input.file, this.container, addresses, store);
    }
  }
  registerEditorPane(typeId, "Markdown Preview", PreviewPane, [PreviewInput]);
  registerAction("markdown.showPreview", "Markdown: Open Preview", KeyMod.CtrlCmd | KeyMod.Shift | KeyCode.KeyV, false);
  registerAction(
    "markdown.showPreviewToSide",
    "Markdown: Open Preview to the Side",
    KeyChord(KeyMod.CtrlCmd | KeyCode.KeyK, KeyCode.KeyV),
    true,
  );
}

async function preview(file: URI, container: HTMLElement, addresses: Addresses, store: DisposableStore) {
  const [{ SafeFrame }, { renderMarkdown }] = await Promise.all([
    import("../rendered/safe-frame.ts"),
    import("../rendered/markdown.ts"),
  ]);
  const path = addresses.pathOf(file) ?? "";
  const surroundings = await surroundingsOf(path, addresses);
  const model = await textUntil(store, file);
  if (model === undefined) return;
  const frame = store.add(new SafeFrame(surroundings, `Preview of ${nameOf(file)}`, "page"));
  container.replaceChildren(frame.element);
  const show = () => void frame.show(() => renderMarkdown(model.getValue(), surroundings));
  let timer: ReturnType<typeof setTimeout> | undefined;
  store.add(
    model.onDidChangeContent(() => {
      clearTimeout(timer);
      timer = setTimeout(show, settling);
    }),
  );
  store.add({ dispose: () => clearTimeout(timer) });
  show();
}

export async function openPreview(file: URI, options: { readonly pinned: boolean; readonly preserveFocus: boolean }) {
  await (await getService(IEditorService)).openEditor(new PreviewInput(file), options);
}

function registerAction(id: string, title: string, primary: number, toSide: boolean): void {
  const when = ContextKeyExpr.equals("editorLangId", "markdown");
  registerAction2(
    class extends Action2 {
      constructor() {
        super({
          id,
          title: { value: title, original: title },
          f1: true,
          icon: Codicon.openPreview,
          precondition: when,
          keybinding: { primary, weight: KeybindingWeight.WorkbenchContrib, when },
          menu: toSide ? [{ id: MenuId.EditorTitle, group: "navigation", when }] : [],
        });
      }

      run(accessor: ServicesAccessor): void {
        const editors = accessor.get(IEditorService);
        const file = editors.activeEditor?.resource;
        if (file !== undefined) void editors.openEditor(new PreviewInput(file), {}, toSide ? SIDE_GROUP : undefined);
      }
    },
  );
}
