import { window } from "vscode";

/**
 * Offers what would be missed if it went unseen. VS Code takes a message off the screen after some seconds, whether somebody looked
 * or not, unless it is an error with buttons: that one stays until it is answered.
 */
export function offerUntilAnswered(message: string, ...choices: readonly string[]): Thenable<string | undefined> {
  return window.showErrorMessage(message, ...choices);
}
