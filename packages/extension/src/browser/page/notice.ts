/** A link or a button of a notice. */
export interface NoticeAction {
  readonly title: string;
  /** A URL to open, or what a click does. */
  readonly action: string | (() => void);
  /** A link opens in a new tab. */
  readonly newTab?: boolean;
}

export interface NoticeContent {
  readonly text: string;
  readonly actions?: readonly NoticeAction[];
  /** Follows the actions. */
  readonly after?: string;
}

// Colors are those of the workbench's theme, also with high contrast; before the workbench is there, the system's.
const frame = `position: fixed; top: 0; left: 50%; transform: translateX(-50%); z-index: 10000; box-sizing: border-box;
  width: max-content; max-width: 100%; padding: 10px 16px; font: 13px/1.5 system-ui, sans-serif; border-radius: 0 0 6px 6px;
  color: var(--vscode-notifications-foreground, CanvasText); background: var(--vscode-notifications-background, Canvas);
  border: 1px solid var(--vscode-contrastBorder, var(--vscode-notificationCenter-border, GrayText)); border-top: none;
  box-shadow: 0 2px 8px rgb(0 0 0 / 30%);`;
const linkLook =
  "color: var(--vscode-notificationLink-foreground, LinkText); text-decoration: underline; margin: 0 4px";
const buttonLook = `margin: 0 4px; padding: 2px 10px; font: inherit; border-radius: 3px; cursor: pointer;
  color: var(--vscode-button-foreground, ButtonText); background: var(--vscode-button-background, ButtonFace);
  border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent));`;

/** A bar at the top of the page, for notices that VS Code cannot show. Only one at a time. */
export class Notice {
  readonly #element = document.createElement("div");
  #shown = "";

  constructor() {
    this.#element.setAttribute("role", "alert");
    this.#element.style.cssText = frame;
    // VS Code would treat the keys as its own commands.
    this.#element.addEventListener("keydown", (event) => event.stopPropagation());
  }

  /** The text that is shown; empty: no notice. */
  get text(): string {
    return this.#shown;
  }

  show({ text, actions = [], after = "" }: NoticeContent): void {
    const place = document.querySelector(".monaco-workbench") ?? document.body;
    if (this.#shown === text && this.#element.parentElement === place) return;
    this.#shown = text;
    // Screen readers announce text that is added to an existing alert.
    if (this.#element.parentElement !== place) place?.append(this.#element);
    this.#element.replaceChildren(text, " ", ...actions.map(elementOf), after === "" ? "" : ` ${after}`);
  }

  hide(): void {
    this.#shown = "";
    this.#element.remove();
  }
}

function elementOf({ title, action, newTab = false }: NoticeAction): HTMLElement {
  if (typeof action !== "string") {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = title;
    button.style.cssText = buttonLook;
    button.addEventListener("click", action);
    return button;
  }
  const link = document.createElement("a");
  link.textContent = title;
  link.href = action;
  link.style.cssText = linkLook;
  if (newTab) {
    link.target = "_blank";
    link.rel = "noopener";
  }
  return link;
}
