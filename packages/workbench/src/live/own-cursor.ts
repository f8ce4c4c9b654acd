import type { IDisposable } from "@codingame/monaco-vscode-api/vscode/vs/base/common/lifecycle";
import type { CodeEditorWidget } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/widget/codeEditor/codeEditorWidget";
import type { LiveClient } from "@waiide/protocol/live";
import { LeadingEdge } from "./leading-edge.ts";
import { offsetOf } from "./model-changes.ts";

/** Twenty messages a second. Milliseconds. */
const pause = 50;
const maxRanges = 100;

/** What `live-cursor` says. */
export interface OwnCursor {
  readonly rev: number;
  readonly ranges: [number, number][];
  readonly visible?: [number, number];
}

export interface OwnCursorParts {
  readonly client: LiveClient;
  /** The editors that show the file. */
  editors(): readonly CodeEditorWidget[];
  send(cursor: OwnCursor): void;
}

/** Tells the others where this person is in a file. */
export class OwnCursorSender {
  readonly #parts: OwnCursorParts;
  readonly #edge: LeadingEdge;
  readonly #listening = new Map<CodeEditorWidget, IDisposable[]>();
  /** The editor that was used last. */
  #editor: CodeEditorWidget | undefined;
  #said = "";

  constructor(parts: OwnCursorParts) {
    this.#parts = parts;
    this.#edge = new LeadingEdge(pause, () => this.#tell());
  }

  /** Editors were opened or closed, or the text changed, or the connection is back. */
  update(): void {
    const editors = this.#parts.editors();
    for (const [editor, listening] of this.#listening) {
      if (editors.includes(editor)) continue;
      for (const each of listening) each.dispose();
      this.#listening.delete(editor);
    }
    for (const editor of editors) if (!this.#listening.has(editor)) this.#listen(editor);
    if (this.#editor === undefined || !editors.includes(this.#editor)) this.#editor = editors[0];
    this.#edge.run();
  }

  /** A new connection knows nothing of it. */
  forget(): void {
    this.#said = "";
  }

  close(): void {
    this.#edge.close();
    for (const listening of this.#listening.values()) for (const each of listening) each.dispose();
    this.#listening.clear();
  }

  #listen(editor: CodeEditorWidget): void {
    const moved = () => {
      if (editor.hasTextFocus()) this.#editor = editor;
      this.#edge.run();
    };
    this.#listening.set(editor, [
      editor.onDidChangeCursorSelection(moved),
      editor.onDidFocusEditorText(moved),
      editor.onDidScrollChange(moved),
    ]);
  }

  #tell(): void {
    const { client, send } = this.#parts;
    // Others move this person's caret with what they type; positions in it are not known to them before it is acknowledged.
    if (client.unacknowledged) return;
    const cursor = this.#cursor();
    const said = JSON.stringify([cursor.ranges, cursor.visible]);
    if (said === this.#said) return;
    this.#said = said;
    send(cursor);
  }

  #cursor(): OwnCursor {
    const { client } = this.#parts;
    const [editor, text] = [this.#editor, client.shown];
    const selections = editor?.getSelections()?.slice(0, maxRanges) ?? [];
    const ranges = selections.map((each): [number, number] => [
      offsetOf(each.selectionStartLineNumber, each.selectionStartColumn, text),
      offsetOf(each.positionLineNumber, each.positionColumn, text),
    ]);
    const seen = editor?.getVisibleRanges() ?? [];
    const [first, last] = [seen[0], seen.at(-1)];
    if (first === undefined || last === undefined) return { rev: client.rev, ranges };
    const visible: [number, number] = [
      offsetOf(first.startLineNumber, 1, text),
      offsetOf(last.endLineNumber, last.endColumn, text),
    ];
    return { rev: client.rev, ranges, visible };
  }
}
