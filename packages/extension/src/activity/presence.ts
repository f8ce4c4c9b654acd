import { commands, type Disposable, TextEditorSelectionChangeKind, type WindowState, window } from "vscode";

/**
 * Whether a person uses this window: VS Code says so (recent keys, mouse or touch), or there are keys and clicks in editors,
 * all that older versions report. Files that change by themselves do not count.
 */
export class Presence {
  readonly #subscriptions: Disposable[];
  #seen = true;
  #asking = false;

  /** @param onPerson called for each sign of a person */
  constructor(onPerson: () => void) {
    const see = () => {
      this.#seen = true;
      onPerson();
    };
    this.#subscriptions = [
      window.onDidChangeWindowState((state) => {
        if (isActive(state)) see();
      }),
      window.onDidChangeTextEditorSelection(({ kind }) => {
        if (kind === TextEditorSelectionChangeKind.Keyboard || kind === TextEditorSelectionChangeKind.Mouse) see();
      }),
    ];
  }

  /** Whether a person was active since the last call. */
  take(): boolean {
    const seen = this.#seen;
    this.#seen = false;
    this.#look();
    return seen;
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** This process outlives its window, and then still has the window's last state: it counts only if the window answers. */
  #look(): void {
    if (this.#asking || !isActive(window.state)) return;
    this.#asking = true;
    commands.executeCommand("setContext", "waiide.asked", true).then(
      () => {
        this.#asking = false;
        if (isActive(window.state)) this.#seen = true;
      },
      () => {
        this.#asking = false;
      },
    );
  }
}

/** VS Code has this state since 1.89. */
function isActive(state: WindowState & { readonly active?: boolean }): boolean {
  return state.active === true;
}
