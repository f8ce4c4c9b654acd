import { type IRange, Range } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/core/range";
import type {
  IIdentifiedSingleEditOperation,
  ITextModel,
} from "@codingame/monaco-vscode-api/vscode/vs/editor/common/model";
import { EndOfLinePreference } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/model";
import type { IModelContentChange } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/model/mirrorTextModel";
import { ChangeSet, Text, toText } from "@waiide/protocol/live";

/** The text of an editor as live editing counts it: `\n` line ends, whatever the file has. */
export function textOf(model: ITextModel): Text {
  return toText(model.getValue(EndOfLinePreference.LF));
}

/**
 * What an event of the editor's text says, as one change of `before`. VS Code merges changes that follow each other into one
 * event, so each counts in the text that the one before it left.
 */
export function changeOf(changes: readonly Pick<IModelContentChange, "range" | "text">[], before: Text): ChangeSet {
  let text = before;
  let all = ChangeSet.empty(before.length);
  for (const { range, text: inserted } of changes) {
    const insert = Text.of(inserted.split(/\r\n?|\n/));
    const one = ChangeSet.of({ ...offsetsOf(range, text), insert }, text.length);
    all = all.compose(one);
    text = one.apply(text);
  }
  return all;
}

/** A change as edits of the editor's text, all in positions of `before`. */
export function editsOf(change: ChangeSet, before: Text): IIdentifiedSingleEditOperation[] {
  const edits: IIdentifiedSingleEditOperation[] = [];
  change.iterChanges((from, to, _fromB, _toB, inserted) => {
    edits.push({ range: rangeOf(from, to, before), text: inserted.toString() });
  });
  return edits;
}

export function offsetsOf(range: IRange, text: Text): { readonly from: number; readonly to: number } {
  return {
    from: offsetOf(range.startLineNumber, range.startColumn, text),
    to: offsetOf(range.endLineNumber, range.endColumn, text),
  };
}

/** Lines and columns from 1; a place that the text does not have becomes the nearest before it. */
export function offsetOf(lineNumber: number, column: number, text: Text): number {
  if (lineNumber > text.lines) return text.length;
  const { from, to } = text.line(lineNumber);
  return Math.min(from + column - 1, to);
}

export function rangeOf(from: number, to: number, text: Text): Range {
  const [start, end] = [positionOf(from, text), positionOf(to, text)];
  return new Range(start.lineNumber, start.column, end.lineNumber, end.column);
}

export function positionOf(offset: number, text: Text): { readonly lineNumber: number; readonly column: number } {
  const line = text.lineAt(Math.min(offset, text.length));
  return { lineNumber: line.number, column: Math.min(offset, text.length) - line.from + 1 };
}
