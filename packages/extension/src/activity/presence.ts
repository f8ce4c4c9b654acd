import { commands, type Disposable, TextEditorSelectionChangeKind, type WindowState, window } from "vscode";

/**
 * Whether a person is at this window: what VS Code itself takes for one (keys, mouse and touch lately), and keys and clicks in
 * editors, which older versions know alone. Files that change by themselves are nobody.
 */
export class Presence {
  readonly #subscriptions: Disposable[];
  #seen = true;
  #asking = false;

  /** @param onPerson called for each sign of one */
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

  /** Since the last call. */
  take(): boolean {
    const seen = this.#seen;
    this.#seen = false;
    this.#look();
    return seen;
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** This process outlives its window, whose state then stays what it was: the state counts only once the window has answered. */
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

/** VS Code tells it since 1.89. */
function isActive(state: WindowState & { readonly active?: boolean }): boolean {
  return state.active === true;
}
