import type { Thread } from "@waiide/protocol";
import { messageView } from "../talk/talk.ts";
import { type CommentWindow, lineIn } from "./comment-window.ts";
import type { Comments } from "./comments.ts";
import type { OpenThread } from "./threads.ts";

/** Who sees a thread. */
export interface Viewer {
  /** As in `StoredComment.author`. */
  readonly author: string;
  /** As they name the file. */
  readonly path: string;
  /** The lines that they see; undefined: where these are is not certain. */
  readonly window: CommentWindow | undefined;
}

/** A thread as one person sees it. */
export function threadView(thread: OpenThread, places: Comments["places"], { author, path, window }: Viewer): Thread {
  const { line, end, lost } = places.of(thread);
  return {
    id: thread.id,
    path,
    line: lineIn(window, line),
    end_line: lineIn(window, end),
    outdated: lost || thread.isGone || window === undefined,
    gone: thread.isGone,
    resolved: thread.resolvedAt !== null,
    comments: thread.comments.map((comment) => ({ ...messageView(comment), own: comment.author === author })),
  };
}
