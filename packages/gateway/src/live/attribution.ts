import { ChangeSet, type Text } from "@waiide/protocol/live";
import { type Author, type GuestAuthor, guestsAmong, visitOf } from "./author.ts";
import type { LogEntry } from "./change-log.ts";
import type { LiveDocument } from "./live-document.ts";
import { encode } from "./text-format.ts";

/** What people made of a file, from one state of it to a later one. */
export interface AttributedWrite {
  /** Absolute path of the file, after links. */
  readonly place: string;
  readonly before: Buffer;
  readonly after: Buffer;
  /** Guests who made changes. */
  readonly authors: readonly GuestAuthor[];
  /**
   * `before` with all changes but those of a share's guests; undefined: others changed what these guests had changed, or not
   * every change is known any more.
   */
  readonly withoutGuestsOf: (share: string) => Buffer | undefined;
}

/** Tells the changes of guests of a live file from all others (RULES R11). */
export class Attribution {
  readonly #document: LiveDocument;
  readonly #report: (write: AttributedWrite) => void;
  #rev: number;
  #text: Text;
  /** A window saved what it shows before we know all of its changes. */
  #awaited: Text | undefined;

  /** @param report called with the changes between two states of the file */
  constructor(document: LiveDocument, report: (write: AttributedWrite) => void) {
    this.#document = document;
    this.#report = report;
    const { rev, text } = document.disk;
    this.#rev = rev;
    this.#text = text;
    document.onChange.add(() => {
      if (this.#awaited?.eq(document.text)) this.saved(document.rev, document.text);
    });
  }

  /** The file holds a text now. @param rev undefined: it is none of ours, so far */
  saved(rev: number | undefined, text: Text): void {
    this.#awaited = rev === undefined ? text : undefined;
    if (rev === undefined || rev <= this.#rev) return;
    const { log, format, file } = this.#document;
    const entries = log.since(this.#rev)?.slice(0, rev - this.#rev);
    const [before, after] = [encode(this.#text, format), encode(text, format)];
    this.#rev = rev;
    this.#text = text;
    const authors = authorsOf(entries ?? log.since(log.start) ?? []);
    if (authors.length === 0) return;
    const withoutGuestsOf = (share: string): Buffer | undefined => {
      if (entries?.every(({ author }) => isGuestOf(author, share))) return before;
      const others = entries && undoOf(entries, share, text.length)?.apply(text);
      return others && encode(others, format);
    };
    this.#report({ place: file.place, before, after, authors, withoutGuestsOf });
  }
}

/**
 * What takes back the changes of a share's guests, and no others', in the text after all of them.
 * @returns undefined where others changed what these guests had changed
 */
function undoOf(entries: readonly LogEntry[], share: string, length: number): ChangeSet | undefined {
  const begin = entries[0]?.change.length ?? length;
  let undo = ChangeSet.empty(begin);
  for (const { author, change, inverse } of entries) {
    if (isGuestOf(author, share)) {
      if (inverse === undefined) return undefined;
      undo = inverse.compose(undo);
    } else {
      if (touches(undo, change)) return undefined;
      undo = undo.map(change);
    }
  }
  return undo;
}

/** Whether two changes of one text meet, also side by side. */
function touches(one: ChangeSet, other: ChangeSet): boolean {
  let meets = false;
  one.iterChangedRanges((from, to) => {
    if (other.touchesRange(from, to) !== false) meets = true;
  });
  return meets;
}

function isGuestOf(author: Author, share: string): boolean {
  return "share" in author && author.share === share;
}

function authorsOf(entries: readonly LogEntry[]): GuestAuthor[] {
  const guests = guestsAmong(entries.map(({ author }) => author));
  return [...new Map(guests.map((guest) => [visitOf(guest), guest])).values()];
}
