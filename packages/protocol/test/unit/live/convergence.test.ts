import { describe, expect, it } from "vitest";
import { toText } from "../../../src/live/index.ts";
import { Random, randomChange } from "./random-text.ts";
import { simulate, typeWords } from "./simulation.ts";

/** WAIIDE_LIVE_OPERATIONS=1000000 for the long run, which takes minutes. */
const operations = process.env.WAIIDE_LIVE_OPERATIONS;
const timeout = operations === undefined ? 240_000 : 24 * 3_600_000;

describe("live editing: all have the same text", () => {
  it.each([
    [2, 10_000],
    [8, 4_000],
    [100, 300],
  ])("after random typing of %i people with lost frames and slow editors", { timeout }, (people, few) => {
    const result = simulate({ seed: people, people, operations: Number(operations ?? few) });
    const text = result.authority.text.toString();
    expect(text.isWellFormed()).toBe(true);
    for (const person of result.people) {
      expect(person.client.confirmed.toString()).toBe(text);
      expect(person.client.shown.toString()).toBe(text);
      expect(person.editor.text.toString()).toBe(text);
    }
    expect(result.people.some((person) => person.refusedByEditor > 0)).toBe(true);
  });

  it("whatever the order in which two changes come, with emoji and accents", () => {
    const random = new Random(2);
    for (let run = 0; run < 5000; run++) {
      const text = toText("hello 😀 wor\u0301ld\nsecond 👩‍👩‍👧 line\n".slice(0, random.below(34)).toWellFormed());
      const [a, b] = [randomChange(random, text), randomChange(random, text)];
      const one = a.compose(b.map(a)).apply(text).toString();
      expect(b.compose(a.map(b, true)).apply(text).toString()).toBe(one);
      expect(one.isWellFormed()).toBe(true);
    }
  });

  it("words that people type at one place at the same time stay whole", () => {
    const words = ["- item ", "(ben) ", "<c>"];
    for (let seed = 0; seed < 300; seed++) {
      const text = typeWords(words, seed);
      for (const word of words) expect(text).toContain(word);
      expect(text).toHaveLength(2 + words.join("").length);
    }
  });
});
