import { button, element } from "../page/element.ts";
import { renderMarkdown, sanitized } from "../rendered/markdown.ts";
import { SafeFrame } from "../rendered/safe-frame.ts";
import type { Surroundings } from "../rendered/surroundings.ts";
import { type CellEditor, openCellEditor } from "./cell-editor.ts";
import type { Cell, Output } from "./notebook.ts";
import { type Rendered, renderOutput } from "./outputs.ts";

// Shows one cell of a notebook, and edits its source.

/** Actions on a cell; none in a read-only notebook. */
export interface CellActions {
  change(source: string): void;
  remove(): void;
  move(by: -1 | 1): void;
}

export interface CellViewOptions {
  readonly cell: Cell;
  readonly label: string;
  readonly language: string;
  readonly surroundings: Surroundings;
  /** Outputs of the cells before this one, now. */
  above(): readonly Output[];
  readonly actions: CellActions | undefined;
}

/** Delay after the last key. Milliseconds. */
const settling = 300;

/** One cell: its source and its outputs. */
export class CellView {
  readonly element: HTMLElement;
  readonly cell: Cell;
  readonly #options: CellViewOptions;
  readonly #body = element("div", { class: "cell-body" });
  readonly #outputs: Rendered[];
  readonly #theme: { dispose(): void };
  #frame: SafeFrame | undefined;
  #colour: () => void = () => {};
  #editor: CellEditor | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: CellViewOptions) {
    this.#options = options;
    this.cell = options.cell;
    const { cell, label, surroundings, actions, above } = options;
    const count = cell.kind === "code" ? `[${cell.count ?? " "}]` : "";
    this.#outputs = cell.outputs.map((output, index) => {
      const earlier = () => ({ above: above(), beside: cell.outputs.slice(0, index) });
      return renderOutput(output, { surroundings, earlier });
    });
    this.element = element(
      "section",
      { class: `cell ${cell.kind}`, "aria-label": label, tabindex: "0" },
      element("span", { class: "cell-count", "aria-hidden": "true" }, count),
      element("div", { class: "cell-main" }, this.#body, ...this.#outputs.map((output) => output.element)),
    );
    if (actions !== undefined) this.#addActions(actions);
    // Each theme numbers its colors anew.
    this.#theme = surroundings.theme.onChange(() => this.#colour());
    this.#showSource();
  }

  get isEditing(): boolean {
    return this.#editor !== undefined;
  }

  dispose(): void {
    this.commit();
    this.#editor?.dispose();
    this.#frame?.dispose();
    this.#theme.dispose();
    for (const output of this.#outputs) output.dispose();
    this.element.remove();
  }

  async edit(): Promise<void> {
    const { actions, label, language } = this.#options;
    if (actions === undefined || this.#editor !== undefined) return;
    const container = element("div", { class: "cell-editor" });
    this.#body.replaceChildren(container);
    this.#editor = await openCellEditor({
      container,
      source: this.cell.source,
      language: this.cell.kind === "code" ? language : "markdown",
      label,
      onChange: () => {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.commit(), settling);
      },
      onLeave: () => this.#leave(),
    });
    this.#editor.focus();
  }

  #addActions(actions: CellActions): void {
    const tools = element(
      "div",
      { class: "cell-tools", role: "toolbar", "aria-label": `Change ${this.#options.label}` },
      button("Edit", () => void this.edit()),
      button("Up", () => actions.move(-1), { "aria-label": "Move up" }),
      button("Down", () => actions.move(1), { "aria-label": "Move down" }),
      button("Delete", () => actions.remove()),
    );
    this.element.append(tools);
    this.#body.addEventListener("dblclick", () => void this.edit());
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target !== this.element) return;
      event.preventDefault();
      void this.edit();
    });
  }

  #leave(): void {
    const editor = this.#editor;
    if (editor === undefined) return;
    const source = editor.value;
    this.commit();
    this.#editor = undefined;
    editor.dispose();
    const hadFocus = this.element.contains(document.activeElement);
    this.#showSource(source);
    if (hadFocus) this.element.focus();
  }

  /** Copies the cell editor's text into the file's text. */
  commit(): void {
    clearTimeout(this.#timer);
    const source = this.#editor?.value;
    if (source !== undefined && source !== this.cell.source) this.#options.actions?.change(source);
  }

  #showSource(source = this.cell.source): void {
    const { surroundings, language, label } = this.#options;
    this.#frame?.dispose();
    this.#frame = undefined;
    if (this.cell.kind === "markdown") {
      this.#frame = new SafeFrame(surroundings, label, "cell");
      this.#body.replaceChildren(this.#frame.element);
      void this.#frame.show(() => renderMarkdown(source, surroundings, this.cell.attachments));
      return;
    }
    const code = element("pre", { class: "cell-source" }, source);
    this.#body.replaceChildren(code);
    if (this.cell.kind !== "code") return;
    this.#colour = () => {
      void surroundings.colour(source, language).then((html) => code.replaceChildren(sanitized(html)));
    };
    this.#colour();
  }
}
