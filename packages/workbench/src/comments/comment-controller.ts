import { URI, type UriComponents } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import type { IRange } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/core/range";
import type { CommentThread } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/languages";
import type { ITextModel } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/model";
import type { IModelService } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/services/model.service";
import type { ICommentService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/contrib/comments/browser/commentService.service";
import type { Thread } from "@waiide/protocol";
import type { Addresses } from "../files/addresses.ts";
import type { Session } from "../session/session.ts";
import { SessionError } from "../session/session-error.ts";
import { controllerId, PageThread } from "./page-thread.ts";

type Controller = Parameters<ICommentService["registerCommentController"]>[1];

export interface CommentControllerParts {
  readonly session: Session;
  readonly addresses: Addresses;
  readonly comments: ICommentService;
  readonly models: IModelService;
  /** Says that something did not work. */
  readonly say: (message: string) => void;
}

/** The comments of the share in VS Code's editors: loaded with a file, kept current by the session's events. */
export class CommentController implements Controller {
  readonly id = controllerId;
  readonly label = "Comments";
  readonly owner = controllerId;
  readonly contextValue = controllerId;
  readonly features = {
    options: { prompt: "Reply", placeHolder: "Everybody in this share who sees the file reads it" },
  };
  readonly options = this.features.options;
  activeComment: Controller["activeComment"];
  readonly #parts: CommentControllerParts;
  /** Of the files that are open, by path. */
  readonly #files = new Map<string, Promise<Map<number, PageThread>>>();
  readonly #begun = new Map<number, PageThread>();

  constructor(parts: CommentControllerParts) {
    this.#parts = parts;
    const { session, models } = parts;
    session.onThread.listen(({ thread }) => void this.#take(thread));
    session.onThreadGone.listen((id) => void this.#forget(id));
    session.onReturn.listen(() => void this.#loadAgain());
    models.onModelRemoved((model) => this.#files.delete(this.#pathOf(model.uri) ?? ""));
  }

  async createCommentThreadTemplate(
    resource: UriComponents,
    range: IRange | undefined,
    editorId?: string,
  ): Promise<void> {
    if (range === undefined) return;
    const thread = new PageThread(URI.revive(resource), { range, ...(editorId !== undefined && { editorId }) });
    this.#begun.set(thread.commentThreadHandle, thread);
    this.#update({ added: [thread] });
  }

  async updateCommentThreadTemplate(handle: number, range: IRange): Promise<void> {
    const thread = this.#begun.get(handle);
    if (thread !== undefined) thread.range = range;
  }

  /** VS Code calls it for a thread that was begun and left. */
  deleteCommentThreadMain(threadId: string): void {
    for (const thread of this.#begun.values()) if (thread.threadId === threadId) this.#end(thread);
  }

  async toggleReaction(): Promise<void> {}

  async getDocumentComments(resource: URI): ReturnType<Controller["getDocumentComments"]> {
    const model = this.#parts.models.getModel(resource);
    const threads = model === null ? [] : [...(await this.#threadsOf(model)).values()];
    const isOpen = this.#parts.session.welcome.share.commit === undefined && this.#pathOf(resource) !== undefined;
    const lines = model === null || !isOpen ? [] : [wholeOf(model)];
    return {
      uniqueOwner: controllerId,
      label: this.label,
      threads: [...threads, ...this.#begunIn(resource)],
      commentingRanges: { resource, ranges: lines, fileComments: false },
    };
  }

  async getNotebookComments(): ReturnType<Controller["getNotebookComments"]> {
    return { uniqueOwner: controllerId, label: this.label, threads: [] };
  }

  async setActiveCommentAndThread(active: Controller["activeComment"]): Promise<void> {
    this.activeComment = active;
  }

  /** Writes what was typed into a thread: one of the share, or a new one. */
  async write(thread: CommentThread, text: string): Promise<void> {
    const own = this.#own(thread);
    if (own === undefined || text.trim() === "") return;
    await this.#doing(async () => {
      const { session } = this.#parts;
      const key = crypto.randomUUID();
      if (own.shared !== undefined) {
        await this.#take(await session.request("reply", { thread: own.shared.id, text, key }));
        clearInput(own);
        return;
      }
      const path = this.#pathOf(URI.parse(own.resource)) ?? "";
      const { startLineNumber: line, endLineNumber: end_line } = own.range;
      const made = await session.request("comment", { path, line, end_line, text, key });
      this.#end(own);
      await this.#take(made);
    });
  }

  async resolve(handle: number, resolved: boolean): Promise<void> {
    const id = (await this.#find(handle))?.shared?.id;
    if (id === undefined) return;
    await this.#doing(async () => this.#take(await this.#parts.session.request("resolve", { thread: id, resolved })));
  }

  async delete(handle: number, comment: number): Promise<void> {
    const id = (await this.#find(handle))?.shared?.id;
    if (id === undefined) return;
    await this.#doing(async () => {
      await this.#parts.session.request("delete-comment", { thread: id, comment });
    });
  }

  #own(thread: CommentThread): PageThread | undefined {
    return thread instanceof PageThread ? thread : undefined;
  }

  async #find(handle: number): Promise<PageThread | undefined> {
    const files = await Promise.all(this.#files.values());
    return files.flatMap((threads) => [...threads.values()]).find((one) => one.commentThreadHandle === handle);
  }

  #begunIn(resource: URI): PageThread[] {
    return [...this.#begun.values()].filter((thread) => thread.resource === resource.toString());
  }

  #end(thread: PageThread): void {
    this.#begun.delete(thread.commentThreadHandle);
    thread.isDisposed = true;
    this.#update({ removed: [thread] });
  }

  #pathOf(resource: URI): string | undefined {
    return this.#parts.addresses.pathOf(resource);
  }

  #threadsOf(model: ITextModel): Promise<Map<number, PageThread>> {
    const path = this.#pathOf(model.uri);
    if (path === undefined) return Promise.resolve(new Map());
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const loading = this.#load(path);
    this.#files.set(path, loading);
    return loading;
  }

  async #load(path: string): Promise<Map<number, PageThread>> {
    const resource = this.#parts.addresses.uriOf(path);
    try {
      const { threads } = await this.#parts.session.request("comments", { path });
      return new Map(threads.map((shared) => [shared.id, new PageThread(resource, { shared })]));
    } catch (error) {
      // A file without comments, as one that was deleted meanwhile.
      if (error instanceof SessionError) return new Map();
      throw error;
    }
  }

  /** After a loss of the connection: what was missed. */
  async #loadAgain(): Promise<void> {
    for (const [path, before] of [...this.#files]) {
      const known = await before;
      const { threads } = await this.#parts.session.request("comments", { path }).catch(() => ({ threads: [] }));
      for (const id of known.keys()) if (!threads.some((thread) => thread.id === id)) await this.#forget(id);
      for (const thread of threads) await this.#take(thread);
    }
  }

  async #take(shared: Thread): Promise<void> {
    await this.#forget(shared.id, shared.path);
    const threads = await this.#files.get(shared.path);
    if (threads === undefined) return;
    const known = threads.get(shared.id);
    if (known !== undefined) {
      known.take(shared);
      this.#update({ changed: [known] });
      return;
    }
    const thread = new PageThread(this.#parts.addresses.uriOf(shared.path), { shared });
    threads.set(shared.id, thread);
    this.#update({ added: [thread] });
  }

  /** @param except a path: only where it is in another file */
  async #forget(id: number, except?: string): Promise<void> {
    for (const [path, loading] of [...this.#files]) {
      const threads = await loading;
      const thread = threads.get(id);
      if (thread === undefined || path === except) continue;
      threads.delete(id);
      thread.isDisposed = true;
      this.#update({ removed: [thread] });
    }
  }

  #update(change: { readonly [what in "added" | "removed" | "changed"]?: PageThread[] }): void {
    this.#parts.comments.updateComments(controllerId, { added: [], removed: [], changed: [], pending: [], ...change });
  }

  async #doing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      this.#parts.say(error.message);
      throw error;
    }
  }
}

function clearInput(thread: PageThread): void {
  if (thread.input !== undefined) thread.input = { ...thread.input, value: "" };
}

function wholeOf(model: ITextModel): IRange {
  return { startLineNumber: 1, startColumn: 1, endLineNumber: model.getLineCount(), endColumn: 1 };
}
