import type { ChangeSet, Text } from "@waiide/protocol/live";
import { goesInFront, type LogEntry } from "./change-log.ts";

/** What a participant has of a document: all of it, or a selection. Revisions and positions are those of this view. */
export interface View {
  /** Whether it is a part only. */
  readonly isPart: boolean;
  readonly epoch: string;
  readonly rev: number;
  readonly text: Text;
  /** The last revision that is in the file. */
  readonly savedRev: number;
  /** What followed a revision; undefined: not all of it is known, or there never was that revision. */
  since(rev: number): readonly LogEntry[] | undefined;
  /** A change of the view's newest text as one of the document's; undefined where it is none of this view. */
  toDocument(change: ChangeSet): ChangeSet | undefined;
  /** A range of the document in the view; undefined where it lies outside. */
  fromDocument(range: readonly [number, number]): readonly [number, number] | undefined;
  /** A position of the view in the document. */
  positionInDocument(position: number): number;
  /** The text of an earlier revision; undefined where it cannot be found out. */
  textAt(rev: number): Text | undefined;
}

/** A client's change made at a revision of the view, as one of its newest text; undefined where that revision is not known. */
export function toHead(
  view: View,
  { rev, change, sender }: { rev: number; change: ChangeSet; sender: string },
): ChangeSet | undefined {
  return view.since(rev)?.reduce((mapped, entry) => mapped.map(entry.change, goesInFront(sender, entry)), change);
}

/** How long the view's text was at a revision; undefined where that revision is not known. */
export function lengthAt(view: View, rev: number): number | undefined {
  const later = view.since(rev);
  return later && (later[0]?.change.length ?? view.text.length);
}
