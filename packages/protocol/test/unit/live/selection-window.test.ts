import { ChangeSet, type Text } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import {
  clipRange,
  isInside,
  LiveClient,
  liftChange,
  projectChange,
  type SelectionWindow,
  toText,
} from "../../../src/live/index.ts";
import { Random, randomChange } from "./random-text.ts";

const text = toText("outside [inside] outside");
const window: SelectionWindow = { from: 9, to: 15 };

function project(from: number, to: number, insert: string, own = false) {
  const change = ChangeSet.of({ from, to, insert }, text.length);
  const result = projectChange(change, window, own);
  const after = change.apply(text);
  return {
    sees: result.change?.apply(text.slice(window.from, window.to)).toString(),
    has: after.sliceString(result.window.from, result.window.to),
  };
}

describe("the window of a selection", () => {
  it.each([
    ["in front", 0, 3, "xy"],
    ["behind", 16, 20, "xy"],
    ["up to its start", 5, 9, "xy"],
    ["at its start", 9, 9, "xy"],
    ["at its end", 15, 15, "xy"],
    ["from its end", 15, 18, "xy"],
  ])("R24: its guests get nothing of what others change %s", (_where, from, to, insert) => {
    expect(project(from, to, insert)).toEqual({ sees: undefined, has: "inside" });
  });

  it.each([
    ["within", 11, 12, "XY", "inXYide"],
    ["its first characters", 9, 11, "XY", "XYside"],
    ["its last characters", 13, 15, "XY", "insiXY"],
    ["all of it", 9, 15, "XY", "XY"],
    ["across its start", 5, 11, "XY", "side"],
    ["across its end", 13, 20, "XY", "insi"],
    ["more than all of it", 5, 20, "XY", ""],
  ])("shows what others change %s as much as is inside", (_where, from, to, insert, shown) => {
    expect(project(from, to, insert)).toEqual({ sees: shown, has: shown });
  });

  it("grows with what its own guests insert at its border", () => {
    expect(project(9, 9, "XY", true)).toEqual({ sees: "XYinside", has: "XYinside" });
    expect(project(15, 15, "XY", true)).toEqual({ sees: "insideXY", has: "insideXY" });
  });

  it("R24: a change that is longer or shorter than the window is refused whole", () => {
    for (const length of [5, 7, text.length]) {
      const change = ChangeSet.of({ from: 0, to: length }, length);
      expect(liftChange(change, window, text.length)).toBeUndefined();
    }
    expect(liftChange(ChangeSet.of({ from: 0, to: 6 }, 6), window, 12)).toBeUndefined();
  });

  it("R24: knows a change of the document that lies outside or crosses its border", () => {
    const change = (from: number, to: number) => ChangeSet.of({ from, to, insert: "x" }, text.length);
    expect(isInside(change(9, 15), window)).toBe(true);
    expect(isInside(change(8, 10), window)).toBe(false);
    expect(isInside(change(14, 16), window)).toBe(false);
    expect(isInside(change(0, 0), window)).toBe(false);
  });

  it("R24: clips carets and hides those outside", () => {
    expect(clipRange([10, 12], window)).toEqual([1, 3]);
    expect(clipRange([20, 10], window)).toEqual([6, 1]);
    expect(clipRange([0, 5], window)).toBeUndefined();
    expect(clipRange([20, 20], window)).toBeUndefined();
  });

  it("agrees with the document at random changes of two windows and the rest", () => {
    const random = new Random(62);
    for (let run = 0; run < 300; run++) simulateWindows(random);
  });
});

/** One document, two windows that may overlap, each with a guest who is always behind. */
function simulateWindows(random: Random): void {
  let document = toText("first line\nsecond 😀 line\nthird line\nfourth line\n");
  const guests = [
    [0, 25],
    [random.chance(0.5) ? 11 : 25, 37],
  ].map(([from, to]) => new WindowGuest(document, { from: from as number, to: to as number }));
  for (let left = 30; left > 0; left--) {
    const author = random.pick([undefined, ...guests]);
    if (author && random.chance(0.4)) author.catchUp();
    let change = randomChange(random, document);
    if (author) {
      author.client.edit(randomChange(random, author.client.shown));
      const outgoing = author.client.next();
      if (!outgoing) continue;
      change = author.lift(outgoing, document.length);
    }
    document = change.apply(document);
    for (const guest of guests) guest.take(change, guest === author);
  }
  for (const guest of guests) {
    guest.catchUp();
    const { from, to } = guest.window;
    expect(guest.client.confirmed.toString()).toBe(document.sliceString(from, to));
  }
}

class WindowGuest {
  readonly client: LiveClient;
  window: SelectionWindow;
  /** Changes of the window's text: all that its guest ever gets. */
  readonly #log: { change: ChangeSet; own: boolean }[] = [];
  #seq = 0;

  constructor(document: Text, window: SelectionWindow) {
    this.window = window;
    this.client = new LiveClient("a-guest", { epoch: "e", rev: 0, text: document.sliceString(window.from, window.to) });
  }

  lift({ rev, change }: { rev: number; change: unknown }, length: number): ChangeSet {
    let own = ChangeSet.fromJSON(change);
    for (const later of this.#log.slice(rev)) own = own.map(later.change);
    return liftChange(own, this.window, length) as ChangeSet;
  }

  take(change: ChangeSet, own: boolean): void {
    const projection = projectChange(change, this.window, own);
    this.window = projection.window;
    if (projection.change || own)
      this.#log.push({ change: projection.change ?? ChangeSet.empty(this.client.confirmed.length), own });
  }

  catchUp(): void {
    const news = this.#log.slice(this.client.rev).map(({ change, own }) => ({
      person: own ? "a-guest" : "other",
      change: change.toJSON(),
      ...(own && { client: "a-guest", seq: ++this.#seq }),
    }));
    this.client.receive(this.client.rev + news.length, news);
  }
}
