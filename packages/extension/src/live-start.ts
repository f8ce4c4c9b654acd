import { commands } from "vscode";

/** Starts live editing in the page's web worker, once there is a share: before, no connection is opened for it. */
export class LiveStart {
  #isStarted = false;

  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    commands.executeCommand("waiide.live.start").then(undefined, (error: unknown) => {
      // This IDE runs no extensions in its page: then saves are merged, as without live editing.
      console.warn("WAIIDE cannot edit live in this IDE", error);
    });
  }
}
