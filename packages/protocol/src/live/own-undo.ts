import type { ChangeSet, Text } from "@codemirror/state";

/** Takes one group of the person's own changes back, from the text after it. */
interface Entry {
  inverse: ChangeSet;
  /** What others changed since, before the person's next own change: from the text that `inverse` starts from. */
  since: ChangeSet | undefined;
}

/** An undo or redo, for the shown text. */
export interface UndoStep {
  readonly change: ChangeSet;
  /** Where the caret belongs afterwards. */
  readonly caret: number;
}

export interface OwnUndoOptions {
  /** How many groups can be taken back. */
  readonly depth?: number;
  /** Changes at one place, at most this many milliseconds apart, are one group. */
  readonly groupDelay?: number;
}

/**
 * Undo of the own changes in a text that others change too. Others' changes are kept once, on the newest group, and move down
 * as groups are taken back. All changes are those of the text that the editor shows.
 */
export class OwnUndo {
  readonly #depth: number;
  readonly #groupDelay: number;
  #done: Entry[] = [];
  #undone: Entry[] = [];
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(options: OwnUndoOptions = {}) {
    this.#depth = options.depth ?? 500;
    this.#groupDelay = options.groupDelay ?? 500;
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  /** The person changed `before` at `now`, in milliseconds. `sameGroup` says what time and place say otherwise. */
  add(change: ChangeSet, before: Text, now: number, sameGroup?: boolean): void {
    if (change.empty) return;
    this.#undone = [];
    const inverse = change.invert(before);
    const joins = sameGroup ?? (now - this.#lastAt <= this.#groupDelay && this.#touchesLast(change));
    if (joins && this.#done.length > 0) {
      const last = this.#settle(this.#done) as Entry;
      this.#done.push({ inverse: inverse.compose(last.inverse), since: undefined });
    } else push(this.#done, inverse, this.#depth);
    this.#lastAt = now;
  }

  /** The next own change begins a new group: after a save, or where the caret moved. */
  endGroup(): void {
    this.#lastAt = Number.NEGATIVE_INFINITY;
  }

  /** Somebody else changed the text. */
  receive(change: ChangeSet): void {
    for (const entries of [this.#done, this.#undone]) addSince(entries, change);
  }

  /** Takes the last group back that still changes something; the caller applies it as an edit of the person's. */
  undo(shown: Text): UndoStep | undefined {
    return this.#step(this.#done, this.#undone, shown);
  }

  redo(shown: Text): UndoStep | undefined {
    return this.#step(this.#undone, this.#done, shown);
  }

  /** Forgets everything: after a refusal, whose roll-back would otherwise be undone once more. */
  clear(): void {
    this.#done = [];
    this.#undone = [];
    this.endGroup();
  }

  #step(from: Entry[], to: Entry[], shown: Text): UndoStep | undefined {
    this.endGroup();
    for (let entry = this.#settle(from); entry; entry = this.#settle(from)) {
      if (entry.inverse.empty) continue;
      push(to, entry.inverse.invert(shown), this.#depth);
      return { change: entry.inverse, caret: caretAfter(entry.inverse) };
    }
    return undefined;
  }

  /** Takes the newest entry off, moved over what others did since, which moves on to the entry below. */
  #settle(entries: Entry[]): Entry | undefined {
    const entry = entries.pop();
    if (!entry?.since) return entry;
    const inverse = entry.inverse.map(entry.since);
    addSince(entries, entry.since.map(entry.inverse, true));
    return { inverse, since: undefined };
  }

  /** Whether the change touches the place of the last own one. */
  #touchesLast(change: ChangeSet): boolean {
    const last = this.#done.at(-1);
    if (!last) return false;
    let touches = false;
    const place = last.since ? last.inverse.desc.mapDesc(last.since.desc) : last.inverse.desc;
    change.iterChangedRanges((from, to) => {
      touches ||= place.touchesRange(from, to) !== false;
    });
    return touches;
  }
}

function push(entries: Entry[], inverse: ChangeSet, depth: number): void {
  entries.push({ inverse, since: undefined });
  if (entries.length > depth) entries.shift();
}

function addSince(entries: readonly Entry[], change: ChangeSet): void {
  const last = entries.at(-1);
  if (last && !change.empty) last.since = last.since ? last.since.compose(change) : change;
}

function caretAfter(change: ChangeSet): number {
  let caret = 0;
  change.iterChangedRanges((_fromA, _toA, _fromB, toB) => {
    caret = toB;
  });
  return caret;
}
