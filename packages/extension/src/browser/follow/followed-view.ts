import type { WindowPerson } from "@waiide/protocol/live";
import { commands, Range, type TextEditor, TextEditorRevealType, window, workspace } from "vscode";
import { CaretDecorations } from "../live/caret-decorations.ts";
import type { Place } from "../live/editor-text.ts";
import { frontUri } from "./own-place.ts";

/** Where somebody's caret is in a live file of this window, and the first line on their screen. */
export interface CaretPlace {
  readonly head: Place;
  readonly first: Place;
}

export type CaretOf = (path: string, session: string) => CaretPlace | undefined;

/** Their caret may be far below a short screen. Lines. */
const screen = 200;

/** Shows what the followed person sees: their file, their lines, and their caret where the file is not live. */
export class FollowedView {
  readonly #caretOf: CaretOf;
  readonly #marks = new CaretDecorations();
  #wanted: WindowPerson | undefined;
  #person: WindowPerson | undefined;
  #isOpening = false;
  #marked: TextEditor | undefined;
  #place = "";

  constructor(caretOf: CaretOf) {
    this.#caretOf = caretOf;
  }

  /** Whether the person of this window has turned to another file. */
  get isLeft(): boolean {
    const path = this.#person?.path;
    return !this.#isOpening && path !== null && path !== undefined && frontUri()?.path !== path;
  }

  /** The newest place counts: opening a file takes a while. */
  async goTo(person: WindowPerson): Promise<void> {
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
    if (this.#person?.path === path && !this.#isOpening) this.#reveal(this.#person, path);
  }

  clear(): void {
    this.#wanted = undefined;
    this.#person = undefined;
    this.#unmark();
  }

  dispose(): void {
    this.#marks.dispose();
  }

  #take(): WindowPerson | undefined {
    const next = this.#wanted;
    this.#wanted = undefined;
    return next;
  }

  async #show(person: WindowPerson): Promise<void> {
    const { path } = person;
    this.#unmark();
    this.#person = person;
    this.#place = "";
    const folder = workspace.workspaceFolders?.[0]?.uri;
    if (path === null || folder === undefined) return;
    if (frontUri()?.path !== path) {
      await commands.executeCommand("vscode.open", folder.with({ path }), { preserveFocus: true, preview: true });
    }
    this.#reveal(person, path);
  }

  #reveal(person: WindowPerson, path: string): void {
    const editor = window.visibleTextEditors.find(({ document }) => document.uri.path === path);
    if (editor === undefined) return;
    const place = this.#caretOf(path, person.session);
    if (place !== undefined) this.#unmark();
    const seen = place ?? placeOf(person);
    const now = JSON.stringify(seen);
    if (seen === undefined || now === this.#place) return;
    this.#place = now;
    scrollTo(editor, seen);
    if (place === undefined) this.#mark(editor, person);
  }

  /** A live file shows their caret already. */
  #mark(editor: TextEditor, { session, name, color, view }: WindowPerson): void {
    if (view === undefined) return;
    const [fromLine, fromColumn, line, column] = view.selection;
    const range = {
      anchor: { line: fromLine - 1, character: fromColumn - 1 },
      head: { line: line - 1, character: column - 1 },
    };
    this.#marks.show(editor, [
      { caret: { person: session, name, color, ranges: [] }, first: undefined, ranges: [range] },
    ]);
    this.#marked = editor;
  }

  #unmark(): void {
    if (this.#marked !== undefined) this.#marks.show(this.#marked, []);
    this.#marked = undefined;
  }
}

function placeOf({ view }: WindowPerson): CaretPlace | undefined {
  if (view === undefined) return undefined;
  const [, , line, column] = view.selection;
  return { first: { line: view.first - 1, character: 0 }, head: { line: line - 1, character: column - 1 } };
}

function scrollTo(editor: TextEditor, { first, head }: CaretPlace): void {
  editor.revealRange(new Range(first.line, 0, first.line, 0), TextEditorRevealType.AtTop);
  // A smaller screen shows fewer of their lines: the caret counts.
  const isClose = head.line >= first.line && head.line <= first.line + screen;
  const caret = new Range(head.line, head.character, head.line, head.character);
  if (isClose) editor.revealRange(caret, TextEditorRevealType.InCenterIfOutsideViewport);
}
