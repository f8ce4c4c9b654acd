import { randomUUID } from "node:crypto";
import {
  type ChangeSet,
  clipRange,
  liftChange,
  projectChange,
  type SelectionWindow,
  type Text,
} from "@waiide/protocol/live";
import { LineText } from "../workspace/selection/line-text.ts";
import type { SelectionTracker } from "../workspace/selection/selection.ts";
import type { Author } from "./author.ts";
import { ChangeLog, entryOf, type LogEntry } from "./change-log.ts";
import type { LiveDocument } from "./live-document.ts";
import { NotLive } from "./opening.ts";
import type { View } from "./view.ts";

/**
 * What the guests of a selection share have of a document: the selection, which moves with the text (RULES R12, R24). It has
 * changes of its own, so that nothing tells of what happens outside.
 */
export class WindowView implements View {
  readonly isPart = true;
  readonly epoch = randomUUID();
  readonly #document: LiveDocument;
  readonly #share: string;
  readonly #tracker: SelectionTracker;
  readonly #log = new ChangeLog(0);
  #window: SelectionWindow;
  /** Revisions of the window that are not in the file, with those of the document. */
  #unsaved: { readonly rev: number; readonly documentRev: number }[] = [];
  #savedRev = 0;

  /** @throws NotLive where the place of the selection is not certain */
  constructor(document: LiveDocument, share: string, tracker: SelectionTracker) {
    this.#document = document;
    this.#share = share;
    this.#tracker = tracker;
    this.#window = placeIn(document, tracker);
    document.onChange.add((entry) => this.#onChange(entry));
  }

  get rev(): number {
    return this.#log.rev;
  }

  get text(): Text {
    return this.#document.text.slice(this.#window.from, this.#window.to);
  }

  get savedRev(): number {
    const { disk, isDirty } = this.#document;
    if (!isDirty) return this.rev;
    const saved = this.#unsaved.findLast(({ documentRev }) => documentRev <= disk.rev);
    if (saved !== undefined) {
      this.#savedRev = saved.rev;
      this.#unsaved = this.#unsaved.filter(({ rev }) => rev > saved.rev);
    }
    return this.#savedRev;
  }

  since(rev: number): readonly LogEntry[] | undefined {
    return this.#log.since(rev);
  }

  toDocument(change: ChangeSet): ChangeSet | undefined {
    return liftChange(change, this.#window, this.#document.text.length);
  }

  fromDocument(range: readonly [number, number]): readonly [number, number] | undefined {
    return clipRange(range, this.#window);
  }

  positionInDocument(position: number): number {
    return this.#window.from + position;
  }

  textAt(rev: number): Text | undefined {
    return this.#log.textAt(rev, this.text);
  }

  /** Tells those who open the selection later where it is now. */
  settle(): void {
    const { text, format } = this.#document;
    const { from, to } = this.#window;
    this.#tracker.settleAt(text.sliceString(0, text.length, format.eol), new LineText(text.toString()), from, to);
  }

  #onChange(entry: LogEntry): void {
    // The document has the new text already: the window's former one comes from taking the change back.
    const before = this.#window;
    const { change, window } = projectChange(entry.change, before, shareOf(entry.author) === this.#share);
    this.#window = window;
    if (change === undefined) return;
    const { author, client, seq } = entry;
    const former = entry.inverse?.apply(this.#document.text).slice(before.from, before.to);
    this.#log.add(entryOf(author, { client, seq, change }, former));
    this.#unsaved.push({ rev: this.rev, documentRev: this.#document.rev });
  }
}

function placeIn({ text, format }: LiveDocument, tracker: SelectionTracker): SelectionWindow {
  const { placement } = tracker.place(text.sliceString(0, text.length, format.eol));
  if (placement.outdated) throw new NotLive("outdated");
  const { line, col, end_line, end_col } = placement;
  const range = { line: line - 1, col, endLine: end_line - 1, endCol: end_col };
  const { start, end } = new LineText(text.toString()).offsetsOf(range);
  return { from: start, to: end };
}

function shareOf(author: Author): string | null {
  return "share" in author ? author.share : null;
}
