import type { ChangeJson } from "@waiide/protocol";
import { type ChangeSet, changeJson, type Text } from "@waiide/protocol/live";
import { type Author, clientOf } from "./author.ts";

/** A change that everybody has, or gets now. */
export interface LogEntry {
  readonly author: Author;
  /** Empty where no client sent it. */
  readonly client: string;
  /** Names the client among all, as `clientOf` does. */
  readonly sender: string;
  readonly seq: number;
  readonly change: ChangeSet;
  /** The change as it is sent; the same for all. */
  readonly json: ChangeJson;
  /** Takes it back; unknown of what was read from a journal's past. */
  readonly inverse: ChangeSet | undefined;
}

/** Entries kept for those who come back. */
const maxEntries = 5_000;

export function entryOf(
  author: Author,
  { client, seq, change }: Pick<LogEntry, "client" | "seq" | "change">,
  text: Text | undefined,
): LogEntry {
  return {
    author,
    client,
    sender: clientOf(author, client),
    seq,
    change,
    json: changeJson(change),
    inverse: text && change.invert(text),
  };
}

/**
 * Whether a client's change (`sender` as `clientOf` names it) goes in front of a logged one where both insert at one place. Any fixed order of clients keeps
 * words that people type at one place whole; changes that no client sent always go in front.
 */
export function goesInFront(sender: string, entry: LogEntry): boolean {
  return entry.client !== "" && sender < entry.sender;
}

/** The last changes of a text: `rev` counts all that there were. */
export class ChangeLog {
  rev: number;
  readonly #entries: LogEntry[] = [];

  /** @param rev how many changes there were before */
  constructor(rev: number) {
    this.rev = rev;
  }

  /** Changes after which revision are known. */
  get start(): number {
    return this.rev - this.#entries.length;
  }

  add(entry: LogEntry): void {
    this.#entries.push(entry);
    this.rev += 1;
    // Half at a time: moving thousands of entries at each change would cost more than the change.
    if (this.#entries.length > maxEntries * 1.5) this.#entries.splice(0, this.#entries.length - maxEntries);
  }

  /** What followed a revision; undefined: not all of it is known, or there never was that revision. */
  since(rev: number): readonly LogEntry[] | undefined {
    if (rev < this.start || rev > this.rev) return undefined;
    return rev === this.rev ? [] : this.#entries.slice(rev - this.start);
  }

  /** A change made at a revision, as one of the newest text; undefined as `since`. */
  toHead(rev: number, change: ChangeSet): ChangeSet | undefined {
    return this.since(rev)?.reduce((mapped, entry) => mapped.map(entry.change), change);
  }

  /** The text of an earlier revision; undefined where it cannot be found out. */
  textAt(rev: number, head: Text): Text | undefined {
    const later = this.since(rev);
    if (later === undefined) return undefined;
    let text = head;
    for (const { inverse } of later.toReversed()) {
      if (inverse === undefined) return undefined;
      text = inverse.apply(text);
    }
    return text;
  }
}
