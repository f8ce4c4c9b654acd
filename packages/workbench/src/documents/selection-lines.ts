import type { ICodeEditor } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/editorBrowser";
import type { ICodeEditorService } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/services/codeEditorService.service";
import {
  type ConfigurationChangedEvent,
  EditorOption,
} from "@codingame/monaco-vscode-api/vscode/vs/editor/common/config/editorOptions";
import { shareScheme } from "../files/addresses.ts";
import { Signal } from "../session/signal.ts";

/**
 * A shared selection is a part of its file; its lines keep their numbers. The workbench resets an editor's options with every
 * change of a setting, so they are applied again.
 */
export class SelectionLines {
  /** The text has moved in its file. */
  readonly onMove = new Signal<void>();
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
    this.onMove.fire();
  }

  /** The number in the file of a line of the text, both from 1. */
  inFile(line: number): number {
    return line + this.#first - 1;
  }

  /** The line of the text with this number in the file; for lines before the text, its first. */
  inText(line: number): number {
    return Math.max(1, line - this.#first + 1);
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
    editor.updateOptions({ lineNumbers: (line: number) => String(this.inFile(line)) });
  }
}
