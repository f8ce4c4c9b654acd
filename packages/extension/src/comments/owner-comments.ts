import type { Share, ThreadEvent } from "@waiide/protocol";
import {
  type CommentReply,
  type CommentThread,
  commands,
  Disposable,
  Range,
  type TextDocument,
  type Uri,
  window,
} from "vscode";
import { reasonOf } from "../gateway/gateway.ts";
import type { ShareApi } from "../shares/api.ts";
import type { ShareSnapshot } from "../shares/state.ts";
import { t } from "../text/translation.ts";
import { plainText } from "../text/words.ts";
import { type OwnerComment, ShareComments } from "./share-comments.ts";
import { offerComment, othersNewComment } from "./shown-thread.ts";
import { ThreadController } from "./thread-controller.ts";

type Api = Pick<ShareApi, "comments" | "comment" | "reply" | "resolve" | "deleteComment">;
type Snapshot = Pick<ShareSnapshot, "shares" | "info" | "connected">;

/** Comments on lines of shared files: guests' and the owner's, with VS Code's own commands and keys. */
export class OwnerComments {
  readonly #api: Api;
  readonly #shares = new Map<string, ShareComments>();
  #controller: ThreadController | undefined;
  readonly #commands: Disposable;
  #isConnected = false;
  #mayShow = false;
  #newest: Snapshot | undefined;

  /** @param ready when comments may be shown */
  constructor(api: Api, ready: Promise<void>) {
    this.#api = api;
    void ready.then(() => {
      this.#mayShow = true;
      if (this.#newest !== undefined) this.show(this.#newest);
    });
    this.#commands = Disposable.from(
      commands.registerCommand("waiide.comments.write", (reply: CommentReply) => this.#write(reply)),
      commands.registerCommand("waiide.comments.resolve", (thread: CommentThread) => this.#resolve(thread, true)),
      commands.registerCommand("waiide.comments.unresolve", (thread: CommentThread) => this.#resolve(thread, false)),
      commands.registerCommand("waiide.comments.delete", (comment: OwnerComment) => this.#delete(comment)),
    );
  }

  /** The shares as they are now. */
  show(snapshot: Snapshot): void {
    this.#newest = snapshot;
    if (!this.#mayShow) return;
    const { shares, info, connected } = snapshot;
    const shown = info === undefined || info.talk === false ? [] : shares;
    const ended = [...this.#shares.values()].filter(({ id }) => !shown.some((share) => share.id === id));
    for (const one of ended) {
      one.dispose();
      this.#shares.delete(one.id);
    }
    if (shown.length === 0) this.#end();
    const wasConnected = this.#isConnected;
    this.#isConnected = connected;
    const fresh = shown.filter(({ id }) => !this.#shares.has(id));
    // Events may have been missed.
    if (connected && !wasConnected) for (const known of this.#shares.values()) void this.#load(known);
    for (const share of fresh) this.#add(share);
    if (ended.length + fresh.length > 0) this.#controller?.askAgain();
  }

  take({ share, id, thread }: ThreadEvent): void {
    const comments = this.#shares.get(share);
    if (comments === undefined) return;
    const before = comments.find(id);
    if (thread === null) comments.delete(id);
    else comments.take(thread);
    const fresh = thread === null ? undefined : othersNewComment(before, thread);
    if (thread === null || fresh === undefined) return;
    void offerComment(comments.uriOf(thread), fresh, () => (comments.find(thread.id) ?? thread).line);
  }

  dispose(): void {
    this.#newest = undefined;
    this.#commands.dispose();
    this.#end();
  }

  #end(): void {
    this.#controller?.dispose();
    this.#controller = undefined;
    this.#shares.clear();
  }

  #add(share: Share): void {
    this.#controller ??= this.#start();
    const added = new ShareComments(share, this.#controller);
    this.#shares.set(share.id, added);
    void this.#load(added);
  }

  #start(): ThreadController {
    return new ThreadController({
      id: "waiide.comments",
      label: t("Comments for guests"),
      placeHolder: t("All guests of the share who see the file read it."),
      rangesIn: (document) => this.#rangesIn(document),
    });
  }

  #rangesIn({ uri, lineCount }: TextDocument): Range[] {
    return this.#sharing(uri).length === 0 ? [] : [new Range(0, 0, Math.max(0, lineCount - 1), 0)];
  }

  /** The shares that show a file. */
  #sharing(uri: Uri): ShareComments[] {
    return [...this.#shares.values()].filter((share) => share.pathOf(uri) !== undefined);
  }

  async #load(comments: ShareComments): Promise<void> {
    try {
      const { threads } = await this.#api.comments(comments.id);
      if (this.#shares.get(comments.id) === comments) comments.load(threads);
    } catch (error) {
      console.warn("WAIIDE could not load the comments of a share", reasonOf(error));
    }
  }

  async #write({ thread: shown, text }: CommentReply): Promise<void> {
    if (text.trim() === "") return;
    const found = this.#find(shown);
    await this.#doing(async () => {
      if (found !== undefined) found.share.take(await this.#api.reply(found.share.id, found.id, text));
      else await this.#begin(shown, text);
    });
  }

  async #begin(shown: CommentThread, text: string): Promise<void> {
    const share = await this.#choose(this.#sharing(shown.uri));
    const path = share?.pathOf(shown.uri);
    if (share === undefined || path === undefined) return;
    const { start, end } = shown.range;
    const lines = { line: start.line + 1, end_line: end.line + 1 };
    const made = await this.#api.comment(share.id, { path, ...lines, text });
    shown.dispose();
    share.take(made);
  }

  /** Several shares may show the same file to different guests. */
  async #choose(shares: readonly ShareComments[]): Promise<ShareComments | undefined> {
    if (shares.length < 2) return shares[0];
    const choices = shares.map((share) => ({ label: share.label, share }));
    const placeHolder = t("Guests of which share read the comment?");
    return (await window.showQuickPick(choices, { placeHolder }))?.share;
  }

  async #resolve(shown: CommentThread, isResolved: boolean): Promise<void> {
    const found = this.#find(shown);
    if (found === undefined) return;
    const { share, id } = found;
    await this.#doing(async () => share.take(await this.#api.resolve(share.id, id, isResolved)));
  }

  async #delete({ share, thread, id }: OwnerComment): Promise<void> {
    await this.#doing(() => this.#api.deleteComment(share, thread, id));
  }

  /** undefined: a thread that is begun in this window. */
  #find(shown: CommentThread): { readonly share: ShareComments; readonly id: number } | undefined {
    for (const share of this.#shares.values()) {
      const id = share.idOf(shown);
      if (id !== undefined) return { share, id };
    }
    return undefined;
  }

  async #doing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      void window.showErrorMessage(plainText(reasonOf(error)));
    }
  }
}
