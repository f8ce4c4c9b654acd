import { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import { getCodeEditor } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/editorBrowser";
import type { IRange } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/core/range";
import type { IEditor } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/editorCommon";
import type { ITextModel } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/model";
import { AbstractGotoLineQuickAccessProvider } from "@codingame/monaco-vscode-api/vscode/vs/editor/contrib/quickAccess/browser/gotoLineQuickAccess";
import { AnythingQuickAccessProvider } from "@codingame/monaco-vscode-api/vscode/vs/workbench/contrib/search/browser/anythingQuickAccess";
import type { IEditorService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorService.service";
import type { IStatusbarService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/statusbar/browser/statusbar.service";
import type { SelectionLines } from "../documents/selection-lines.ts";
import { shareScheme } from "../files/addresses.ts";

/** Private methods of VS Code's Go to Line. */
interface GoToLine {
  readonly activeTextEditorControl: IEditor | undefined;
  getModel(editor: IEditor): ITextModel | undefined;
  parsePosition(editor: IEditor, typed: string): FoundPosition;
  toRange(line?: number, column?: number): unknown;
}

interface FoundPosition {
  readonly lineNumber?: number;
  readonly column?: number;
  readonly inOffsetMode?: boolean;
  readonly label: string;
}

/** Private methods of VS Code's Quick Open, for `file:line`. */
interface QuickOpen {
  readonly pickState: { readonly lastRange?: IRange };
  openAnything(chosen: Chosen, options: { readonly range?: IRange }): Promise<void>;
}

type Chosen = URI | { readonly resource?: URI | undefined };

/** Go to Line, Quick Open and the status bar use the line numbers of the whole file for a shared selection. */
export function countFileLines(lines: SelectionLines, editors: IEditorService, statusBar: IStatusbarService): void {
  countInGoToLine(lines);
  countInQuickOpen(lines);
  countInStatusBar(lines, editors, statusBar);
}

function countInGoToLine(lines: SelectionLines): void {
  const prototype = AbstractGotoLineQuickAccessProvider.prototype as unknown as GoToLine;
  const { parsePosition, toRange } = prototype;
  prototype.parsePosition = function (editor, typed) {
    const model = this.getModel(editor);
    if (model?.uri.scheme !== shareScheme) return parsePosition.call(this, editor, typed);
    const inText = typed.replace(/^\s*\d+/, (line) => String(lines.inText(Number(line))));
    return asInFile(parsePosition.call(this, editor, inText), model.getLineCount(), lines);
  };
  // Labels have line numbers of the file; the editor needs those of the text.
  prototype.toRange = function (line, column) {
    const editor = this.activeTextEditorControl;
    const isPart = editor !== undefined && this.getModel(editor)?.uri.scheme === shareScheme;
    return toRange.call(this, isPart && line !== undefined ? lines.inText(line) : line, column);
  };
}

/** @param count lines of the text */
function asInFile(found: FoundPosition, count: number, lines: SelectionLines): FoundPosition {
  if (found.lineNumber !== undefined) {
    const lineNumber = lines.inFile(found.lineNumber);
    // The first number in each of these labels is the line.
    return { ...found, lineNumber, label: found.label.replace(/\d+/, String(lineNumber)) };
  }
  if (found.inOffsetMode) return found;
  return { ...found, label: `Type a line number to go to (from ${lines.inFile(1)} to ${lines.inFile(count)}).` };
}

function countInQuickOpen(lines: SelectionLines): void {
  const prototype = AnythingQuickAccessProvider.prototype as unknown as QuickOpen;
  const { openAnything } = prototype;
  prototype.openAnything = function (chosen, options) {
    const { range } = options;
    const resource = URI.isUri(chosen) ? chosen : chosen.resource;
    // Other ranges belong to symbols, and are positions in the text already.
    const isTyped = range !== undefined && range === this.pickState.lastRange;
    if (!isTyped || resource?.scheme !== shareScheme) return openAnything.call(this, chosen, options);
    const startLineNumber = lines.inText(range.startLineNumber);
    const endLineNumber = lines.inText(range.endLineNumber);
    return openAnything.call(this, chosen, { ...options, range: { ...range, startLineNumber, endLineNumber } });
  };
}

function countInStatusBar(lines: SelectionLines, editors: IEditorService, statusBar: IStatusbarService): void {
  const place = () => placeOf(editors, lines);
  // The status bar reads these whenever the cursor's text changes.
  const override = {
    get text() {
      return place();
    },
    get ariaLabel() {
      return place();
    },
  };
  const show = () => void statusBar.overrideEntry("status.editor.selection", override);
  lines.onMove.listen(show);
  show();
}

/** VS Code's text for the cursor's position, with the line number of the whole file. */
function placeOf(editors: IEditorService, lines: SelectionLines): string {
  const editor = getCodeEditor(editors.activeTextEditorControl);
  const model = editor?.getModel();
  const selections = editor?.getSelections();
  if (!model || !selections) return "";
  const length = selections.reduce((sum: number, range: IRange) => sum + model.getCharacterCountInRange(range), 0);
  if (selections.length > 1) {
    return `${selections.length} selections${length > 0 ? ` (${length} characters selected)` : ""}`;
  }
  const position = editor?.getPosition();
  if (!editor || !position) return "";
  const line = model.uri.scheme === shareScheme ? lines.inFile(position.lineNumber) : position.lineNumber;
  const selected = length > 0 ? ` (${length} selected)` : "";
  return `Ln ${line}, Col ${editor.getStatusbarColumn(position)}${selected}`;
}
