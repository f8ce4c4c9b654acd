import type { ChangeSet, Text } from "@waiide/protocol/live";
import type { LogEntry } from "../../live/change-log.ts";
import type { LiveDocument } from "../../live/live-document.ts";
import type { LiveDocuments } from "../../live/live-documents.ts";
import { splitMark } from "../../workspace/documents/bom.ts";
import { isText } from "../../workspace/documents/content.ts";
import { LineText } from "../../workspace/selection/line-text.ts";
import type { WorkspaceFile } from "../../workspace/workspace-file.ts";
import { type Anchor, anchorAt, findAnchors } from "./anchor.ts";
import type { OpenThread, ThreadTable } from "./threads.ts";

export interface ThreadPlacesOptions {
  readonly threads: ThreadTable;
  readonly documents: Pick<LiveDocuments, "get" | "on">;
  /** Anchors that have changed: worth storing. */
  readonly keep: (threads: readonly OpenThread[]) => void;
}

/** What a file holds. */
export interface FileText {
  readonly lines: readonly string[];
  /** With its line ends; empty where the file is live. */
  readonly content: string;
}

/** Where a thread is in a live text; positions in it. */
interface Range {
  readonly from: number;
  readonly to: number;
  readonly lost: boolean;
}

/** A live file's text, and where its threads are in it. */
interface Followed {
  readonly document: LiveDocument;
  readonly ranges: Map<OpenThread, Range>;
}

/** Where the threads of files are: they follow each change of a live text, and are looked for in other files. */
export class ThreadPlaces {
  readonly #options: ThreadPlacesOptions;
  readonly #followed = new Map<string, Followed>();

  constructor(options: ThreadPlacesOptions) {
    this.#options = options;
    options.documents.on("live", (place, isLive) => (isLive ? this.#follow(place) : this.#leave(place)));
  }

  /** As of the live text, or of the last look into the file. */
  of(thread: OpenThread): Pick<Anchor, "line" | "end" | "lost"> {
    const followed = this.#followed.get(thread.place);
    const range = followed?.ranges.get(thread);
    return followed === undefined || range === undefined ? thread.anchor : linesOf(followed.document.text, range);
  }

  /**
   * Looks for a file's threads in what it holds now.
   * @returns its text; undefined: it is no text, or gone
   */
  async look(file: WorkspaceFile): Promise<FileText | undefined> {
    const { documents, threads } = this.#options;
    const content = documents.get(file.place) === undefined ? await file.read() : undefined;
    // It may have become live meanwhile.
    const live = documents.get(file.place);
    if (live !== undefined) return { lines: live.document.text.toJSON(), content: "" };
    if (content === undefined || !isText(content.bytes)) return undefined;
    const { text, lines } = new LineText(splitMark(String(content.bytes)).text);
    this.#move(threads.at(file.place), lines);
    return { lines, content: text };
  }

  /** A new thread. */
  add(thread: OpenThread): void {
    const followed = this.#followed.get(thread.place);
    followed?.ranges.set(thread, rangeOf(followed.document.text, thread.anchor));
  }

  /** Its file has another name. */
  move(thread: OpenThread, place: string): void {
    this.delete(thread);
    thread.place = place;
    this.add(thread);
  }

  delete(thread: OpenThread): void {
    this.#followed.get(thread.place)?.ranges.delete(thread);
  }

  /** Notes where the threads of a live file are, for when it is no longer live. */
  settle(place: string): void {
    const followed = this.#followed.get(place);
    if (followed === undefined || followed.ranges.size === 0) return;
    const { document, ranges } = followed;
    const lines = document.text.toJSON();
    const lost = [...ranges].flatMap(([thread, range]) => (range.lost ? [thread] : []));
    if (lost.length > 0) this.#find(followed, lost);
    const anchors = [...ranges].map(([thread, range]): [OpenThread, Anchor] => {
      const { line, end, lost } = linesOf(document.text, range);
      const there = lost ? undefined : anchorAt(lines, line, end);
      return [thread, there ?? { ...thread.anchor, line, end, lost }];
    });
    this.#take(anchors);
  }

  #follow(place: string): void {
    const { documents, threads } = this.#options;
    const document = documents.get(place)?.document;
    if (document === undefined) return;
    const there = threads.at(place);
    this.#move(there, document.text.toJSON());
    const ranges = new Map(there.map((thread) => [thread, rangeOf(document.text, thread.anchor)]));
    this.#followed.set(place, { document, ranges });
    document.onChange.add((entry) => this.#map(place, entry));
    document.onSaved.add(() => this.settle(place));
  }

  #leave(place: string): void {
    this.settle(place);
    this.#followed.delete(place);
  }

  #map(place: string, { change }: LogEntry): void {
    const followed = this.#followed.get(place);
    if (followed === undefined) return;
    const replaced: OpenThread[] = [];
    for (const [thread, { from, to, lost }] of followed.ranges) {
      const instead = insteadOf(change, from, to);
      if (instead !== undefined) replaced.push(thread);
      // What is inserted at its edges belongs to its neighbors.
      const start = instead ?? change.mapPos(from, 1);
      const end = instead ?? Math.max(start, change.mapPos(to, -1));
      followed.ranges.set(thread, { from: start, to: end, lost });
    }
    if (replaced.length > 0) this.#find(followed, replaced);
  }

  /** Their lines were deleted, or written anew: they may stand elsewhere, as after a formatter. */
  #find({ document, ranges }: Followed, replaced: readonly OpenThread[]): void {
    const { text } = document;
    const anchors = replaced.map((thread) => ({ ...thread.anchor, ...linesOf(text, ranges.get(thread) as Range) }));
    const found = findAnchors(text.toJSON(), anchors);
    for (const [index, thread] of replaced.entries()) ranges.set(thread, rangeOf(text, found[index] as Anchor));
  }

  #move(there: readonly OpenThread[], lines: readonly string[]): void {
    const found = findAnchors(
      lines,
      there.map(({ anchor }) => anchor),
    );
    this.#take(there.map((thread, index) => [thread, found[index] as Anchor]));
  }

  #take(anchors: readonly (readonly [OpenThread, Anchor])[]): void {
    const moved = anchors.filter(([thread, anchor]) => JSON.stringify(anchor) !== JSON.stringify(thread.anchor));
    for (const [thread, anchor] of moved) thread.anchor = anchor;
    const written = moved.map(([thread]) => thread).filter(({ isWritten }) => isWritten);
    if (written.length > 0) this.#options.keep(written);
  }
}

/** Where about a range was that a change has taken away as a whole; undefined: it has not. */
function insteadOf(change: ChangeSet, from: number, to: number): number | undefined {
  let instead: number | undefined;
  change.iterChangedRanges((start, end, newStart, newEnd) => {
    if (start < end && start <= from && end >= to) instead = Math.min(newStart + from - start, newEnd);
  }, true);
  return instead;
}

function rangeOf(text: Text, { line, end, lost }: Anchor): Range {
  const last = text.line(Math.min(end, text.lines));
  const first = text.line(Math.min(line, last.number));
  return { from: first.from, to: last.to, lost };
}

function linesOf(text: Text, { from, to, lost }: Range): Pick<Anchor, "line" | "end" | "lost"> {
  return { line: text.lineAt(from).number, end: text.lineAt(to).number, lost };
}
