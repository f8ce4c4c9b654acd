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
import { tagTextOn } from "./tag-color.ts";

interface Look {
  readonly caret: TextEditorDecorationType;
  readonly selection: TextEditorDecorationType;
}

/** What an editor shows. */
interface Shown {
  readonly carets: readonly ShownCaret[];
  readonly looks: ReadonlySet<Look>;
  /** Of people who moved: what they sent, and until when their name stays. */
  readonly moves: ReadonlyMap<string, Move>;
  readonly timer: ReturnType<typeof setTimeout> | undefined;
}

interface Move {
  readonly caret: ShownCaret["caret"];
  readonly until: number;
}

/** How long a name stays after its caret moved. Milliseconds. */
const named = 2_000;
/** Tells selections apart whose colors look alike to somebody. */
const borders = ["solid", "dotted", "dashed", "double"] as const;

/** Others' carets and selections in the editors of live files, with names while they move. */
export class CaretDecorations {
  /** By color. */
  readonly #looks = new Map<string, Look>();
  readonly #shown = new Map<TextEditor, Shown>();

  show(editor: TextEditor, carets: readonly ShownCaret[]): void {
    const before = this.#shown.get(editor);
    clearTimeout(before?.timer);
    const now = performance.now();
    const moves = new Map(
      carets.map(({ caret }) => [caret.person, moveOf(caret, before?.moves.get(caret.person), now)]),
    );
    const byLook = Map.groupBy(carets, ({ caret }) => this.#look(cssColor(caret.color)));
    for (const look of before?.looks ?? []) if (!byLook.has(look)) set(editor, look, [], () => false);
    const isNamed = ({ caret: { person } }: ShownCaret) => (moves.get(person)?.until ?? 0) > now;
    for (const [look, those] of byLook) set(editor, look, those, isNamed);
    if (carets.length === 0) this.#shown.delete(editor);
    else {
      const timer = carets.some(isNamed) ? setTimeout(() => this.#again(editor), named) : undefined;
      this.#shown.set(editor, { carets, looks: new Set(byLook.keys()), moves, timer });
    }
  }

  dispose(): void {
    for (const { timer } of this.#shown.values()) clearTimeout(timer);
    this.#shown.clear();
    for (const { caret, selection } of this.#looks.values()) {
      caret.dispose();
      selection.dispose();
    }
    this.#looks.clear();
  }

  /** Names go after a while. */
  #again(editor: TextEditor): void {
    const shown = this.#shown.get(editor);
    if (shown === undefined) return;
    if (window.visibleTextEditors.includes(editor)) this.show(editor, shown.carets);
    else this.#shown.delete(editor);
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
        borderColor: color,
        borderStyle: borders[this.#looks.size % borders.length] ?? "solid",
        borderWidth: "0 0 2px 0",
        overviewRulerColor: color,
      }),
    };
    this.#looks.set(color, made);
    return made;
  }
}

/** Something new of a person is a move; what is only drawn anew is none. */
function moveOf(caret: Move["caret"], before: Move | undefined, now: number): Move {
  return before?.caret === caret ? before : { caret, until: now + named };
}

function set(
  editor: TextEditor,
  look: Look,
  carets: readonly ShownCaret[],
  isNamed: (caret: ShownCaret) => boolean,
): void {
  editor.setDecorations(
    look.caret,
    carets.flatMap((each) => caretOptions(each, isNamed(each))),
  );
  editor.setDecorations(
    look.selection,
    carets.flatMap(({ caret, ranges }) =>
      ranges
        .map(({ anchor, head }) => ({ range: rangeOf(anchor, head), hoverMessage: shownName(caret.name) }))
        .filter(({ range }) => !range.isEmpty),
    ),
  );
}

/** A caret takes no room in the line, and its name stands above it. */
function caretOptions({ caret, ranges }: ShownCaret, isNamed: boolean): DecorationOptions[] {
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
      ...(isNamed && { after: nameTag(name, color, head.line === 0) }),
    },
  }));
}

function nameTag(name: string, color: string, isFirstLine: boolean) {
  const top = isFirstLine ? "1.3em" : "-1.1em";
  return {
    contentText: name,
    color: tagTextOn(color),
    backgroundColor: color,
    textDecoration: `none; position: absolute; top: ${top}; font-size: 0.75em; line-height: 1.3em; padding: 0 0.3em; border-radius: 0.2em; white-space: nowrap; z-index: 1; pointer-events: none`,
  };
}
