import {
  type CommentController,
  type CommentThread,
  commands,
  comments,
  type Range,
  type TextDocument,
  type Uri,
} from "vscode";
import { t } from "../text/translation.ts";
import type { ShownComment } from "./shown-thread.ts";

export interface ThreadControllerOptions {
  readonly id: string;
  readonly label: string;
  /** In the box of a reply. */
  readonly placeHolder: string;
  /** The lines that may be commented on, known without waiting. */
  readonly rangesIn: (document: TextDocument) => Range[];
}

/**
 * The threads of this window, in VS Code's editors. VS Code collects a file's threads, asks which lines may be commented on,
 * and shows both once it has the answer: a thread that is made in between disappears until the file comes to the front again
 * (mainThreadComments.ts, commentsController.ts). After such a thread VS Code is made to ask again.
 */
export class ThreadController {
  readonly #controller: CommentController;
  readonly #rangesIn: ThreadControllerOptions["rangesIn"];
  /** Questions of VS Code whose answer it may not have yet. */
  #questions = 0;
  /** Threads that VS Code may not have yet. */
  #threads = 0;
  #mayMiss = false;

  constructor({ id, label, placeHolder, rangesIn }: ThreadControllerOptions) {
    this.#rangesIn = rangesIn;
    this.#controller = comments.createCommentController(id, label);
    this.#controller.options = { prompt: t("Reply"), placeHolder };
    this.askAgain();
  }

  make(uri: Uri, lines: Range, shown: ShownComment[]): CommentThread {
    this.#threads += 1;
    if (this.#questions > 0) this.#mayMiss = true;
    void this.#taken().then(() => {
      this.#threads -= 1;
    });
    return this.#controller.createCommentThread(uri, lines, shown);
  }

  /** For lines that may be commented on now, or no longer. */
  askAgain(): void {
    this.#mayMiss = false;
    this.#controller.commentingRangeProvider = { provideCommentingRanges: (document) => this.#answer(document) };
  }

  dispose(): void {
    this.#controller.dispose();
  }

  #answer(document: TextDocument): Range[] {
    this.#questions += 1;
    if (this.#threads > 0) this.#mayMiss = true;
    void this.#taken().then(() => {
      this.#questions -= 1;
      if (this.#questions === 0 && this.#mayMiss) this.askAgain();
    });
    return this.#rangesIn(document);
  }

  /** Resolves when VS Code has taken what it was told before: it takes calls in their order. */
  async #taken(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    await commands.executeCommand("setContext", "waiide.comments.taken", true);
  }
}
