import type { ICodeEditor } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/editorBrowser";
import { ScrollType } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/editorCommon";
import type { IEditorService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorService.service";
import type { Person, View } from "@waiide/protocol";
import type { Addresses } from "../files/addresses.ts";
import type { LiveFiles } from "../live/live-files.ts";
import { activeTextEditor } from "./own-view.ts";

/** Shows the place of the followed person: their file, their lines, their selection. */
export class FollowView {
  readonly #editors: IEditorService;
  readonly #addresses: Addresses;
  readonly #live: Pick<LiveFiles, "placeOf">;
  #shown: Person | undefined;
  /** Where their carets were shown last, as text. */
  #place = "";
  #marked: { readonly editor: ICodeEditor; readonly clear: () => void } | undefined;
  #wanted: Person | undefined;
  #isOpening = false;

  constructor(editors: IEditorService, addresses: Addresses, live: Pick<LiveFiles, "placeOf">) {
    this.#editors = editors;
    this.#addresses = addresses;
    this.#live = live;
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

  /** Carets in a live file moved. */
  caretsMoved(path: string): void {
    const person = this.#shown;
    const editor = person?.path === path ? this.#editorOf(path) : undefined;
    if (person !== undefined && editor !== undefined && !this.#isOpening) this.#revealLive(editor, person);
  }

  clear(): void {
    this.#wanted = undefined;
    this.#shown = undefined;
    this.#unmark();
  }

  #take(): Person | undefined {
    const next = this.#wanted;
    this.#wanted = undefined;
    return next;
  }

  async #show(person: Person): Promise<void> {
    const { path, view } = person;
    this.#unmark();
    this.#shown = person;
    this.#place = "";
    if (path === null) return;
    const resource = this.#addresses.uriOf(path);
    if (this.#editors.activeEditor?.resource?.toString() !== resource.toString()) {
      await this.#editors.openEditor({ resource, options: { pinned: false, preserveFocus: true } });
    }
    const editor = this.#editorOf(path);
    if (editor === undefined) return;
    if (!this.#revealLive(editor, person) && view !== undefined) this.#revealAndMark(editor, view);
  }

  #editorOf(path: string): ICodeEditor | undefined {
    const editor = activeTextEditor(this.#editors);
    const isThere = editor?.getModel()?.uri.toString() === this.#addresses.uriOf(path).toString();
    return isThere ? editor : undefined;
  }

  /** In a live file their caret has a mark already. @returns false: they have no caret in it */
  #revealLive(editor: ICodeEditor, { path, session }: Person): boolean {
    const place = path === null ? undefined : this.#live.placeOf(path, session);
    if (place === undefined) return false;
    this.#unmark();
    const now = JSON.stringify(place);
    if (now !== this.#place) this.#scrollTo(editor, place.first, place.line);
    this.#place = now;
    return true;
  }

  #scrollTo(editor: ICodeEditor, first: number, line: number): void {
    editor.setScrollTop(editor.getTopForLineNumber(first), ScrollType.Immediate);
    const [visible] = editor.getVisibleRanges();
    const isTheirCaretClose = visible !== undefined && line >= first && line <= first + 200;
    // A smaller screen shows fewer of their lines: the caret counts.
    if (isTheirCaretClose && line > visible.endLineNumber)
      editor.revealLineInCenterIfOutsideViewport(line, ScrollType.Immediate);
  }

  #revealAndMark(editor: ICodeEditor, { first, selection }: View): void {
    const [fromLine, fromColumn, line, column] = selection;
    this.#scrollTo(editor, first, line);
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
