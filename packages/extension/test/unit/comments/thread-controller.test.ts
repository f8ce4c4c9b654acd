import { beforeEach, expect, it, vi } from "vitest";
import type { CommentingRangeProvider, CommentThread, Range, TextDocument, Uri } from "vscode";

/**
 * VS Code as far as comments go: calls reach it, and its answers and questions reach the extension, one after the other. It
 * shows what it had collected before it asked (mainThreadComments.ts), and what is added while nothing is asked
 * (commentsController.ts).
 */
class FakeWindow {
  readonly #there: object[] = [];
  #provider: CommentingRangeProvider | undefined;
  #asking = 0;
  shown: object[] = [];
  questions = 0;

  readonly create = (thread: object) => this.#call(() => this.#add(thread));
  readonly provide = (provider: CommentingRangeProvider) => {
    this.#provider = provider;
    this.#call(() => this.compute());
  };
  readonly execute = () => new Promise<void>((resolve) => this.#call(() => this.#call(resolve)));

  /** As a file comes to the front. */
  compute(): void {
    const collected = [...this.#there];
    this.#asking += 1;
    this.questions += 1;
    this.#call(async () => {
      await this.#provider?.provideCommentingRanges({ lineCount: 1 } as TextDocument, {} as never);
      this.#call(() => {
        this.#asking -= 1;
        this.shown = collected;
      });
    });
  }

  #add(thread: object): void {
    this.#there.push(thread);
    // The question that is under way ends with what was there before it.
    if (this.#asking === 0) this.shown = [...this.shown, thread];
  }

  /** One hop between the extension and the window; timers of one delay come in order. */
  #call(work: () => unknown): void {
    setTimeout(work, 1);
  }
}

let vscode: FakeWindow;
vi.mock("vscode", () => ({
  comments: {
    createCommentController: () => ({
      set commentingRangeProvider(provider: CommentingRangeProvider) {
        vscode.provide(provider);
      },
      createCommentThread: (uri: Uri, range: Range): Partial<CommentThread> => {
        const thread: Partial<CommentThread> = { uri, range };
        vscode.create(thread);
        return thread;
      },
      dispose: () => undefined,
    }),
  },
  commands: { executeCommand: () => vscode.execute() },
  l10n: { t: (text: string) => text },
}));
const { ThreadController } = await import("../../../src/comments/thread-controller.ts");

const uri = {} as Uri;
const lines = {} as Range;
const settled = () => vi.advanceTimersByTimeAsync(100);

beforeEach(() => {
  vi.useFakeTimers();
  vscode = new FakeWindow();
});

function make() {
  const options = { id: "waiide.comments", label: "Comments", placeHolder: "All read it." };
  return new ThreadController({ ...options, rangesIn: () => [lines] });
}

it("a thread that is made while VS Code asks about the file is shown", async () => {
  const controller = make();
  await settled();
  for (let wait = 0; wait < 8; wait += 1) {
    vscode.compute();
    await vi.advanceTimersByTimeAsync(wait);
    const thread = controller.make(uri, lines, []);
    await settled();
    expect(vscode.shown).toContain(thread);
  }
});

it("threads that are made at rest do not make VS Code ask again", async () => {
  const controller = make();
  await settled();
  const before = vscode.questions;
  const threads = [controller.make(uri, lines, []), controller.make(uri, lines, [])];
  await settled();
  expect(vscode.shown).toEqual(threads);
  expect(vscode.questions).toBe(before);
});
