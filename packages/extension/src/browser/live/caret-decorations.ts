import {
  type DecorationOptions,
  DecorationRangeBehavior,
  type TextEditor,
  type TextEditorDecorationType,
  window,
} from "vscode";
import type { ShownCaret } from "./binding.ts";
import { rangeOf } from "./editors.ts";
import { cssColor, shownName } from "./shown-person.ts";

interface Look {
  readonly caret: TextEditorDecorationType;
  readonly selection: TextEditorDecorationType;
}

/** Others' carets, selections and names in the editors of live files. */
export class CaretDecorations {
  /** By color. */
  readonly #looks = new Map<string, Look>();
  /** What each editor shows. */
  readonly #shown = new WeakMap<TextEditor, Set<Look>>();

  show(editor: TextEditor, carets: readonly ShownCaret[]): void {
    const byLook = Map.groupBy(carets, ({ caret }) => this.#look(cssColor(caret.color)));
    const before = this.#shown.get(editor) ?? new Set();
    for (const look of before) if (!byLook.has(look)) this.#set(editor, look, []);
    for (const [look, those] of byLook) this.#set(editor, look, those);
    this.#shown.set(editor, new Set(byLook.keys()));
  }

  dispose(): void {
    for (const { caret, selection } of this.#looks.values()) {
      caret.dispose();
      selection.dispose();
    }
    this.#looks.clear();
  }

  #set(editor: TextEditor, look: Look, carets: readonly ShownCaret[]): void {
    editor.setDecorations(
      look.caret,
      carets.flatMap((each) => caretOptions(each)),
    );
    editor.setDecorations(
      look.selection,
      carets.flatMap(({ ranges }) =>
        ranges.map(({ anchor, head }) => rangeOf(anchor, head)).filter((range) => !range.isEmpty),
      ),
    );
  }

  #look(color: string): Look {
    const known = this.#looks.get(color);
    if (known !== undefined) return known;
    const made: Look = {
      caret: window.createTextEditorDecorationType({
        rangeBehavior: DecorationRangeBehavior.ClosedClosed,
        overviewRulerColor: color,
      }),
      selection: window.createTextEditorDecorationType({
        rangeBehavior: DecorationRangeBehavior.ClosedClosed,
        backgroundColor: `color-mix(in srgb, ${color} 25%, transparent)`,
        overviewRulerColor: color,
      }),
    };
    this.#looks.set(color, made);
    return made;
  }
}

/** A caret takes no room in the line, and its name stands above it. */
function caretOptions({ caret, ranges }: ShownCaret): DecorationOptions[] {
  const color = cssColor(caret.color);
  const name = shownName(caret.name);
  return ranges.map(({ head }) => ({
    range: rangeOf(head, head),
    hoverMessage: name,
    renderOptions: {
      before: {
        contentText: "",
        textDecoration: `none; position: absolute; height: 1.3em; border-left: 2px solid ${color}; margin-left: -1px; pointer-events: none`,
      },
      after: {
        contentText: name,
        color: "#ffffff",
        backgroundColor: color,
        textDecoration: `none; position: absolute; ${head.line === 0 ? "top: 1.3em" : "top: -1.1em"}; font-size: 0.75em; line-height: 1.3em; padding: 0 0.3em; border-radius: 0.2em; white-space: nowrap; z-index: 1; pointer-events: none`,
      },
    },
  }));
}
