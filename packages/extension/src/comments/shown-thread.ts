import type { Thread } from "@waiide/protocol";
import {
  type Comment,
  CommentMode,
  type CommentThread,
  CommentThreadCollapsibleState,
  CommentThreadState,
  Range,
  type Uri,
  window,
} from "vscode";
import { t } from "../text/translation.ts";
import { guestInWords } from "../text/words.ts";

/** Threads of comments as VS Code shows them, to owners and to guests in an IDE of their own. All of their text is plain (RULES R17). */

export interface ShownComment extends Comment {
  readonly id: number;
}

/** A body that is no MarkdownString is shown as plain text (RULES R17). */
export function shownComments({ comments }: Thread): ShownComment[] {
  return comments.map((one) => ({
    id: one.id,
    body: one.text,
    mode: CommentMode.Preview,
    author: { name: one.own ? t("You") : guestInWords(one) },
    ...(one.hub_user !== null && { label: t("logged in at the hub") }),
    timestamp: new Date(one.at),
  }));
}

export function describeThread(shown: CommentThread, thread: Thread, label: string): void {
  const { resolved } = thread;
  shown.canReply = true;
  shown.contextValue = resolved ? "resolved" : "open";
  shown.state = resolved ? CommentThreadState.Resolved : CommentThreadState.Unresolved;
  shown.label = labelOf(thread, label);
}

function labelOf({ outdated, gone }: Thread, label: string): string {
  if (gone) return t("{0} (the file is gone)", label);
  return outdated ? t("{0} (the lines were changed or deleted)", label) : label;
}

export function collapsed({ resolved }: Pick<Thread, "resolved">): CommentThreadCollapsibleState {
  return resolved ? CommentThreadCollapsibleState.Collapsed : CommentThreadCollapsibleState.Expanded;
}

/** VS Code counts lines from 0, shares from 1. */
export function linesOf({ line, end_line }: Pick<Thread, "line" | "end_line">): Range {
  return new Range(line - 1, 0, end_line - 1, 0);
}

/**
 * Tells of a new comment in a file that is not in sight. Its text stays in the editor: VS Code shows links in messages (RULES R17).
 * @param lineNow of the thread, when the person answers
 */
export async function offerComment(
  uri: Uri,
  comment: Thread["comments"][number],
  lineNow: () => number,
): Promise<void> {
  const isSeen = window.visibleTextEditors.some(({ document }) => document.uri.toString() === uri.toString());
  if (isSeen) return;
  const show = t("Show Comment");
  const text = t("{0} commented on a file.", guestInWords(comment));
  if ((await window.showInformationMessage(text, show)) !== show) return;
  const line = lineNow() - 1;
  await window.showTextDocument(uri, { selection: new Range(line, 0, line, 0) });
}

/** The comment of somebody else that a thread has got. @param before the thread as it was; undefined: it is new */
export function othersNewComment(
  before: Pick<Thread, "comments"> | undefined,
  { comments }: Pick<Thread, "comments">,
): Thread["comments"][number] | undefined {
  const last = comments.at(-1);
  return last?.own === false && comments.length > (before?.comments.length ?? 0) ? last : undefined;
}
