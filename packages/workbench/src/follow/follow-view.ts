import type { ICodeEditor } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/editorBrowser";
import { ScrollType } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/editorCommon";
import type { IEditorService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorService.service";
import type { Person, View } from "@waiide/protocol";
import type { Addresses } from "../files/addresses.ts";
import { activeTextEditor } from "./own-view.ts";

/** Shows the place of the followed person: their file, their lines, their selection. */
export class FollowView {
  readonly #editors: IEditorService;
  readonly #addresses: Addresses;
  #marked: { readonly editor: ICodeEditor; readonly clear: () => void } | undefined;
  #wanted: Person | undefined;
  #isOpening = false;

  constructor(editors: IEditorService, addresses: Addresses) {
    this.#editors = editors;
    this.#addresses = addresses;
  }

  /** The newest place counts: opening a file takes a while. */
  async goTo(person: Person): Promise<void> {
    this.#wanted = person;
    if (this.#isOpening) return;
    this.#isOpening = true;
    try {
      for (let next = this.#take(); next !== undefined; next = this.#take()) await this.#show(next);
    } finally {
      this.#isOpening = false;
    }
  }

  clear(): void {
    this.#wanted = undefined;
    this.#unmark();
  }

  #take(): Person | undefined {
    const next = this.#wanted;
    this.#wanted = undefined;
    return next;
  }

  async #show({ path, view }: Person): Promise<void> {
    this.#unmark();
    if (path === null) return;
    const resource = this.#addresses.uriOf(path);
    if (this.#editors.activeEditor?.resource?.toString() !== resource.toString()) {
      await this.#editors.openEditor({ resource, options: { pinned: false, preserveFocus: true } });
    }
    const editor = activeTextEditor(this.#editors);
    const isThere = editor?.getModel()?.uri.toString() === resource.toString();
    if (editor !== undefined && isThere && view !== undefined) this.#reveal(editor, view);
  }

  #reveal(editor: ICodeEditor, { first, selection }: View): void {
    const [fromLine, fromColumn, line, column] = selection;
    editor.setScrollTop(editor.getTopForLineNumber(first), ScrollType.Immediate);
    const [visible] = editor.getVisibleRanges();
    const isTheirCaretClose = visible !== undefined && line >= first && line <= first + 200;
    // A smaller screen shows fewer of their lines: the caret counts.
    if (isTheirCaretClose && line > visible.endLineNumber)
      editor.revealLineInCenterIfOutsideViewport(line, ScrollType.Immediate);
    const isBackward = line < fromLine || (line === fromLine && column < fromColumn);
    const range = isBackward
      ? { startLineNumber: line, startColumn: column, endLineNumber: fromLine, endColumn: fromColumn }
      : { startLineNumber: fromLine, startColumn: fromColumn, endLineNumber: line, endColumn: column };
    const caret = { startLineNumber: line, startColumn: column, endLineNumber: line, endColumn: column };
    const marks = editor.createDecorationsCollection([
      { range, options: { description: "followed-selection", inlineClassName: "followed-selection" } },
      { range: caret, options: { description: "followed-line", isWholeLine: true, className: "followed-line" } },
    ]);
    this.#marked = { editor, clear: () => marks.clear() };
  }

  #unmark(): void {
    this.#marked?.clear();
    this.#marked = undefined;
  }
}
