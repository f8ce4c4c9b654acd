import { type ICodeEditor, isCodeEditor } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/editorBrowser";
import type { IEditorService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorService.service";
import type { View } from "@waiide/protocol";

/** The text editor that has the focus of the workbench; undefined: something else is open. */
export function activeTextEditor(editors: IEditorService): ICodeEditor | undefined {
  const control: unknown = editors.activeTextEditorControl;
  return isCodeEditor(control) ? control : undefined;
}

export function viewOf(editor: ICodeEditor): View | undefined {
  const ranges = editor.getVisibleRanges();
  const selection = editor.getSelection();
  const [first, last] = [ranges[0], ranges.at(-1)];
  if (first === undefined || last === undefined || selection === null) return undefined;
  const { selectionStartLineNumber, selectionStartColumn, positionLineNumber, positionColumn } = selection;
  return {
    first: first.startLineNumber,
    last: last.endLineNumber,
    selection: [selectionStartLineNumber, selectionStartColumn, positionLineNumber, positionColumn],
  };
}
