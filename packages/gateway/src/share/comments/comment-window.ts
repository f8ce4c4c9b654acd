import type { LiveDocuments } from "../../live/live-documents.ts";
import { NotLive } from "../../live/opening.ts";
import type { GuestFile } from "../../workspace/guest-file.ts";
import type { SelectionTracker } from "../../workspace/selection/selection.ts";
import type { FileText } from "./thread-places.ts";

/** The lines of a file that a share shows; from 1, with the last one. */
export interface CommentWindow {
  readonly first: number;
  readonly last: number;
}

/** @returns undefined where the place of the shared selection is not certain (RULES R12) */
export function windowOf(
  share: string,
  { file, selection }: GuestFile,
  { lines, content }: FileText,
  documents: Pick<LiveDocuments, "get" | "viewOf">,
): CommentWindow | undefined {
  if (selection === undefined) return { first: 1, last: lines.length };
  const live = documents.get(file.place);
  if (live === undefined) return placed(selection, content);
  try {
    const view = documents.viewOf(live, share, selection);
    const { text } = live.document;
    const lineOf = (position: number) => text.lineAt(view.positionInDocument(position)).number;
    return { first: lineOf(0), last: lineOf(view.text.length) };
  } catch (error) {
    if (error instanceof NotLive) return undefined;
    throw error;
  }
}

function placed(selection: SelectionTracker, content: string): CommentWindow | undefined {
  const { line, end_line, outdated } = selection.place(content).placement;
  return outdated ? undefined : { first: line, last: end_line };
}

/** A line of the file as a guest of the share counts it. */
export function lineIn(window: CommentWindow | undefined, line: number): number {
  return window === undefined ? 1 : Math.min(Math.max(line, window.first), window.last) - window.first + 1;
}
