import type { Caret } from "@waiide/protocol";
import { Throttle } from "../base/throttle.ts";
import type { LogEntry } from "./change-log.ts";

/** Positions of the document: anchor and head of each selection. */
export type Ranges = readonly (readonly [number, number])[];

/** Where someone is in a document. */
export interface Place {
  readonly ranges: Ranges;
  readonly visible: readonly [number, number] | undefined;
  readonly follows: string | undefined;
}

/** A participant, as the cursors of a document see them. */
export interface CursorMember {
  /** How a viewer calls them, and what it may see of them; undefined: nothing. */
  caretFor(viewer: CursorMember, place: Place): Caret | undefined;
  /** How this viewer calls another one. */
  nameOf(other: CursorMember): string;
  /** @returns whether it was sent: not to someone who is behind */
  sendCursors(changed: readonly Caret[], gone: readonly string[]): void;
}

/** Twenty times a second. Milliseconds. */
const interval = 50;

/** Who is where in one document. Others are sent what moved, at most every 50 ms; the places move with the text. */
export class Cursors {
  readonly #places = new Map<CursorMember, Place>();
  /** By viewer: whom they were shown. */
  readonly #shown = new Map<CursorMember, Set<string>>();
  readonly #moved = new Set<CursorMember>();
  readonly #sending = new Throttle(interval, () => this.#send());

  /** Someone came: they are told who is where. */
  joined(viewer: CursorMember): void {
    this.#shown.set(viewer, new Set());
    this.#tell(viewer, [...this.#places.keys()]);
  }

  /** @param place undefined: they are in no editor */
  moved(member: CursorMember, place: Place | undefined): void {
    if (place === undefined && !this.#places.has(member)) return;
    // The newest last: of several pages of one person it is the one that counts.
    this.#places.delete(member);
    if (place !== undefined) this.#places.set(member, place);
    this.#moved.add(member);
    this.#sending.call();
  }

  left(member: CursorMember): void {
    this.#shown.delete(member);
    this.moved(member, undefined);
  }

  /** The text has changed. */
  follow({ change }: LogEntry): void {
    const move = ([anchor, head]: readonly [number, number]) =>
      [change.mapPos(anchor, 1), change.mapPos(head, 1)] as const;
    for (const [member, { ranges, visible, follows }] of this.#places) {
      this.#places.set(member, { ranges: ranges.map(move), visible: visible && move(visible), follows });
    }
  }

  close(): void {
    this.#sending.close();
  }

  #send(): void {
    const moved = [...this.#moved];
    this.#moved.clear();
    for (const viewer of [...this.#shown.keys()]) this.#tell(viewer, moved);
  }

  #tell(viewer: CursorMember, moved: readonly CursorMember[]): void {
    const shown = this.#shown.get(viewer);
    if (shown === undefined) return;
    const names = new Set(moved.filter((member) => member !== viewer).map((member) => viewer.nameOf(member)));
    const changed: Caret[] = [];
    const gone: string[] = [];
    for (const name of names) {
      const caret = this.#caret(viewer, name);
      if (caret !== undefined) changed.push(caret);
      else if (shown.has(name)) gone.push(name);
    }
    for (const { person } of changed) shown.add(person);
    for (const person of gone) shown.delete(person);
    if (changed.length > 0 || gone.length > 0) viewer.sendCursors(changed, gone);
  }

  /** A person by their page that moved last. */
  #caret(viewer: CursorMember, name: string): Caret | undefined {
    const members = [...this.#places]
      .reverse()
      .filter(([member]) => member !== viewer && viewer.nameOf(member) === name);
    for (const [member, place] of members) {
      const caret = member.caretFor(viewer, place);
      if (caret !== undefined) return caret;
    }
    return undefined;
  }
}
