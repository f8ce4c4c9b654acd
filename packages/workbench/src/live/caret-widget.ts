import type {
  IContentWidget,
  IContentWidgetPosition,
} from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/editorBrowser";
import { ContentWidgetPositionPreference } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/editorBrowser";
import type { CodeEditorWidget } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/widget/codeEditor/codeEditorWidget";
import { EditorOption } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/config/editorOptions";
import type { Text } from "@waiide/protocol/live";
import { element } from "../page/element.ts";
import { positionOf } from "./model-changes.ts";

/** How long a name stays after its caret moved. Milliseconds. */
const shown = 2_000;

/** How near the pointer must be to a caret to see its name. Pixels. */
const near = 8;

interface Place {
  readonly name: string;
  readonly color: string;
  readonly shape: number;
  readonly offset: number;
  readonly text: Text;
  /** The person moved; otherwise only the text did. */
  readonly isMove: boolean;
}

/** One caret of somebody else, with a name that appears when it moves, and near the pointer. Screen readers have the list of people. */
export class CaretWidget implements IContentWidget {
  readonly #editor: CodeEditorWidget;
  readonly #id: string;
  readonly #name = element("span", { class: "waiide-caret-name" });
  readonly #element = element("div", { class: "waiide-caret", "aria-hidden": "true" }, this.#name);
  #position: IContentWidgetPosition | null = null;
  #offset = -1;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(editor: CodeEditorWidget, id: string) {
    this.#editor = editor;
    this.#id = id;
    editor.addContentWidget(this);
  }

  getId(): string {
    return this.#id;
  }

  getDomNode(): HTMLElement {
    return this.#element;
  }

  getPosition(): IContentWidgetPosition | null {
    return this.#position;
  }

  show({ name, color, shape, offset, text, isMove }: Place): void {
    const { lineNumber, column } = positionOf(offset, text);
    this.#name.textContent = name;
    this.#element.style.setProperty("--person", color);
    this.#element.dataset.shape = String(shape);
    this.#element.style.height = `${this.#editor.getOption(EditorOption.lineHeight)}px`;
    this.#position = { position: { lineNumber, column }, preference: [ContentWidgetPositionPreference.EXACT] };
    this.#editor.layoutContentWidget(this);
    // Above the first line there is no room for a name.
    this.#element.classList.toggle("top", lineNumber === (this.#editor.getVisibleRanges()[0]?.startLineNumber ?? 1));
    if (isMove && offset !== this.#offset) this.#showName();
    this.#offset = offset;
  }

  /** The pointer moved, in coordinates of the page. */
  pointAt(x: number, y: number): void {
    const { left, top, bottom } = this.#element.getBoundingClientRect();
    this.#element.classList.toggle("pointed", Math.abs(x - left) <= near && y >= top && y <= bottom);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#editor.removeContentWidget(this);
  }

  #showName(): void {
    clearTimeout(this.#timer);
    this.#element.classList.add("moved");
    this.#timer = setTimeout(() => this.#element.classList.remove("moved"), shown);
  }
}
