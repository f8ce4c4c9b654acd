import { getService } from "@codingame/monaco-vscode-api";
import { KeyCode } from "@codingame/monaco-vscode-api/vscode/vs/base/common/keyCodes";
import { Schemas } from "@codingame/monaco-vscode-api/vscode/vs/base/common/network";
import { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import { CodeEditorWidget } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/widget/codeEditor/codeEditorWidget";
import type { IEditorOptions } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/config/editorOptions";
import { ILanguageService } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/languages/language.service";
import { IModelService } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/services/model.service";
import { ITextModelService } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/services/resolverService.service";
import { IInstantiationService } from "@codingame/monaco-vscode-api/vscode/vs/platform/instantiation/common/instantiation";

export interface CellEditor {
  readonly value: string;
  focus(): void;
  dispose(): void;
}

export interface CellEditorOptions {
  readonly container: HTMLElement;
  readonly source: string;
  readonly language: string;
  readonly label: string;
  onChange(): void;
  /** Called on Escape, or when the focus leaves. */
  onLeave(): void;
}

/** Numbers the models. */
let count = 0;

/** The editor of one cell, as high as its text. */
export async function openCellEditor(options: CellEditorOptions): Promise<CellEditor> {
  const { container, source, language, label, onChange, onLeave } = options;
  const instantiation = await getService(IInstantiationService);
  const languages = await getService(ILanguageService);
  const resource = URI.from({ scheme: Schemas.inMemory, path: `/cell-${++count}` });
  const model = (await getService(IModelService)).createModel(source, languages.createById(language), resource);
  // The workbench disposes a model with its last reference, and its parts take and release references in passing.
  const reference = await (await getService(ITextModelService)).createModelReference(resource);
  const settings: IEditorOptions = {
    ariaLabel: label,
    // Takes effect only when the editor is created; without it the editor keeps its container's height of then: zero.
    automaticLayout: true,
    minimap: { enabled: false },
    lineNumbers: "off",
    folding: false,
    glyphMargin: false,
    scrollBeyondLastLine: false,
    wordWrap: "on",
    renderLineHighlight: "none",
    overviewRulerLanes: 0,
    scrollbar: { alwaysConsumeMouseWheel: false, vertical: "hidden" },
    padding: { top: 6, bottom: 6 },
  };
  const editor = instantiation.createInstance(CodeEditorWidget, container, settings, {});
  editor.setModel(model);
  const setHeight = () => {
    container.style.height = `${editor.getContentHeight()}px`;
  };
  editor.onDidContentSizeChange(setHeight);
  setHeight();
  model.onDidChangeContent(onChange);
  editor.onKeyDown((event: { keyCode: KeyCode; preventDefault(): void; stopPropagation(): void }) => {
    if (event.keyCode !== KeyCode.Escape) return;
    event.preventDefault();
    event.stopPropagation();
    onLeave();
  });
  editor.onDidBlurEditorWidget(onLeave);
  return {
    get value() {
      return model.getValue();
    },
    focus: () => editor.focus(),
    dispose() {
      editor.dispose();
      reference.dispose();
    },
  };
}
