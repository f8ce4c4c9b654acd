import { ChangeSet, type Text } from "@codemirror/state";

/** The part of a document that guests of a selection have, as offsets. */
export interface SelectionWindow {
  readonly from: number;
  readonly to: number;
}

/** What a change of the document is for a window. */
export interface Projection {
  /** The change of the window's text; undefined where the change does not touch it. */
  readonly change: ChangeSet | undefined;
  /** Where the window is after the change. */
  readonly window: SelectionWindow;
}

interface Spec {
  from: number;
  to: number;
  insert: Text;
}

/**
 * Clips a change of the document to a window. What the window's own guests (`own`: anybody who writes through this window)
 * insert at its border is inside; what others insert there stays outside. Of others' text that replaces a piece
 * across the border, nothing comes in.
 */
export function projectChange(change: ChangeSet, window: SelectionWindow, own: boolean): Projection {
  const { from, to } = window;
  const specs: Spec[] = [];
  // How far the border moves: by what happens in front of the window, and inside it.
  let before = 0;
  let inside = 0;
  change.iterChanges((fromA, toA, _fromB, _toB, insert) => {
    const cut = { from: clamp(fromA, from, to), to: clamp(toA, from, to) };
    before -= Math.min(toA, from) - Math.min(fromA, from);
    inside -= cut.to - cut.from;
    const place = placeOf(fromA, toA, window, own);
    if (place === "before") before += insert.length;
    if (place === "inside") inside += insert.length;
    const kept = place === "inside" ? insert : insert.slice(0, 0);
    if (cut.to > cut.from || kept.length > 0) specs.push({ from: cut.from - from, to: cut.to - from, insert: kept });
  }, true);
  const start = from + before;
  return {
    change: specs.length > 0 ? ChangeSet.of(specs, to - from) : undefined,
    window: { from: start, to: start + (to - from) + inside },
  };
}

/** A change of the window's text as one of the whole document; undefined where it is not one of this window. */
export function liftChange(change: ChangeSet, window: SelectionWindow, length: number): ChangeSet | undefined {
  if (change.length !== window.to - window.from || window.to > length) return undefined;
  const specs: Spec[] = [];
  change.iterChanges((fromA, toA, _fromB, _toB, insert) => {
    specs.push({ from: window.from + fromA, to: window.from + toA, insert });
  }, true);
  return ChangeSet.of(specs, length);
}

/** Whether a change of the document lies in the window altogether. */
export function isInside(change: ChangeSet, window: SelectionWindow): boolean {
  let inside = true;
  change.iterChangedRanges((from, to) => {
    inside &&= from >= window.from && to <= window.to;
  }, true);
  return inside;
}

/** A range of the document as the window's guests see it; undefined where it lies outside. */
export function clipRange(range: readonly [number, number], window: SelectionWindow): [number, number] | undefined {
  const [first, last] = range[0] <= range[1] ? range : [range[1], range[0]];
  if (last < window.from || first > window.to) return undefined;
  return [clamp(range[0], window.from, window.to) - window.from, clamp(range[1], window.from, window.to) - window.from];
}

function placeOf(from: number, to: number, window: SelectionWindow, own: boolean): "before" | "inside" | "after" {
  const within = from >= window.from && to <= window.to;
  if (within && (own || from < to || (from > window.from && to < window.to))) return "inside";
  return from <= window.from ? "before" : "after";
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
