import { Range } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/core/range";
import type { ITextModel } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/model";
import { button, element } from "../page/element.ts";
import type { Surroundings } from "../rendered/surroundings.ts";
import { type CellActions, CellView } from "./cell-view.ts";
import {
  type Cell,
  type CellKind,
  deleteEdits,
  insertEdits,
  type Notebook,
  sourceEdits,
  swapEdits,
  type TextEdit,
} from "./notebook.ts";
import { readText } from "./reading.ts";

export interface NotebookViewOptions {
  readonly container: HTMLElement;
  /** The file's text, which the cells show and change. */
  readonly model: ITextModel;
  readonly surroundings: Surroundings;
  isReadonly(): boolean;
}

/**
 * A notebook as cells, on top of its file's text: saving, merging, undo and others' changes work as for every text. Nothing is
 * executed.
 */
export class NotebookView {
  readonly #options: NotebookViewOptions;
  readonly #cells = element("div", { class: "cells" });
  readonly #problem = element("p", { class: "notebook-problem", role: "status" });
  readonly #listener: { dispose(): void };
  #views: CellView[] = [];
  #adder: HTMLElement | undefined;
  #isReadonly: boolean;
  /** Set while a cell's editor already shows the change. */
  #isOwnChange = false;

  constructor(options: NotebookViewOptions) {
    this.#options = options;
    this.#isReadonly = options.isReadonly();
    options.container.replaceChildren(this.#problem, this.#cells);
    this.#listener = options.model.onDidChangeContent(() => {
      if (!this.#isOwnChange) this.show();
    });
    this.show();
  }

  /** Renders the file's current text; unchanged cells stay as they are. */
  show(): void {
    const { notebook, problem } = readText(this.#text);
    // A damaged notebook is never rewritten from its readable parts.
    const isReadonly = this.#options.isReadonly() || problem !== undefined;
    this.#problem.hidden = problem === undefined;
    this.#problem.textContent = problem ?? "";
    const old = isReadonly === this.#isReadonly ? this.#views : [];
    if (old.length === 0) this.#clear();
    this.#isReadonly = isReadonly;
    this.#views = notebook.cells.map((cell, index) => {
      const same = old[index];
      return same !== undefined && (same.isEditing || isSame(same.cell, cell)) ? same : this.#viewOf(notebook, index);
    });
    for (const view of old) if (!this.#views.includes(view)) view.dispose();
    this.#adder?.remove();
    arrange(
      this.#cells,
      this.#views.map((view) => view.element),
    );
    this.#adder = isReadonly ? undefined : this.#makeAdder(notebook.cells.length);
    if (this.#adder !== undefined) this.#cells.append(this.#adder);
  }

  /** Puts the text that was just typed into the file's text. */
  commit(): void {
    for (const view of this.#views) view.commit();
  }

  /** Nothing of it stays: until the next file is loaded, its buttons would change this one unseen. */
  dispose(): void {
    this.#clear();
    this.#problem.remove();
    this.#cells.remove();
    this.#listener.dispose();
  }

  #clear(): void {
    for (const view of this.#views) view.dispose();
    this.#views = [];
  }

  #viewOf({ cells, language }: Notebook, index: number): CellView {
    const cell = cells[index] as Cell;
    const view: CellView = new CellView({
      cell,
      above: () => this.#views.slice(0, this.#views.indexOf(view)).flatMap((each) => each.cell.outputs),
      label: `${cell.kind === "code" ? "Code" : "Text"}, cell ${index + 1} of ${cells.length}`,
      language,
      surroundings: this.#options.surroundings,
      actions: this.#isReadonly ? undefined : this.#actionsOf(index),
    });
    return view;
  }

  #actionsOf(index: number): CellActions {
    return {
      change: (source) => {
        this.#isOwnChange = true;
        this.#apply(sourceEdits(this.#text, index, source));
        this.#isOwnChange = false;
      },
      remove: () => this.#apply(deleteEdits(this.#text, index)),
      move: (by) => this.#apply(swapEdits(this.#text, Math.min(index, index + by))),
    };
  }

  get #text(): string {
    return this.#options.model.getValue();
  }

  #makeAdder(count: number): HTMLElement {
    const add = (kind: CellKind) => () => {
      this.#apply(insertEdits(this.#text, count, kind));
      void this.#views.at(-1)?.edit();
    };
    return element("div", { class: "add-cell" }, button("+ Code", add("code")), button("+ Text", add("markdown")));
  }

  #apply(edits: readonly TextEdit[]): void {
    const { model } = this.#options;
    const operations = edits.map(({ offset, length, content }) => ({
      range: Range.fromPositions(model.getPositionAt(offset), model.getPositionAt(offset + length)),
      text: content,
    }));
    model.pushEditOperations([], operations, () => null);
  }
}

/** Elements in their place are not touched: a moved frame loads again, and a moved editor loses the focus. */
function arrange(parent: HTMLElement, children: readonly HTMLElement[]): void {
  for (const child of [...parent.children]) if (!children.some((wanted) => wanted === child)) child.remove();
  children.forEach((child, index) => {
    const there = parent.children[index];
    if (there !== child) parent.insertBefore(child, there ?? null);
  });
}

function isSame(one: Cell, other: Cell): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
