import type { ChangeSet, Text } from "@waiide/protocol/live";
import {
  Position,
  Range,
  Selection,
  type TextDocument,
  type TextEditor,
  WorkspaceEdit,
  window,
  workspace,
} from "vscode";
import { type EditorEdit, type OwnCarets, offsetAt, type Place, placeAt } from "./editor-text.ts";

/** The visible editors of a document. */
export function editorsOf(document: TextDocument): TextEditor[] {
  return window.visibleTextEditors.filter((editor) => editor.document === document);
}

/** Where carets and selections of this window begin and end. */
export function caretsIn(document: TextDocument, text: Text): OwnCarets {
  const all = editorsOf(document).flatMap(({ selections }) => selections);
  return {
    ends: new Set(all.map(({ end }) => offsetAt(text, end))),
    starts: new Set(all.filter(({ isEmpty }) => !isEmpty).map(({ start }) => offsetAt(text, start))),
  };
}

/** Puts the carets back that VS Code dragged along with a change of others, at the ends of a file. */
export function keepCarets(document: TextDocument, before: Text, after: Text, change: ChangeSet): () => void {
  const kept = editorsOf(document).map((editor) => ({ editor, selections: editor.selections }));
  const moved = (selection: Selection) => {
    const [start, end] = [selection.start, selection.end].map((place) => offsetAt(before, place)) as [number, number];
    const to = change.mapPos(end, -1);
    const from = selection.isEmpty ? to : Math.min(to, change.mapPos(start, 1));
    const [first, last] = [from, to].map((offset) => positionOf(placeAt(after, offset))) as [Position, Position];
    return selection.isReversed ? new Selection(last, first) : new Selection(first, last);
  };
  return () => {
    for (const { editor, selections } of kept) editor.selections = selections.map(moved);
  };
}

function positionOf({ line, character }: Place): Position {
  return new Position(line, character);
}

/**
 * Makes edits without undo stops of their own; a background tab has no editor.
 * @returns false if the person typed meanwhile: then nothing was made
 */
export async function makeEdits(document: TextDocument, text: Text, edits: readonly EditorEdit[]): Promise<boolean> {
  const [editor] = editorsOf(document);
  const range = ({ from, to }: EditorEdit) => rangeOf(placeAt(text, from), placeAt(text, to));
  if (editor === undefined) {
    const whole = new WorkspaceEdit();
    for (const edit of edits) whole.replace(document.uri, range(edit), edit.insert);
    return workspace.applyEdit(whole);
  }
  return editor.edit(
    (builder) => {
      for (const edit of edits) builder.replace(range(edit), edit.insert);
    },
    { undoStopBefore: false, undoStopAfter: false },
  );
}

export function rangeOf(start: Place, end: Place): Range {
  return new Range(start.line, start.character, end.line, end.character);
}

/** Puts the caret of the active editor where an undo has changed the text. */
export function putCaret(document: TextDocument, { line, character }: Place): void {
  const editor = window.activeTextEditor;
  if (editor?.document !== document) return;
  editor.selection = new Selection(line, character, line, character);
  editor.revealRange(editor.selection);
}
