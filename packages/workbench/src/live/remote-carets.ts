import type { Caret } from "@waiide/protocol";
import type { ChangeSet, LiveClient } from "@waiide/protocol/live";
import { Signal } from "../session/signal.ts";

/** Somebody else in the file, in positions of the text that is shown. */
export interface ShownCaret {
  readonly person: string;
  readonly name: string;
  readonly color: string;
  /** Tells people apart whose colors look alike to somebody; 0 to 3. */
  readonly shape: number;
  /** `[anchor, head]`. */
  readonly ranges: readonly (readonly [number, number])[];
  /** What they see of the file. */
  readonly visible: readonly [number, number] | undefined;
}

/** live.css has this many. */
const shapes = 4;

/** Where the others are in a file. Between their messages, their carets move with the text: with what they type themselves, behind it. */
export class RemoteCarets {
  /** People who moved by themselves; carets that only move with the text are not named. */
  readonly onChange = new Signal<ReadonlySet<string>>();
  readonly #shapes = new Map<string, number>();
  readonly #carets = new Map<string, ShownCaret>();

  get all(): readonly ShownCaret[] {
    return [...this.#carets.values()];
  }

  of(person: string): ShownCaret | undefined {
    return this.#carets.get(person);
  }

  /** Takes `live-cursors`. */
  receive(client: LiveClient, rev: number, changed: readonly Caret[], gone: readonly string[]): void {
    for (const person of gone) this.#carets.delete(person);
    for (const { person, name, color, ranges: placed, visible: seen } of changed) {
      const ranges = placed.map(([anchor, head]) => shownRange(client, rev, anchor, head));
      const visible = seen && shownRange(client, rev, ...seen);
      this.#carets.set(person, { person, name, color, shape: this.#shapeOf(person), ranges, visible });
    }
    this.onChange.fire(new Set(changed.map(({ person }) => person)));
  }

  /** @param author whose change it is; undefined: this page's, or nobody's */
  move(change: ChangeSet, author?: string): void {
    for (const [person, caret] of this.#carets) {
      const ranges = caret.ranges.map((range) => movedRange(range, change, person === author));
      const visible = caret.visible && movedRange(caret.visible, change, false);
      this.#carets.set(person, { ...caret, ranges, visible });
    }
    if (this.#carets.size > 0) this.onChange.fire(new Set(author === undefined ? [] : [author]));
  }

  #shapeOf(person: string): number {
    const shape = this.#shapes.get(person) ?? this.#shapes.size % shapes;
    this.#shapes.set(person, shape);
    return shape;
  }

  clear(): void {
    this.#carets.clear();
    this.onChange.fire(new Set());
  }
}

type Range = readonly [number, number];

function shownRange(client: LiveClient, rev: number, anchor: number, head: number): Range {
  if (anchor === head) {
    const at = client.toShown(head, rev, -1);
    return [at, at];
  }
  const isForward = anchor < head;
  return [client.toShown(anchor, rev, isForward ? 1 : -1), client.toShown(head, rev, isForward ? -1 : 1)];
}

function movedRange([anchor, head]: Range, change: ChangeSet, isAuthor: boolean): Range {
  const at = (position: number, side: -1 | 1) => change.mapPos(Math.min(position, change.length), side);
  if (anchor === head) {
    const caret = at(head, isAuthor ? 1 : -1);
    return [caret, caret];
  }
  return [at(anchor, anchor < head ? 1 : -1), at(head, isAuthor || anchor > head ? 1 : -1)];
}
