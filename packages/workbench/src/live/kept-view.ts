import type { CodeEditorWidget } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/widget/codeEditor/codeEditorWidget";
import { Selection } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/core/selection";
import { ScrollType } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/editorCommon";
import type { ChangeSet, Text } from "@waiide/protocol/live";
import { offsetOf, positionOf } from "./model-changes.ts";

/**
 * Lets others' changes into the text, and leaves carets, selections and the lines that are looked at where they were. VS Code itself
 * would move a caret along with what is inserted at it, and let selections grow.
 */
export function keepingViews(
  editors: readonly CodeEditorWidget[],
  change: ChangeSet,
  texts: Texts,
  apply: () => void,
): void {
  const views = editors.map((editor) => ({ editor, ...wanted(editor, change, texts) }));
  apply();
  for (const { editor, selections, top } of views) {
    const now = editor.getSelections() ?? [];
    const isKept = selections.every((selection, index) => now[index] && selection.equalsSelection(now[index]));
    if (!isKept && selections.length > 0) editor.setSelections(selections, "waiide.live");
    const moved = editor.getTopForLineNumber(top.line) - top.before;
    if (moved !== 0) editor.setScrollTop(editor.getScrollTop() + moved, ScrollType.Immediate);
  }
}

/** The text before and after a change. */
export interface Texts {
  readonly before: Text;
  readonly after: Text;
}

function wanted(editor: CodeEditorWidget, change: ChangeSet, { before, after }: Texts) {
  const selections = (editor.getSelections() ?? []).map((selection) => moved(selection, change, { before, after }));
  const line = editor.getVisibleRanges()[0]?.startLineNumber ?? 1;
  const first = change.mapPos(offsetOf(line, 1, before), 1);
  const top = { line: positionOf(first, after).lineNumber, before: editor.getTopForLineNumber(line) };
  // At the top of the file, what is inserted there should be seen.
  return { selections, top: editor.getScrollTop() === 0 ? { line: 1, before: editor.getTopForLineNumber(1) } : top };
}

/** What is inserted at a caret goes behind it, at the borders of a selection outside of it. */
export function moved(selection: Selection, change: ChangeSet, { before, after }: Texts): Selection {
  const start = offsetOf(selection.selectionStartLineNumber, selection.selectionStartColumn, before);
  const end = offsetOf(selection.positionLineNumber, selection.positionColumn, before);
  const side = (own: number, other: number) => (own < other ? 1 : -1);
  const from = positionOf(change.mapPos(start, side(start, end)), after);
  const to = positionOf(change.mapPos(end, side(end, start)), after);
  return new Selection(from.lineNumber, from.column, to.lineNumber, to.column);
}
