import type { IDisposable } from "@codingame/monaco-vscode-api/vscode/vs/base/common/lifecycle";
import type { CodeEditorWidget } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/widget/codeEditor/codeEditorWidget";
import {
  type IModelDeltaDecoration,
  type ITextModel,
  OverviewRulerLane,
  TrackedRangeStickiness,
} from "@codingame/monaco-vscode-api/vscode/vs/editor/common/model";
import type { Text } from "@waiide/protocol/live";
import { CaretWidget } from "./caret-widget.ts";
import { rangeOf } from "./model-changes.ts";
import type { RemoteCarets, ShownCaret } from "./remote-carets.ts";
import { selectionClass } from "./selection-color.ts";

export interface CaretViewParts {
  readonly model: ITextModel;
  readonly carets: RemoteCarets;
  /** The editors that show the file. */
  editors(): readonly CodeEditorWidget[];
  /** The text that the editors show. */
  text(): Text;
}

/** Draws the others' carets and selections in all editors of a file. */
export class CaretView {
  readonly #parts: CaretViewParts;
  readonly #widgets = new Map<CodeEditorWidget, Map<string, CaretWidget>>();
  readonly #hovers = new Map<CodeEditorWidget, IDisposable>();
  #decorations: string[] = [];
  #stop: () => void;

  constructor(parts: CaretViewParts) {
    this.#parts = parts;
    this.#stop = parts.carets.onChange.listen((moved) => this.#draw(moved));
  }

  /** Editors were opened or closed. */
  update(): void {
    const editors = this.#parts.editors();
    for (const editor of [...this.#widgets.keys()]) if (!editors.includes(editor)) this.#leave(editor);
    for (const editor of editors) if (!this.#widgets.has(editor)) this.#enter(editor);
    this.#draw(new Set());
  }

  close(): void {
    this.#stop();
    for (const editor of [...this.#widgets.keys()]) this.#leave(editor);
    if (!this.#parts.model.isDisposed()) this.#parts.model.deltaDecorations(this.#decorations, []);
    this.#decorations = [];
  }

  #enter(editor: CodeEditorWidget): void {
    this.#widgets.set(editor, new Map());
    this.#hovers.set(
      editor,
      editor.onMouseMove(({ event }) => {
        for (const widget of this.#widgets.get(editor)?.values() ?? []) widget.pointAt(event.posx, event.posy);
      }),
    );
  }

  #leave(editor: CodeEditorWidget): void {
    for (const widget of this.#widgets.get(editor)?.values() ?? []) widget.close();
    this.#widgets.delete(editor);
    this.#hovers.get(editor)?.dispose();
    this.#hovers.delete(editor);
  }

  #draw(moved: ReadonlySet<string>): void {
    const { model, carets } = this.#parts;
    if (model.isDisposed()) return;
    const text = this.#parts.text();
    this.#decorations = model.deltaDecorations(
      this.#decorations,
      carets.all.flatMap((caret) => decorationsOf(caret, text)),
    );
    for (const [editor, widgets] of this.#widgets) this.#place(editor, widgets, text, moved);
  }

  #place(editor: CodeEditorWidget, widgets: Map<string, CaretWidget>, text: Text, moved: ReadonlySet<string>): void {
    const left = new Set(widgets.keys());
    for (const { person, name, color, shape, ranges } of this.#parts.carets.all) {
      for (const [index, [, head]] of ranges.entries()) {
        const id = `${person}/${index}`;
        left.delete(id);
        const known = widgets.get(id);
        const widget = known ?? new CaretWidget(editor, `waiide.caret/${id}`);
        widgets.set(id, widget);
        // Of several carets of a person, one shows the name.
        widget.show({ name: index === 0 ? name : "", color, shape, offset: head, text, isMove: moved.has(person) });
      }
    }
    for (const id of left) {
      widgets.get(id)?.close();
      widgets.delete(id);
    }
  }
}

function decorationsOf({ color, shape, ranges }: ShownCaret, text: Text): IModelDeltaDecoration[] {
  return ranges.map(([anchor, head]) => ({
    range: rangeOf(Math.min(anchor, head), Math.max(anchor, head), text),
    options: {
      description: "waiide-live",
      className: `${selectionClass(color)} waiide-live-shape-${shape}`,
      stickiness: TrackedRangeStickiness.NeverGrowsWhenTypingAtEdges,
      overviewRuler: { color, position: OverviewRulerLane.Full },
    },
  }));
}
