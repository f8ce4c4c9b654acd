import { ChangeSet, type Text } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import { OwnUndo, toText } from "../../../src/live/index.ts";
import { Random } from "./random-text.ts";

/** A text with the undo of one person; others write in it too. */
class Page {
  text: Text;
  readonly undo: OwnUndo;
  #now = 0;

  constructor(text: string, depth = 500) {
    this.text = toText(text);
    this.undo = new OwnUndo({ depth });
  }

  /** Replaces `from`–`to`; a second later than the last one, if nothing else is said. */
  type(from: number, to: number, insert: string, after = 1000): void {
    const change = ChangeSet.of({ from, to, insert }, this.text.length);
    this.#now += after;
    this.undo.add(change, this.text, this.#now);
    this.text = change.apply(this.text);
  }

  other(from: number, to: number, insert: string): void {
    const change = ChangeSet.of({ from, to, insert }, this.text.length);
    this.undo.receive(change);
    this.text = change.apply(this.text);
  }

  back(): number | undefined {
    return this.#take(this.undo.undo(this.text));
  }

  again(): number | undefined {
    return this.#take(this.undo.redo(this.text));
  }

  #take(step: { change: ChangeSet; caret: number } | undefined): number | undefined {
    if (step) this.text = step.change.apply(this.text);
    return step?.caret;
  }

  toString(): string {
    return this.text.toString();
  }
}

describe("undo of the own changes", () => {
  it("takes only mine, in 1000 random texts, and leaves exactly what others wrote", () => {
    const random = new Random(33);
    for (let run = 0; run < 1000; run++) {
      const page = new Page("");
      let others = 0;
      for (let left = random.below(30) + 1; left > 0; left--) {
        const at = random.below(page.text.length + 1);
        if (random.chance(0.5)) page.type(at, at, "mine".slice(random.below(4)), random.below(900));
        else {
          page.other(at, at, "XY".slice(random.below(2)));
          others = page.text.toString().replace(/[a-z]/g, "").length;
        }
      }
      const all = page.toString();
      while (page.back() !== undefined);
      expect(page.toString()).toMatch(/^[XY]*$/);
      expect(page.text.length).toBe(others);
      while (page.again() !== undefined);
      expect([...page.toString()].sort()).toEqual([...all].sort());
    }
  });

  it("leaves the text that somebody put inside mine", () => {
    const page = new Page("[]");
    page.type(1, 1, "my words");
    page.other(4, 4, "THEIRS");
    expect(page.toString()).toBe("[my THEIRSwords]");
    page.back();
    expect(page.toString()).toBe("[THEIRS]");
    page.again();
    expect(page.toString().replace("THEIRS", "")).toBe("[my words]");
  });

  it("brings back what I deleted, where it was", () => {
    const page = new Page("one two three");
    page.type(4, 8, "");
    page.other(0, 0, "zero ");
    page.other(page.text.length, page.text.length, " four");
    expect(page.back()).toBe("zero one two ".length);
    expect(page.toString()).toBe("zero one two three four");
  });

  it("does not take a checkout of the file back, only what I wrote", () => {
    const page = new Page("a\nb\nc\n");
    page.type(0, 0, "mine ");
    page.other(7, 11, "B from the disk\nC from the disk\n");
    page.back();
    expect(page.toString()).toBe("a\nB from the disk\nC from the disk\n");
    expect(page.back()).toBeUndefined();
  });

  it("passes over changes of mine that others deleted altogether", () => {
    const page = new Page("keep ");
    page.type(0, 0, "first ");
    page.type(11, 11, "second");
    page.other(11, 17, "");
    page.back();
    expect(page.toString()).toBe("keep ");
  });

  it("redoes after others' edits, and forgets the redo at a new change", () => {
    const page = new Page("");
    page.type(0, 0, "a");
    page.type(1, 1, "b");
    page.back();
    page.back();
    page.other(0, 0, "X");
    page.again();
    page.again();
    expect(page.toString()).toBe("Xab");
    page.back();
    page.type(0, 0, "new");
    expect(page.undo.canRedo).toBe(false);
    expect(page.again()).toBeUndefined();
  });

  it("groups what is typed at one place without a pause", () => {
    const page = new Page("\n\n");
    for (const [index, key] of [..."hello"].entries()) page.type(index, index, key, 100);
    page.other(0, 0, "X");
    page.type(6, 6, "!", 100);
    page.type(8, 8, "elsewhere", 100);
    page.back();
    expect(page.toString()).toBe("Xhello!\n\n");
    page.back();
    expect(page.toString()).toBe("X\n\n");
  });

  it("begins a new group when it is told to", () => {
    const page = new Page("");
    page.type(0, 0, "a", 10);
    page.undo.endGroup();
    page.type(1, 1, "b", 10);
    page.back();
    expect(page.toString()).toBe("a");
  });

  it("keeps no more groups than its depth", () => {
    const page = new Page("", 3);
    for (let at = 0; at < 5; at++) page.type(at, at, String(at));
    while (page.back() !== undefined);
    expect(page.toString()).toBe("01");
  });

  it("forgets everything when it is told to", () => {
    const page = new Page("");
    page.type(0, 0, "a");
    page.undo.clear();
    expect([page.undo.canUndo, page.undo.canRedo, page.back()]).toEqual([false, false, undefined]);
  });
});
