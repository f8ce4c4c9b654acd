import { join, relative } from "node:path";
import { isBelow, type Share, type Thread } from "@waiide/protocol";
import { type CommentThread, Uri } from "vscode";
import { t } from "../text/translation.ts";
import { shareInWords } from "../text/words.ts";
import { collapsed, describeThread, linesOf, type ShownComment, shownComments } from "./shown-thread.ts";
import type { ThreadController } from "./thread-controller.ts";

/** A comment, as VS Code gives it back to commands. */
export interface OwnerComment extends ShownComment {
  readonly share: string;
  readonly thread: number;
}

/** The comments of one share in VS Code's editors. */
export class ShareComments {
  readonly id: string;
  readonly #share: Share;
  readonly #controller: ThreadController;
  readonly #threads = new Map<number, { readonly shown: CommentThread; thread: Thread }>();

  constructor(share: Share, controller: ThreadController) {
    this.id = share.id;
    this.#share = share;
    this.#controller = controller;
  }

  /** For people. */
  get label(): string {
    return t("{0} · {1}", shareInWords(this.#share), this.#share.permission);
  }

  idOf(shown: CommentThread): number | undefined {
    return [...this.#threads].find(([, one]) => one.shown === shown)?.[0];
  }

  find(id: number): Thread | undefined {
    return this.#threads.get(id)?.thread;
  }

  /** A file relative to the share's root; undefined: the share does not show it. */
  pathOf({ scheme, fsPath }: Uri): string | undefined {
    const { root, scope } = this.#share;
    const path = relative(root, fsPath);
    if (scheme !== "file" || path === "" || path.split("/")[0] === "..") return undefined;
    // What guests see of a commit is another text.
    return isShown(scope, path) && this.#share.commit === null ? path : undefined;
  }

  uriOf({ path }: Pick<Thread, "path">): Uri {
    return Uri.file(join(this.#share.root, path));
  }

  /** Shows exactly these. */
  load(threads: readonly Thread[]): void {
    for (const id of this.#threads.keys()) if (!threads.some((thread) => thread.id === id)) this.delete(id);
    for (const thread of threads) this.take(thread);
  }

  /** Its newest state. */
  take(thread: Thread): void {
    const known = this.#threads.get(thread.id);
    if (known === undefined) {
      this.#threads.set(thread.id, { shown: this.#make(thread), thread });
      return;
    }
    const { shown, thread: before } = known;
    if (before.path !== thread.path) {
      // VS Code moves no thread to another file.
      this.delete(thread.id);
      this.take(thread);
      return;
    }
    known.thread = thread;
    shown.comments = this.#commentsOf(thread);
    this.#describe(shown, thread);
    // VS Code itself has moved it with the text.
    if (before.line !== thread.line || before.end_line !== thread.end_line) shown.range = linesOf(thread);
    if (before.resolved !== thread.resolved) shown.collapsibleState = collapsed(thread);
  }

  delete(id: number): void {
    this.#threads.get(id)?.shown.dispose();
    this.#threads.delete(id);
  }

  dispose(): void {
    for (const id of [...this.#threads.keys()]) this.delete(id);
  }

  #make(thread: Thread): CommentThread {
    const shown = this.#controller.make(this.uriOf(thread), linesOf(thread), this.#commentsOf(thread));
    shown.collapsibleState = collapsed(thread);
    this.#describe(shown, thread);
    return shown;
  }

  #describe(shown: CommentThread, thread: Thread): void {
    describeThread(shown, thread, this.label);
  }

  #commentsOf(thread: Thread): OwnerComment[] {
    const { id } = thread;
    return shownComments(thread).map((one) => ({ ...one, share: this.id, thread: id, contextValue: "comment" }));
  }
}

function isShown(scope: Share["scope"], path: string): boolean {
  if (scope.kind === "workspace") return true;
  if (scope.kind === "app") return false;
  return scope.kind === "folder" ? isBelow(path, scope.path) : path === scope.path;
}
