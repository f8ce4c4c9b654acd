import { isCancellationError } from "@codingame/monaco-vscode-api/vscode/vs/base/common/errors";

/**
 * VS Code drops promises of cancelled searches and the like, and its own page ignores them (`registerErrorHandler` in its
 * browser/workbench.ts); monaco-vscode-api leaves that listener out. All other unhandled rejections stay errors.
 */
export function ignoreCancellations(): void {
  window.addEventListener("unhandledrejection", (event) => {
    if (isCancellationError(event.reason)) event.preventDefault();
  });
}
