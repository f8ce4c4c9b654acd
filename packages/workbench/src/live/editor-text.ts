import type { IDisposable } from "@codingame/monaco-vscode-api/vscode/vs/base/common/lifecycle";
import type { CodeEditorWidget } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/widget/codeEditor/codeEditorWidget";
import { EndOfLineSequence, type ITextModel } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/model";
import type { IModelContentChangedEvent } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/textModelEvents";
import type { ITextFileEditorModel } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/textfile/common/textfiles";
import { type ChangeSet, diffToChange, type Text } from "@waiide/protocol/live";
import { withoutDirt } from "../overrides/live-models.ts";
import { keepingViews } from "./kept-view.ts";
import { changeOf, editsOf, textOf } from "./model-changes.ts";

/** What the person did to the text. */
export interface OwnChange {
  readonly change: ChangeSet;
  readonly before: Text;
  /** It takes back an earlier change, or makes it again. */
  readonly isStep: boolean;
}

export interface EditorTextParts {
  readonly file: ITextFileEditorModel;
  readonly model: ITextModel;
  /** The editors that show the file. */
  editors(): readonly CodeEditorWidget[];
  typed(change: OwnChange): void;
  /** Whether the line ends belong to the file. */
  keepsLineEnds(): boolean;
  /** The person tried to change them. */
  keptLineEnds(): void;
}

/** The text of an editor: tells what the person does to it from what is shown to them. */
export class EditorText implements IDisposable {
  readonly #parts: EditorTextParts;
  readonly #listening: IDisposable;
  readonly #eol: EndOfLineSequence;
  #text: Text;
  /** The version of VS Code's text that a change of ours leads to. */
  #shown = -1;
  /** The version that an undo or redo leads to. */
  #step = -1;

  constructor(parts: EditorTextParts) {
    const { model } = parts;
    this.#parts = parts;
    this.#text = textOf(model);
    this.#eol = eolOf(model);
    this.#listening = model.onDidChangeContent((event: IModelContentChangedEvent) => this.#changed(event));
  }

  /** As live editing counts it. */
  get text(): Text {
    return this.#text;
  }

  dispose(): void {
    this.#listening.dispose();
  }

  /** Shows a change that is no edit of this person. */
  show(change: ChangeSet): void {
    const { file, model, editors } = this.#parts;
    const before = this.#text;
    this.#shown = model.getVersionId() + 1;
    keepingViews(editors(), change, { before, after: change.apply(before) }, () => {
      withoutDirt(file, () => model.applyEdits(editsOf(change, before)));
    });
    this.#shown = -1;
  }

  /** A change of this person's that undo does not take back. */
  edit(change: ChangeSet): void {
    const { model } = this.#parts;
    this.#step = model.getVersionId() + 1;
    model.applyEdits(editsOf(change, this.#text));
    this.#step = -1;
  }

  #changed(event: IModelContentChangedEvent): void {
    if (event.isEolChange) this.#keepLineEnds();
    const before = this.#text;
    const change = event.isFlush ? diffToChange(before, textOf(this.#parts.model)) : changeOf(event.changes, before);
    if (change.empty) return;
    this.#text = change.apply(before);
    if (event.versionId !== this.#shown) {
      this.#parts.typed({ change, before, isStep: event.versionId === this.#step });
    }
  }

  #keepLineEnds(): void {
    const { model, file, keepsLineEnds, keptLineEnds } = this.#parts;
    if (eolOf(model) === this.#eol || !keepsLineEnds()) return;
    // After everybody has heard of the change.
    queueMicrotask(() => {
      if (!model.isDisposed()) withoutDirt(file, () => model.setEOL(this.#eol));
    });
    keptLineEnds();
  }
}

function eolOf(model: ITextModel): EndOfLineSequence {
  return model.getEOL() === "\n" ? EndOfLineSequence.LF : EndOfLineSequence.CRLF;
}
