import { getService } from "@codingame/monaco-vscode-api";
import { KeyCode } from "@codingame/monaco-vscode-api/vscode/vs/base/common/keyCodes";
import { CodeEditorWidget } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/widget/codeEditor/codeEditorWidget";
import { ILanguageService } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/languages/language.service";
import { IModelService } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/services/model.service";
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
  /** Escape, or the focus went elsewhere. */
  onLeave(): void;
}

/** The editor of one cell, as high as its text. */
export async function openCellEditor(options: CellEditorOptions): Promise<CellEditor> {
  const { container, source, language, label, onChange, onLeave } = options;
  const instantiation = await getService(IInstantiationService);
  const languages = await getService(ILanguageService);
  const model = (await getService(IModelService)).createModel(source, languages.createById(language));
  const editor = instantiation.createInstance(CodeEditorWidget, container, {}, {});
  editor.updateOptions({
    ariaLabel: label,
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
  });
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
      model.dispose();
    },
  };
}
