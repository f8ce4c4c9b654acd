import type { Thread } from "@waiide/protocol";
import {
  type CommentReply,
  type CommentThread,
  commands,
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
import { ThreadController } from "../../comments/thread-controller.ts";
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
  /** Files whose comments were asked for, by path: whether the guest may comment there, as far as is known. */
  readonly #files = new Map<string, boolean>();
  readonly #commands: Disposable;
  #controller: ThreadController | undefined;
  #mayShow = false;
  #root: string | undefined;

  /** @param ready when comments may be shown */
  constructor(requests: Requests, ready: Promise<void>) {
    this.#requests = requests;
    void ready.then(() => {
      this.#mayShow = true;
      this.begin(this.#root);
    });
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
    if (root === undefined) {
      this.#end();
      return;
    }
    if (!this.#mayShow) return;
    this.#controller ??= this.#start();
    // Messages may have been missed.
    for (const path of this.#files.keys()) void this.#load(path);
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
    this.#root = undefined;
    this.#commands.dispose();
    this.#end();
  }

  #start(): ThreadController {
    return new ThreadController({
      id: "waiide.guest.comments",
      label: t("Comments"),
      placeHolder: t("Everybody in this share who sees the file reads it."),
      rangesIn: (document) => this.#rangesIn(document),
    });
  }

  #end(): void {
    this.#controller?.dispose();
    this.#controller = undefined;
    this.#threads.clear();
    this.#files.clear();
  }

  #rangesIn({ uri, lineCount }: TextDocument): Range[] {
    const path = this.#pathOf(uri);
    if (path === undefined) return [];
    const mayComment = this.#files.get(path);
    if (mayComment === undefined) void this.#load(path);
    return mayComment === true ? [new Range(0, 0, Math.max(0, lineCount - 1), 0)] : [];
  }

  async #load(path: string): Promise<void> {
    const before = this.#files.get(path) ?? false;
    this.#files.set(path, before);
    const mayComment = await this.#ask(path);
    this.#files.set(path, mayComment);
    if (mayComment !== before) this.#controller?.askAgain();
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
      shown.comments = commentsOf(thread);
      describeThread(shown, thread, t("Comments"));
      // VS Code itself has moved it with the text.
      if (before.line !== thread.line || before.end_line !== thread.end_line) shown.range = linesOf(thread);
      if (before.resolved !== thread.resolved) shown.collapsibleState = collapsed(thread);
      return;
    }
    this.gone(thread.id);
    const uri = this.#uriOf(thread.path);
    if (uri === undefined || this.#controller === undefined) return;
    const shown = this.#controller.make(uri, linesOf(thread), commentsOf(thread));
    shown.collapsibleState = collapsed(thread);
    describeThread(shown, thread, t("Comments"));
    this.#threads.set(thread.id, { shown, thread });
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

function commentsOf(thread: Thread): GuestComment[] {
  const { id, comments } = thread;
  return shownComments(thread).map((one, at) => ({
    ...one,
    thread: id,
    contextValue: comments[at]?.own === true ? "own" : "others",
  }));
}
