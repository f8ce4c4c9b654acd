import { Emitter } from "@codingame/monaco-vscode-api/vscode/vs/base/common/event";
import type { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import type { IRange } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/core/range";
import {
  type Comment,
  type CommentInput,
  CommentMode,
  type CommentThread,
  CommentThreadApplicability,
  CommentThreadCollapsibleState,
  CommentThreadState,
} from "@codingame/monaco-vscode-api/vscode/vs/editor/common/languages";
import type { Comment as SharedComment, Thread } from "@waiide/protocol";

/** The controller's, for VS Code's menus. */
export const controllerId = "waiide.comments";

let handles = 0;

/** A thread, as VS Code's comments show it: one of the share, or one that this guest begins. All of its text is plain (RULES R17). */
export class PageThread implements CommentThread<IRange> {
  readonly commentThreadHandle = ++handles;
  readonly controllerHandle = 1;
  readonly extensionId = controllerId;
  readonly threadId: string;
  readonly resource: string;
  readonly isTemplate: boolean;
  isDisposed = false;
  /** VS Code moves it with the text. */
  range: IRange;
  label: string | undefined;
  contextValue: string | undefined;
  comments: readonly Comment[] = [];
  initialCollapsibleState = CommentThreadCollapsibleState.Expanded;
  state = CommentThreadState.Unresolved;
  applicability = CommentThreadApplicability.Current;
  readonly canReply = true;
  /** As the gateway said last. */
  shared: Thread | undefined;
  readonly editorId?: string;
  #collapsibleState = CommentThreadCollapsibleState.Expanded;
  #input: CommentInput | undefined;
  readonly #changedComments = new Emitter<readonly Comment[] | undefined>();
  readonly #changedInput = new Emitter<CommentInput | undefined>();
  readonly #changedLabel = new Emitter<string | undefined>();
  readonly #changedCollapsible = new Emitter<CommentThreadCollapsibleState | undefined>();
  readonly #changedState = new Emitter<CommentThreadState | undefined>();
  readonly onDidChangeComments = this.#changedComments.event;
  readonly onDidChangeInitialCollapsibleState = new Emitter<CommentThreadCollapsibleState | undefined>().event;
  readonly onDidChangeInput = this.#changedInput.event;
  readonly onDidChangeLabel = this.#changedLabel.event;
  readonly onDidChangeCollapsibleState = this.#changedCollapsible.event;
  readonly onDidChangeState = this.#changedState.event;
  readonly onDidChangeCanReply = new Emitter<boolean>().event;

  /** @param range of a thread that is begun here, or the lines of `shared` */
  constructor(
    resource: URI,
    from: { readonly range: IRange; readonly editorId?: string } | { readonly shared: Thread },
  ) {
    this.resource = resource.toString();
    this.isTemplate = "range" in from;
    this.threadId = `${controllerId}.${"shared" in from ? from.shared.id : `new-${this.commentThreadHandle}`}`;
    this.range = "range" in from ? from.range : linesOf(from.shared);
    if ("shared" in from) {
      this.#collapsibleState = this.initialCollapsibleState = collapsed(from.shared);
      this.take(from.shared);
    } else if (from.editorId !== undefined) this.editorId = from.editorId;
  }

  get collapsibleState(): CommentThreadCollapsibleState {
    return this.#collapsibleState;
  }

  set collapsibleState(state: CommentThreadCollapsibleState) {
    if (state === this.#collapsibleState) return;
    this.#collapsibleState = state;
    this.#changedCollapsible.fire(state);
  }

  /** Undefined before anything is typed, which VS Code's own type leaves out. */
  get input(): CommentInput {
    return this.#input as CommentInput;
  }

  set input(input: CommentInput) {
    this.#input = input;
    this.#changedInput.fire(input);
  }

  isDocumentCommentThread(): this is CommentThread<IRange> {
    return true;
  }

  /** Its newest state. */
  take(shared: Thread): void {
    const before = this.shared;
    this.shared = shared;
    if (before === undefined || before.line !== shared.line || before.end_line !== shared.end_line) {
      this.range = linesOf(shared);
    }
    this.comments = shared.comments.map(commentOf);
    this.contextValue = shared.resolved ? "resolved" : "open";
    this.label = labelOf(shared);
    this.applicability = shared.outdated ? CommentThreadApplicability.Outdated : CommentThreadApplicability.Current;
    this.state = shared.resolved ? CommentThreadState.Resolved : CommentThreadState.Unresolved;
    this.#changedComments.fire(this.comments);
    this.#changedLabel.fire(this.label);
    this.#changedState.fire(this.state);
    if (before !== undefined && before.resolved !== shared.resolved) this.collapsibleState = collapsed(shared);
  }
}

function collapsed({ resolved }: Thread): CommentThreadCollapsibleState {
  return resolved ? CommentThreadCollapsibleState.Collapsed : CommentThreadCollapsibleState.Expanded;
}

function linesOf({ line, end_line }: Thread): IRange {
  return { startLineNumber: line, startColumn: 1, endLineNumber: end_line, endColumn: 1 };
}

function labelOf({ resolved, outdated, gone }: Thread): string {
  const place = gone ? "the file is gone" : outdated ? "the lines were changed or deleted" : "";
  const facts = [resolved ? "resolved" : "", place].filter(Boolean);
  return facts.length === 0 ? "Comments" : `Comments (${facts.join("; ")})`;
}

/** A body that is no Markdown is shown as plain text. */
function commentOf({ id, at, session, name, hub_user, text, own }: SharedComment): Comment {
  return {
    uniqueIdInThread: id,
    body: text,
    userName: hub_user ?? name,
    ...(session === null && { label: "Owner" }),
    ...(session !== null && hub_user !== null && { label: "logged in at the hub" }),
    contextValue: own ? "own" : "others",
    mode: CommentMode.Preview,
    timestamp: at,
  };
}
