import { commands, type Disposable } from "vscode";

/** What the extension in the page's web worker registers. */
const startCommand = "waiide.live.start";

/** Starts live editing once there is a share: before, no connection is opened for it. */
export class LiveStart implements Disposable {
  readonly #here: () => Disposable;
  #isStarted = false;
  #running: Disposable | undefined;

  /** @param here starts it in this host: only where the page has no worker that does */
  constructor(here: () => Disposable) {
    this.#here = here;
  }

  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    commands.executeCommand(startCommand).then(undefined, (error: unknown) => this.#fall(error));
  }

  dispose(): void {
    this.#running?.dispose();
    this.#running = undefined;
  }

  /** Two of them in one window would take each other's edits for the person's. */
  async #fall(error: unknown): Promise<void> {
    if ((await commands.getCommands(true)).includes(startCommand)) {
      console.warn("WAIIDE cannot edit live in this window", error);
      return;
    }
    this.#running = this.#here();
  }
}
