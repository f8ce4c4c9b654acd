import { ChangeSet, type Text } from "@codemirror/state";
import { insidePair } from "../../../src/live/index.ts";

/** The same numbers for the same seed: a failing run can be repeated. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** At least 0, less than 1. */
  next(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state / 4_294_967_296;
  }

  /** An integer at least 0 and less than `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}

const words = ["a", "bc", "\n", "déf", "😀", "x\ny", " ", "12345", "e\u0301", "👩‍👩‍👧", "😁\n😂"];

/** One to three places of a text, each with something deleted, inserted, or both, around whole characters. */
export function randomChange(random: Random, text: Text): ChangeSet {
  const specs: { from: number; to: number; insert: string }[] = [];
  let at = 0;
  for (let left = random.chance(0.1) ? 3 : 1; left > 0 && at <= text.length; left--) {
    const from = whole(text, at + random.below(Math.min(text.length - at, 60) + 1));
    const to = whole(text, Math.min(text.length, from + (random.chance(0.35) ? random.below(7) : 0)));
    specs.push({ from, to, insert: random.chance(0.75) ? random.pick(words) : "" });
    at = to + 1;
  }
  return ChangeSet.of(specs, text.length);
}

/** Another face for the first emoji, as editors report it: only the second half of the surrogate pair changes. */
export function otherFace(text: Text): ChangeSet | undefined {
  const at = text.toString().indexOf("\ud83d");
  return at < 0 ? undefined : ChangeSet.of({ from: at + 1, to: at + 2, insert: "\ude06" }, text.length);
}

function whole(text: Text, position: number): number {
  return insidePair(text, position) ? position + 1 : position;
}
