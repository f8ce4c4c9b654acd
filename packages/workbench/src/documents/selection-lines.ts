import type { ICodeEditor } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/editorBrowser";
import type { ICodeEditorService } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/services/codeEditorService.service";
import {
  type ConfigurationChangedEvent,
  EditorOption,
} from "@codingame/monaco-vscode-api/vscode/vs/editor/common/config/editorOptions";
import { shareScheme } from "../files/addresses.ts";

/**
 * The text of a selection share is a part of its file; its lines keep the numbers that they have there. The workbench sets
 * an editor's options anew with every change of a setting, so they are kept up.
 */
export class SelectionLines {
  readonly #editors = new Set<ICodeEditor>();
  #first: number;

  /** @param first number of the text's first line, from 1 */
  constructor(service: ICodeEditorService, first: number) {
    this.#first = first;
    for (const editor of service.listCodeEditors()) this.#add(editor);
    service.onCodeEditorAdd((editor) => this.#add(editor));
    service.onCodeEditorRemove((editor) => this.#editors.delete(editor));
  }

  moveTo(first: number): void {
    this.#first = first;
    for (const editor of this.#editors) this.#apply(editor);
  }

  #add(editor: ICodeEditor): void {
    this.#editors.add(editor);
    editor.onDidChangeModel(() => this.#apply(editor));
    editor.onDidChangeConfiguration((event: ConfigurationChangedEvent) => {
      if (event.hasChanged(EditorOption.lineNumbers) && !editor.getOption(EditorOption.lineNumbers).renderFn) {
        this.#apply(editor);
      }
    });
    this.#apply(editor);
  }

  #apply(editor: ICodeEditor): void {
    if (editor.getModel()?.uri.scheme !== shareScheme) return;
    editor.updateOptions({ lineNumbers: (line: number) => String(line + this.#first - 1) });
  }
}
