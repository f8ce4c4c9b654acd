import { isCancellationError } from "@codingame/monaco-vscode-api/vscode/vs/base/common/errors";

/**
 * VS Code drops promises of searches and the like when it cancels them, and its page takes that for no error
 * (`registerErrorHandler` in its browser/workbench.ts); monaco-vscode-api leaves that listener out. All else that nobody
 * handles stays an error.
 */
export function ignoreCancellations(): void {
  window.addEventListener("unhandledrejection", (event) => {
    if (isCancellationError(event.reason)) event.preventDefault();
  });
}
