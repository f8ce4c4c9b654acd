import Severity from "@codingame/monaco-vscode-api/vscode/vs/base/common/severity";
import type { INotificationService } from "@codingame/monaco-vscode-api/vscode/vs/platform/notification/common/notification.service";
import type { RefusedReason } from "@waiide/protocol";
import { refusedWords } from "./words.ts";

/** What a person is told about files that are live. */
export class LiveNotices {
  readonly #service: INotificationService;
  /** Says the same only once in a while. */
  readonly #say: (message: string) => void;

  constructor(service: INotificationService, say: (message: string) => void) {
    this.#service = service;
    this.#say = say;
  }

  /** @param text what was typed and is not in the file; empty: it only deleted */
  refused(path: string, reason: RefusedReason, text: string): void {
    const message = `Your last change of ${path} was taken back: ${refusedWords[reason]}.`;
    const copy = { label: "Copy My Text", run: () => void this.#copy(text) };
    this.#service.prompt(Severity.Warning, message, text === "" ? [] : [copy]);
  }

  overlap(path: string): void {
    this.#service.warn(
      `Another program changed lines of ${path} that had unsaved changes. The text here was kept; the owner can see the other lines in the list of changes.`,
    );
  }

  saveFailed(path: string, message: string): void {
    this.#say(`${path} could not be written yet, and what you type is kept: ${message}`);
  }

  keptLineEnds(): void {
    this.#say("Everybody in a file writes with the same line endings, so they are not changed here.");
  }

  async #copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.#service.warn("The browser does not let this page copy.");
    }
  }
}
