import type { Thread } from "@waiide/protocol";
import {
  type CommentController,
  type CommentReply,
  type CommentThread,
  commands,
  comments,
  Disposable,
  Range,
  type TextDocument,
  type Uri,
  window,
  workspace,
} from "vscode";
import {
  collapsed,
  describeThread,
  linesOf,
  offerComment,
  othersNewComment,
  type ShownComment,
  shownComments,
} from "../../comments/shown-thread.ts";
import { t } from "../../text/translation.ts";
import { plainText } from "../../text/words.ts";
import { isFileUri } from "../live/tabs.ts";
import { RequestError, type Requests } from "./requests.ts";
import { pathBelow, randomKey } from "./share-paths.ts";

interface GuestComment extends ShownComment {
  readonly thread: number;
}

/** The comments of a Terminal Access guest's share, in the editors of their own IDE. */
export class GuestComments {
  readonly #requests: Requests;
  readonly #threads = new Map<number, { shown: CommentThread; thread: Thread }>();
  /** Files whose comments are here, by path: whether the guest may comment there. */
  readonly #loaded = new Map<string, Promise<boolean>>();
  readonly #commands: Disposable;
  #controller: CommentController | undefined;
  #root: string | undefined;

  constructor(requests: Requests) {
    this.#requests = requests;
    this.#commands = Disposable.from(
      commands.registerCommand("waiide.live.comments.write", (reply: CommentReply) => this.#write(reply)),
      commands.registerCommand("waiide.live.comments.resolve", (thread: CommentThread) => this.#resolve(thread, true)),
      commands.registerCommand("waiide.live.comments.unresolve", (one: CommentThread) => this.#resolve(one, false)),
      commands.registerCommand("waiide.live.comments.delete", (comment: GuestComment) => this.#delete(comment)),
    );
  }

  /** @param root of the share; undefined: nobody may comment */
  begin(root: string | undefined): void {
    this.#root = root;
    const known = [...this.#loaded.keys()];
    this.#loaded.clear();
    if (root === undefined) {
      this.#end();
      return;
    }
    this.#controller ??= this.#start();
    // Messages may have been missed.
    for (const path of known) void this.#load(path);
  }

  take(thread: Thread): void {
    const before = this.#threads.get(thread.id)?.thread;
    this.#show(thread);
    const fresh = othersNewComment(before, thread);
    const uri = this.#uriOf(thread.path);
    if (fresh === undefined || uri === undefined) return;
    void offerComment(uri, fresh, () => (this.#threads.get(thread.id)?.thread ?? thread).line);
  }

  gone(id: number): void {
    this.#threads.get(id)?.shown.dispose();
    this.#threads.delete(id);
  }

  dispose(): void {
    this.#commands.dispose();
    this.#end();
  }

  #start(): CommentController {
    const controller = comments.createCommentController("waiide.guest.comments", t("Comments"));
    controller.options = { prompt: t("Reply"), placeHolder: t("Everybody in this share who sees the file reads it.") };
    controller.commentingRangeProvider = { provideCommentingRanges: (document) => this.#rangesIn(document) };
    return controller;
  }

  #end(): void {
    this.#controller?.dispose();
    this.#controller = undefined;
    this.#threads.clear();
  }

  async #rangesIn({ uri, lineCount }: TextDocument): Promise<Range[]> {
    const path = this.#pathOf(uri);
    if (path === undefined || !(await this.#load(path))) return [];
    return [new Range(0, 0, Math.max(0, lineCount - 1), 0)];
  }

  #load(path: string): Promise<boolean> {
    const known = this.#loaded.get(path);
    if (known !== undefined) return known;
    const loading = this.#ask(path);
    this.#loaded.set(path, loading);
    return loading;
  }

  async #ask(path: string): Promise<boolean> {
    try {
      const { threads } = await this.#requests.ask("comments", { path });
      const isThere = (id: number) => threads.some((thread) => thread.id === id);
      for (const [id, { thread }] of this.#threads) if (thread.path === path && !isThere(id)) this.gone(id);
      for (const thread of threads) this.#show(thread);
      return true;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      // A file that the share does not show; after a lost connection it is asked for again.
      return false;
    }
  }

  #show(thread: Thread): void {
    const known = this.#threads.get(thread.id);
    if (known !== undefined && known.thread.path === thread.path) {
      const { shown, thread: before } = known;
      known.thread = thread;
      this.#fill(shown, thread);
      // VS Code itself has moved it with the text.
      if (before.line !== thread.line || before.end_line !== thread.end_line) shown.range = linesOf(thread);
      if (before.resolved !== thread.resolved) shown.collapsibleState = collapsed(thread);
      return;
    }
    this.gone(thread.id);
    const uri = this.#uriOf(thread.path);
    if (uri === undefined || this.#controller === undefined) return;
    const shown = this.#controller.createCommentThread(uri, linesOf(thread), []);
    shown.collapsibleState = collapsed(thread);
    this.#fill(shown, thread);
    this.#threads.set(thread.id, { shown, thread });
  }

  #fill(shown: CommentThread, thread: Thread): void {
    const { id } = thread;
    const values = thread.comments.map(({ own }) => (own ? "own" : "others"));
    const all = shownComments(thread);
    shown.comments = all.map((one, at): GuestComment => ({ ...one, thread: id, contextValue: values[at] ?? "others" }));
    describeThread(shown, thread, t("Comments"));
  }

  async #write({ thread: shown, text }: CommentReply): Promise<void> {
    if (text.trim() === "") return;
    const id = this.#idOf(shown);
    const key = randomKey();
    await this.#doing(async () => {
      if (id !== undefined) {
        this.#show(await this.#requests.ask("reply", { thread: id, text, key }));
        return;
      }
      const path = this.#pathOf(shown.uri);
      if (path === undefined) return;
      const { start, end } = shown.range;
      const lines = { line: start.line + 1, end_line: end.line + 1 };
      const made = await this.#requests.ask("comment", { path, ...lines, text, key });
      shown.dispose();
      this.#show(made);
    });
  }

  async #resolve(shown: CommentThread, resolved: boolean): Promise<void> {
    const thread = this.#idOf(shown);
    if (thread === undefined) return;
    await this.#doing(async () => this.#show(await this.#requests.ask("resolve", { thread, resolved })));
  }

  async #delete({ thread, id }: GuestComment): Promise<void> {
    await this.#doing(async () => {
      await this.#requests.ask("delete-comment", { thread, comment: id });
    });
  }

  /** undefined: a thread that is begun in this window. */
  #idOf(shown: CommentThread): number | undefined {
    return [...this.#threads].find(([, one]) => one.shown === shown)?.[0];
  }

  #pathOf(uri: Uri): string | undefined {
    return this.#root === undefined || !isFileUri(uri) ? undefined : pathBelow(this.#root, uri.path);
  }

  #uriOf(path: string): Uri | undefined {
    const folder = workspace.workspaceFolders?.[0]?.uri;
    return this.#root === undefined ? undefined : folder?.with({ path: `${this.#root}/${path}` });
  }

  async #doing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      void window.showErrorMessage(plainText(error.message));
    }
  }
}
